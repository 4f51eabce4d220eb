package cases

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/security/access"
	"treasury-switch/switch/payment"
)

// Propose records how a member of staff wants the open cases of a payment to end. It has no effect until another
// person accepts it, and lapses when the payment changes. fault.Conflict: no case is open, the payment's status does
// not allow this end, or another proposal waits.
func Propose(ctx context.Context, db postgres.Querier, by access.By, tracking string, end End, reason string) (Dossier, error) {
	if _, err := access.RoleOf(ctx, db, by.User); err != nil {
		return Dossier{}, err
	}
	reason, err := access.Reason(reason)
	if err != nil {
		return Dossier{}, err
	}
	d, err := Show(ctx, db, tracking, by.At)
	if err != nil {
		return Dossier{}, err
	}
	q := Proposal{Version: d.Version, Round: 1, CaseVersion: d.latest(), Status: d.Status, Outcome: end, Maker: by.User,
		Reason: reason, MadeAt: by.At}
	if q.CaseVersion == 0 {
		return Dossier{}, fault.New(fault.Conflict, "every case of payment %s is answered", d.Tracking)
	}
	if err := mayEnd(d.payment, end); err != nil {
		return Dossier{}, err
	}
	if last := d.Last(); last != nil && last.Version == d.Version {
		if last.Verdict == "" {
			return Dossier{}, fault.New(fault.Conflict, "%s has proposed %q for payment %s: a checker decides about that first",
				last.Maker, last.Outcome, d.Tracking)
		}
		q.Round = last.Round + 1
	}
	if err := insertProposal(ctx, db, d.payment.Key, q); err != nil {
		return Dossier{}, err
	}
	return Show(ctx, db, tracking, by.At)
}

// mayEnd checks whether the cases of a payment can end like this, by the rules of Decide, which apply again when the
// decision is carried out.
func mayEnd(p payment.Payment, end End) error {
	switch {
	case end != EndClosed && end.status() == payment.None:
		return fault.New(fault.Invalid, "a case ends as %s, %s or %s, not as %q", EndApproved, EndReversed, EndClosed, end)
	case end == EndClosed && p.Status == payment.Case:
		return fault.New(fault.Conflict, "payment %s is a CASE: it ends as %s or %s", p.Tracking(), EndApproved, EndReversed)
	case p.Status == payment.Case:
		_, err := payment.Decide(p, payment.OperatorsDecided{Outcome: end.status(), Maker: "maker", Checker: "checker"})
		return err
	case p.Status == payment.Pending || p.Status == payment.Reversing:
		return fault.New(fault.Conflict, "payment %s is %s: wait for its outcome", p.Tracking(), p.Status)
	case end != EndClosed:
		return fault.New(fault.Conflict, "payment %s is %s and not a CASE: no money moves, its cases can only be %s",
			p.Tracking(), p.Status, EndClosed)
	}
	return nil
}

// insertProposal takes the round; fault.Conflict if another proposal has it.
func insertProposal(ctx context.Context, db postgres.Querier, k payment.Key, q Proposal) error {
	err := insertOnce(ctx, db, `
		INSERT INTO case_proposal (agency, opened_on, payment, version, round, case_version, status, outcome, maker, reason, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING RETURNING round`,
		k.Agency, k.OpenedOn.Time(), k.ID, q.Version, q.Round, q.CaseVersion, string(q.Status), string(q.Outcome), q.Maker, q.Reason, q.MadeAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.New(fault.Conflict, "somebody else has proposed something for this payment at the same moment: look at it first")
	}
	return err
}

// insertOnce runs an INSERT that returns its round; pgx.ErrNoRows if the row's key is taken. After a lost connection
// it is unknown whether the row was written; repeating is harmless.
func insertOnce(ctx context.Context, db postgres.Querier, sql string, args ...any) error {
	var round int16
	err := db.QueryRow(ctx, sql, args...).Scan(&round)
	switch {
	case err == nil || errors.Is(err, pgx.ErrNoRows):
		return err
	case postgres.Refused(err):
		return fault.New(fault.Denied, "the database refuses it: %w", err)
	case postgres.State(err) != "":
		return fault.New(fault.Unavailable, "record it in the database: %w", err)
	}
	return fault.New(fault.Unknown, "record it in the database, where it may stand now: %w", err)
}

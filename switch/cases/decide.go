package cases

import (
	"cmp"
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
	"treasury-switch/security/access"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// dayTries bounds how often a decision is dated again because its business day was closed meanwhile.
const dayTries = 3

// Decider decides cases: it writes decisions to DB, and records their effect on the money through the recorder.
type Decider struct {
	DB       postgres.Querier
	Recorder recorder.Recording
	DayReach int // as in Config; ledger.DefaultReach if zero
}

// Decide accepts the last proposal for a payment and carries it out; with a proposal id it accepts that one or none.
// The decider is a checker and not the maker of the proposal (fault.Denied), and the payment is unchanged since the
// proposal (fault.Conflict).
//
// The decision is written first, then the payment's record, by the recorder. If anything breaks in between, the same
// checker may decide again: the record's version is fixed by the proposal, so it is written once or not at all.
func (k Decider) Decide(ctx context.Context, by access.By, tracking, id string) (Dossier, error) {
	d, q, err := k.proposed(ctx, by, tracking, id)
	if err != nil || q.Done {
		return d, err
	}
	if q.Version != d.Version {
		return Dossier{}, changed(&d.payment)
	}
	if err := mayEnd(d.payment, q.Outcome); err != nil {
		return Dossier{}, err
	}
	if q.Verdict == "" {
		if err := insertDecision(ctx, k.DB, d.payment.Key, q, by, VerdictAccepted, ""); err != nil {
			return Dossier{}, err
		}
	}
	if q.Outcome != EndClosed {
		if err := k.carryOut(ctx, d.payment, q, by); err != nil {
			return Dossier{}, err
		}
	}
	return Show(ctx, k.DB, tracking, by.At)
}

// Reject rejects the last proposal for a payment, with a reason for its maker. The case stays open.
func (k Decider) Reject(ctx context.Context, by access.By, tracking, id, reason string) (Dossier, error) {
	reason, err := access.Reason(reason)
	if err != nil {
		return Dossier{}, err
	}
	d, q, err := k.proposed(ctx, by, tracking, id)
	if err != nil {
		return Dossier{}, err
	}
	if q.Verdict != "" {
		return Dossier{}, fault.New(fault.Conflict, "proposal %s for payment %s was %s already", q.ID(), d.Tracking, q.Verdict)
	}
	if err := insertDecision(ctx, k.DB, d.payment.Key, q, by, VerdictRejected, reason); err != nil {
		return Dossier{}, err
	}
	return Show(ctx, k.DB, tracking, by.At)
}

// proposed reads the last proposal for a payment, and checks that this person may decide about it. A proposal that
// was accepted can be accepted again by the same person only.
func (k Decider) proposed(ctx context.Context, by access.By, tracking, id string) (Dossier, Proposal, error) {
	var q Proposal
	role, err := access.RoleOf(ctx, k.DB, by.User)
	if err != nil {
		return Dossier{}, q, err
	}
	d, err := Show(ctx, k.DB, tracking, by.At)
	if err != nil {
		return d, q, err
	}
	if d.Last() == nil {
		return d, q, fault.New(fault.NotFound, "nobody has proposed anything for payment %s", d.Tracking)
	}
	q = *d.Last()
	switch {
	case id != "" && id != q.ID():
		err = fault.New(fault.Conflict, "the proposal for payment %s is %s by now, not %s: look at it first", d.Tracking, q.ID(), id)
	case q.Maker == by.User:
		err = fault.New(fault.Denied, "payment %s: %s proposed it, somebody else has to decide", d.Tracking, by.User)
	case role != access.Checker:
		err = fault.New(fault.Denied, "payment %s: %s is no checker", d.Tracking, by.User)
	case q.Verdict == VerdictRejected, q.Verdict == VerdictAccepted && q.Checker != by.User:
		err = fault.New(fault.Conflict, "proposal %s for payment %s was %s by %s", q.ID(), d.Tracking, q.Verdict, q.Checker)
	}
	return d, q, err
}

func insertDecision(ctx context.Context, db postgres.Querier, k payment.Key, q Proposal, by access.By, verdict, reason string) error {
	err := insertOnce(ctx, db, `
		INSERT INTO case_decision (agency, opened_on, payment, version, round, maker, checker, verdict, reason, decided_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING round`,
		k.Agency, k.OpenedOn.Time(), k.ID, q.Version, q.Round, q.Maker, by.User, verdict, reason, by.At)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.New(fault.Conflict, "proposal %s was decided at the same moment: look at it first", q.ID())
	}
	return err
}

// carryOut records the end of a payment in status CASE, dated by the current business day. Unlike other events it is
// not decided again on a payment that has changed: the two persons decided about the payment that they saw.
func (k Decider) carryOut(ctx context.Context, p payment.Payment, q Proposal, by access.By) error {
	for range dayTries {
		today, err := ledger.CurrentDay(ctx, k.DB, p.Book, cmp.Or(k.DayReach, ledger.DefaultReach))
		if err != nil {
			return err
		}
		plan, err := payment.Decide(p, payment.OperatorsDecided{Outcome: q.Outcome.status(), Maker: q.Maker, Checker: by.User, Today: today})
		if err != nil {
			return err
		}
		e := recorder.NewEntry(plan, by.At)
		e.Droppable = true
		outcome, err := k.Recorder.Record(ctx, e)
		switch {
		case err != nil:
			return err
		case outcome == recorder.Written:
			return nil
		case outcome == recorder.Lost:
			return k.overtaken(ctx, p, q, by)
		case outcome == recorder.AccountNotOpen:
			return fault.New(fault.Conflict, "an account of payment %s takes no credit now: reopen it and decide again, or propose "+
				"another end", p.Tracking())
		case outcome != recorder.DayNotOpen:
			return fault.New(fault.Bug, "the database refused to end the case of payment %s", p.Tracking())
		}
	}
	return fault.New(fault.Unavailable, "the business day was closed under the decision about payment %s: decide again", p.Tracking())
}

// overtaken handles a record that exists at our version. It is ours if the same checker decided twice at once.
func (k Decider) overtaken(ctx context.Context, p payment.Payment, q Proposal, by access.By) error {
	history, err := payment.History(ctx, k.DB, p.Key)
	if err != nil {
		return err
	}
	for _, r := range history {
		if r.Version == q.Version+1 && r.Status == q.Outcome.status() && r.Actor == q.Maker+"+"+by.User {
			return nil
		}
	}
	return changed(&p)
}

func changed(p *payment.Payment) error {
	return fault.New(fault.Conflict, "payment %s has changed since this was proposed: look at it and propose again", p.Tracking())
}

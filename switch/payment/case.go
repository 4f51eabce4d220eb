package payment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/postgres"
)

// CarriedOut is the condition that an accepted proposal q with its decision d has had its effect: a closed case needs
// only the decision; money has moved once the payment's next record names the two persons.
const CarriedOut = `(q.outcome = 'closed' OR EXISTS (SELECT 1 FROM event e
	WHERE e.agency = q.agency AND e.opened_on = q.opened_on AND e.payment = q.payment AND e.version = q.version + 1
	  AND e.was = 'CASE' AND e.status = upper(q.outcome) AND e.actor = q.maker || '+' || d.checker))`

// AnsweredCase is the condition that a proposal about case c, or about a later case of its payment, was accepted and
// carried out. The LIMIT makes PostgreSQL look case by case: EXISTS would become a join with everything that was ever
// decided.
const AnsweredCase = `coalesce((SELECT true FROM case_proposal q JOIN case_decision d USING (agency, opened_on, payment, version, round)
	WHERE q.agency = c.agency AND q.opened_on = c.opened_on AND q.payment = c.payment AND q.case_version >= c.version
	  AND d.verdict = 'accepted' AND ` + CarriedOut + ` LIMIT 1), false)`

// OpenCasesOnly selects the open cases c. They are few: each is found through its row in open_case, so that a list
// costs what is open and not what ever was.
const OpenCasesOnly = `open_case o CROSS JOIN LATERAL (SELECT * FROM payment_case WHERE agency = o.agency AND opened_on = o.opened_on
	     AND payment = o.payment AND version = o.version LIMIT 1) c WHERE NOT ` + AnsweredCase

// QueueCase opens the case of a plan that is recorded at that time.
func QueueCase(b *pgx.Batch, plan *Plan, at time.Time) {
	if plan.Case == "" {
		return
	}
	p := &plan.Payment
	b.Queue(`INSERT INTO payment_case (agency, opened_on, payment, version, book, owner, reason, opened_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		p.Agency, p.OpenedOn.Time(), p.ID, p.Version, p.Book, CaseOwner, string(plan.Case), at)
	b.Queue(`INSERT INTO open_case (agency, opened_on, payment, version) VALUES ($1, $2, $3, $4)`,
		p.Agency, p.OpenedOn.Time(), p.ID, p.Version)
}

// CaseOwner owns a case until a person takes it: the treasury's reconciliation desk.
const CaseOwner = "reconciliation"

// OpenCases counts the cases that are open; oldest is zero if there are none.
func OpenCases(ctx context.Context, db postgres.Querier) (open int, oldest time.Time, err error) {
	var since *time.Time
	err = db.QueryRow(ctx, `SELECT count(*), min(c.opened_at) FROM `+OpenCasesOnly).Scan(&open, &since)
	if err != nil {
		return 0, oldest, fmt.Errorf("count the open cases: %w", err)
	}
	if since != nil {
		oldest = *since
	}
	return open, oldest, nil
}

// HasOpenCase reports whether a payment has an open case for a reason.
func HasOpenCase(ctx context.Context, db postgres.Querier, k Key, why Reason) (open bool, err error) {
	err = db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM `+OpenCasesOnly+` AND c.agency = $1 AND c.opened_on = $2 AND c.payment = $3
		AND c.reason = $4)`, k.Agency, k.OpenedOn.Time(), k.ID, string(why)).Scan(&open)
	if err != nil {
		return false, fmt.Errorf("look for an open case of payment %s: %w", k.ID, err)
	}
	return open, nil
}

// DropAnswered deletes answered cases from the open ones. An answer is final, so it does not matter when this is
// done, or by how many nodes at once.
func DropAnswered(ctx context.Context, db postgres.Querier) error {
	if _, err := db.Exec(ctx, `DELETE FROM open_case c WHERE `+AnsweredCase); err != nil {
		return fmt.Errorf("drop answered cases from the open ones: %w", err)
	}
	return nil
}

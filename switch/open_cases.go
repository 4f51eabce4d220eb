package switching

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/postgres"
	"treasury-switch/switch/payment"
)

// queueCase opens the case of a plan that is recorded at a time.
func queueCase(b *pgx.Batch, plan *payment.Plan, at time.Time) {
	if plan.Case == "" {
		return
	}
	p := &plan.Payment
	b.Queue(`INSERT INTO payment_case (agency, opened_on, payment, version, book, owner, reason, opened_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		p.Agency, p.OpenedOn.Time(), p.ID, p.Version, p.Book, caseOwner, string(plan.Case), at)
	b.Queue(`INSERT INTO open_case (agency, opened_on, payment, version) VALUES ($1, $2, $3, $4)`,
		p.Agency, p.OpenedOn.Time(), p.ID, p.Version)
}

// caseOwner is who owns a case until somebody takes it: the treasury's
// reconciliation desk.
const caseOwner = "reconciliation"

// OpenCases counts the cases that are open; oldest is zero if there are none.
func OpenCases(ctx context.Context, db postgres.Querier) (open int, oldest time.Time, err error) {
	var since *time.Time
	err = db.QueryRow(ctx, `SELECT count(*), min(c.opened_at) FROM `+payment.OpenCasesOnly).Scan(&open, &since)
	if err != nil {
		return 0, oldest, fmt.Errorf("count the open cases: %w", err)
	}
	if since != nil {
		oldest = *since
	}
	return open, oldest, nil
}

// HasOpenCase reports whether a case of a payment waits for somebody.
func HasOpenCase(ctx context.Context, db postgres.Querier, k payment.Key) (open bool, err error) {
	err = db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM `+payment.OpenCasesOnly+` AND c.agency = $1 AND c.opened_on = $2 AND c.payment = $3)`,
		k.Agency, k.OpenedOn.Time(), k.ID).Scan(&open)
	if err != nil {
		return false, fmt.Errorf("look for an open case of payment %s: %w", k.ID, err)
	}
	return open, nil
}

// DropAnswered takes answered cases out of the open ones. An answer is never taken back, so it does not matter when, or by how many
// nodes at once.
func DropAnswered(ctx context.Context, db postgres.Querier) error {
	if _, err := db.Exec(ctx, `DELETE FROM open_case c WHERE `+payment.AnsweredCase); err != nil {
		return fmt.Errorf("drop answered cases from the open ones: %w", err)
	}
	return nil
}

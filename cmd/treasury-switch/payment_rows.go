package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/cmd/treasury-switch/node"
	"treasury-switch/money"
	"treasury-switch/switch"
)

// booking is one transfer of a payment with the codes of its accounts.
type booking struct {
	Version     int16         `json:"version"`
	Reverses    int16         `json:"reverses,omitempty"`
	BusinessDay calendar.Date `json:"business_day"`
	Debit       string        `json:"debit"`
	Credit      string        `json:"credit"`
	Amount      money.Rial    `json:"amount"`
}

// bookings reads the transfers of a payment, on the business days that its records name.
func bookings(ctx context.Context, db node.Pool, k switching.Key) ([]booking, error) {
	rows, err := db.Query(ctx, `
		SELECT t.version, t.reverses, t.business_day, coalesce(d.code, t.debit::text), coalesce(c.code, t.credit::text), t.amount
		  FROM transfer t LEFT JOIN account d ON d.id = t.debit LEFT JOIN account c ON c.id = t.credit
		 WHERE t.agency = $1 AND t.journal = $2 AND t.business_day = ANY (
		       SELECT e.business_day FROM event e WHERE e.agency = $1 AND e.opened_on = $3 AND e.payment = $2)
		 ORDER BY t.version, t.line`, k.Agency, k.ID, k.OpenedOn.Time())
	if err != nil {
		return nil, fmt.Errorf("read the transfers of the payment: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (booking, error) {
		var b booking
		var day time.Time
		err := row.Scan(&b.Version, &b.Reverses, &day, &b.Debit, &b.Credit, &b.Amount)
		b.BusinessDay = calendar.FromDB(day)
		return b, err
	})
}

// queued is a payment's row in the queue of reversals.
type queued struct {
	STAN     int       `json:"stan"`
	Tries    int       `json:"tries"`
	Rejects  int       `json:"rejects"`
	QueuedAt time.Time `json:"queued_at"`
	NextAt   time.Time `json:"next_at"`
}

// queuedReversal reads the queue; nil if nothing is queued.
func queuedReversal(ctx context.Context, db node.Pool, k switching.Key) (*queued, error) {
	var q queued
	err := db.QueryRow(ctx, `
		SELECT stan, tries, rejects, queued_at, next_at FROM saf WHERE agency = $1 AND opened_on = $2 AND payment = $3`,
		k.Agency, k.OpenedOn.Time(), k.ID).Scan(&q.STAN, &q.Tries, &q.Rejects, &q.QueuedAt, &q.NextAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the queue of reversals: %w", err)
	}
	return &q, nil
}

// openCase is a case of a payment.
type openCase struct {
	Version  int16     `json:"version"`
	Owner    string    `json:"owner"`
	Reason   string    `json:"reason"`
	OpenedAt time.Time `json:"opened_at"`
}

// cases reads the cases of a payment.
func cases(ctx context.Context, db node.Pool, k switching.Key) ([]openCase, error) {
	rows, err := db.Query(ctx, `
		SELECT version, owner, reason, opened_at FROM payment_case
		 WHERE agency = $1 AND opened_on = $2 AND payment = $3 ORDER BY version`, k.Agency, k.OpenedOn.Time(), k.ID)
	if err != nil {
		return nil, fmt.Errorf("read the cases of the payment: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[openCase])
}

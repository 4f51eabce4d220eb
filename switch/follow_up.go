package switching

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Queued is a payment's place in the queue of reversals.
type Queued struct {
	STAN     int       `json:"stan"`    // of the reversal's messages; repeats keep it
	Tries    int       `json:"tries"`   // how often it was claimed for sending
	Rejects  int       `json:"rejects"` // how often the network refused it
	QueuedAt time.Time `json:"queued_at"`
	NextAt   time.Time `json:"next_at"` // not sent before
}

// QueuedReversal reads the place of a payment in the queue; nil if nothing of it is queued.
func QueuedReversal(ctx context.Context, db DB, k Key) (*Queued, error) {
	var q Queued
	err := db.QueryRow(ctx, `
		SELECT stan, tries, rejects, queued_at, next_at FROM saf WHERE agency = $1 AND opened_on = $2 AND payment = $3`,
		k.Agency, k.OpenedOn.Time(), k.ID).Scan(&q.STAN, &q.Tries, &q.Rejects, &q.QueuedAt, &q.NextAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the queued reversal of payment %x of agency %d: %w", k.ID, k.Agency, err)
	}
	return &q, nil
}

// CaseFile is what a person has to look at for a payment, and why.
type CaseFile struct {
	Version  int16     `json:"version"` // of the record that opened it
	Owner    string    `json:"owner"`
	Reason   Reason    `json:"reason"`
	OpenedAt time.Time `json:"opened_at"`
}

// Cases reads the cases of a payment, in the order of its records.
func Cases(ctx context.Context, db DB, k Key) ([]CaseFile, error) {
	rows, err := db.Query(ctx, `
		SELECT version, owner, reason, opened_at FROM payment_case
		 WHERE agency = $1 AND opened_on = $2 AND payment = $3 ORDER BY version`, k.Agency, k.OpenedOn.Time(), k.ID)
	if err != nil {
		return nil, fmt.Errorf("read the cases of payment %x of agency %d: %w", k.ID, k.Agency, err)
	}
	files, err := pgx.CollectRows(rows, pgx.RowToStructByPos[CaseFile])
	if err != nil {
		return nil, fmt.Errorf("read the cases of payment %x of agency %d: %w", k.ID, k.Agency, err)
	}
	return files, nil
}

package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/postgres"
	"treasury-switch/switch/payment"
)

// File is one case: a payment that a person has to look at, and why.
type File struct {
	Version  int16          `json:"version"` // of the record that opened it
	Owner    string         `json:"owner"`
	Reason   payment.Reason `json:"reason"`
	OpenedAt time.Time      `json:"opened_at"`
}

// Files reads the cases of a payment, in the order of its records.
func Files(ctx context.Context, db postgres.Querier, k payment.Key) ([]File, error) {
	rows, err := db.Query(ctx, `
		SELECT version, owner, reason, opened_at FROM payment_case
		 WHERE agency = $1 AND opened_on = $2 AND payment = $3 ORDER BY version`, k.Agency, k.OpenedOn.Time(), k.ID)
	if err != nil {
		return nil, fmt.Errorf("read the cases of payment %x of agency %d: %w", k.ID, k.Agency, err)
	}
	files, err := pgx.CollectRows(rows, pgx.RowToStructByPos[File])
	if err != nil {
		return nil, fmt.Errorf("read the cases of payment %x of agency %d: %w", k.ID, k.Agency, err)
	}
	return files, nil
}

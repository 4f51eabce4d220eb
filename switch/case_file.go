package switching

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/postgres"
	"treasury-switch/switch/payment"
)

// CaseFile is what a person has to look at for a payment, and why.
type CaseFile struct {
	Version  int16          `json:"version"` // of the record that opened it
	Owner    string         `json:"owner"`
	Reason   payment.Reason `json:"reason"`
	OpenedAt time.Time      `json:"opened_at"`
}

// Cases reads the cases of a payment, in the order of its records.
func Cases(ctx context.Context, db postgres.Querier, k payment.Key) ([]CaseFile, error) {
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

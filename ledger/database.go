package ledger

import (
	"context"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// lane is the ledger's own lane, for journals posted one at a time and not by a recorder. Recorders are numbered from 1.
const lane int16 = 0

func invalid(format string, args ...any) error { return fault.New(fault.Invalid, format, args...) }

// within runs do in a transaction. COMMIT's own failure is fault.Unknown: the work may have been done.
func within(ctx context.Context, db postgres.DB, doing string, do func(pgx.Tx) error) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return postgres.Failed(doing, err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // After a commit there is nothing to roll back.
	if err := do(tx); err != nil {
		return err
	}
	if err := tx.Commit(context.WithoutCancel(ctx)); err != nil {
		return fault.New(fault.Unknown, "%s: commit: %w", doing, err)
	}
	return nil
}

// LockLanes keeps accounts and days from being taken out of use, and other lanes from being made, until the transaction
// ends. The maker of a lane calls it first in the same transaction.
func LockLanes(ctx context.Context, tx postgres.Querier) error {
	_, err := tx.Exec(ctx, `SELECT FROM lane WHERE id = $1 FOR UPDATE`, lane)
	return postgres.Failed("lock the ledger's lane", err)
}

// barrier waits for every group that is being recorded and lets later groups begin only after the transaction has ended:
// each group begins by updating its lane's row. Whoever takes an account or a day out of use changes its state first and
// then comes here, so no group that saw the old state is left when it returns. It raises the lanes' count of closings, by
// which they know that what they remember to be open must be read again. It is the last thing a transaction does besides
// reading, because it stops all recording.
//
// The ledger's own lane has the lowest id. Whoever makes a lane holds it until the lane is there for all (LockLanes), so once it is
// locked here a lane is seen by the statement that raises the counts, or is made when this transaction has ended.
func barrier(ctx context.Context, tx postgres.Querier) error {
	rows, err := tx.Query(ctx, `SELECT id FROM lane ORDER BY id FOR UPDATE`)
	if err != nil {
		return postgres.Failed("lock the lanes", err)
	}
	rows.Close()
	if rows.Err() != nil {
		return postgres.Failed("lock the lanes", rows.Err())
	}
	_, err = tx.Exec(ctx, `UPDATE lane SET closings = closings + 1`)
	return postgres.Failed("tell the lanes of a closing", err)
}

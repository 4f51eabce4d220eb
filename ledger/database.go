package ledger

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// lane is the ledger's own lane, for journals posted one at a time and not by a recorder. Recorders are numbered from 1.
const lane int16 = 0

// PostgreSQL's error codes that have a meaning of their own here (appendix A of its manual).
const (
	uniqueViolation = "23505"
	checkViolation  = "23514"
	foreignKey      = "23503"
)

func invalid(format string, args ...any) error { return fault.New(fault.Invalid, format, args...) }

// failed wraps a database error with what was being done. A broken rule of the schema is told as what it is; everything
// else happened before COMMIT, so it is certainly not done.
func failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	var refused *pgconn.PgError
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return fault.New(fault.NotFound, "%s: %w", doing, err)
	case !errors.As(err, &refused):
		return fault.New(fault.Unavailable, "%s: %w", doing, err)
	case refused.Code == uniqueViolation:
		return fault.New(fault.Conflict, "%s: %w", doing, err)
	case refused.Code == checkViolation || refused.Code == foreignKey:
		return fault.New(fault.Invalid, "%s: %w", doing, err)
	}
	return fault.New(fault.Unavailable, "%s: %w", doing, err)
}

// within runs do in a transaction. COMMIT's own failure is fault.Unknown: the work may have been done.
func within(ctx context.Context, db postgres.DB, doing string, do func(pgx.Tx) error) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return failed(doing, err)
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

// LockLanes keeps accounts and days from being taken out of use, and other lanes from being made, until the transaction ends.
// Whoever makes a lane calls it first in the same transaction.
func LockLanes(ctx context.Context, tx postgres.Querier) error {
	_, err := tx.Exec(ctx, `SELECT FROM lane WHERE id = $1 FOR UPDATE`, lane)
	return failed("lock the ledger's lane", err)
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
		return failed("lock the lanes", err)
	}
	rows.Close()
	if rows.Err() != nil {
		return failed("lock the lanes", rows.Err())
	}
	_, err = tx.Exec(ctx, `UPDATE lane SET closings = closings + 1`)
	return failed("tell the lanes of a closing", err)
}

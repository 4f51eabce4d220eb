package registry

import (
	"context"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/security/access"
)

// change runs do in a transaction that raises the version and records who did what to which subject. Raising the version
// comes first: it makes changes follow one another, and it must not wait behind the lanes that do may lock at its end.
func change(ctx context.Context, db postgres.DB, by access.By, act, subject string, do func(pgx.Tx) error) error {
	doing := act + " " + subject
	tx, err := db.Begin(ctx)
	if err != nil {
		return postgres.Failed(doing, err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // After a commit there is nothing to roll back.
	if err := record(ctx, tx, by, act, subject); err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return err
	}
	if err := tx.Commit(context.WithoutCancel(ctx)); err != nil {
		return fault.New(fault.Unknown, "%s: commit: %w", doing, err)
	}
	return nil
}

func record(ctx context.Context, tx pgx.Tx, by access.By, act, subject string) error {
	if _, err := access.RoleOf(ctx, tx, by.User); err != nil {
		return err
	}
	var version int64
	err := tx.QueryRow(ctx, `UPDATE registry_version SET version = version + 1 WHERE id = 1 RETURNING version`).Scan(&version)
	if err != nil {
		return postgres.Failed("raise the registry's version", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO registry_change (version, at, actor, act, subject) VALUES ($1, $2, $3, $4, $5)`,
		version, by.At, by.User, act, subject)
	return postgres.Failed("record a change of "+subject, err)
}

// collect runs a query and reads its rows into structs by position.
func collect[T any](ctx context.Context, q postgres.Querier, doing, sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, postgres.Failed(doing, err)
	}
	items, err := pgx.CollectRows(rows, pgx.RowToStructByPos[T])
	return items, postgres.Failed(doing, err)
}

// one is collect for a query of one row; fault.NotFound if there is none.
func one[T any](ctx context.Context, q postgres.Querier, doing, sql string, args ...any) (T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		var none T
		return none, postgres.Failed(doing, err)
	}
	item, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[T])
	return item, postgres.Failed(doing, err)
}

package registry

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// By says who changes something, and when.
type By struct {
	User string // a name of table staff
	At   time.Time
}

// The roles of staff. A checker may propose as well, but nobody approves what they proposed themselves.
const (
	maker   = "maker"
	checker = "checker"
)

// PostgreSQL's error codes that have a meaning of their own here (appendix A of its manual).
const (
	uniqueViolation  = "23505"
	integrityClass   = "23" // every other broken constraint
	classOfErrorCode = 2
)

// change runs do in a transaction that raises the version and records who did what to which subject. Raising the version
// comes first: it makes changes follow one another, and it must not wait behind the lanes that do may lock at its end.
func change(ctx context.Context, db postgres.DB, by By, act, subject string, do func(pgx.Tx) error) error {
	doing := act + " " + subject
	tx, err := db.Begin(ctx)
	if err != nil {
		return failed(doing, err)
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

func record(ctx context.Context, tx pgx.Tx, by By, act, subject string) error {
	if _, err := RoleOf(ctx, tx, by.User); err != nil {
		return err
	}
	var version int64
	err := tx.QueryRow(ctx, `UPDATE registry_version SET version = version + 1 WHERE id = 1 RETURNING version`).Scan(&version)
	if err != nil {
		return failed("raise the registry's version", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO registry_change (version, at, actor, act, subject) VALUES ($1, $2, $3, $4, $5)`,
		version, by.At, by.User, act, subject)
	return failed("record a change of "+subject, err)
}

// RoleOf is the role of a member of staff; fault.Denied for anybody else.
func RoleOf(ctx context.Context, q postgres.Querier, user string) (string, error) {
	var role string
	err := q.QueryRow(ctx, `SELECT role FROM staff WHERE name = $1 AND state = 'open'`, user).Scan(&role)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fault.New(fault.Denied, "%q is no member of staff", user)
	}
	return role, failed("look up staff "+user, err)
}

// failed wraps a database error with what was being done and gives it its kind. It happened before COMMIT, so whatever
// else it is, it is certainly not done.
func failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	var refused *pgconn.PgError
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return fault.New(fault.NotFound, "%s: not found", doing)
	case errors.As(err, &refused) && refused.Code == uniqueViolation:
		return fault.New(fault.Conflict, "%s: it is there already: %w", doing, err)
	case errors.As(err, &refused) && refused.Code[:classOfErrorCode] == integrityClass:
		return fault.New(fault.Invalid, "%s: %w", doing, err)
	}
	return fault.New(fault.Unavailable, "%s: %w", doing, err)
}

// collect runs a query and reads its rows into structs by position.
func collect[T any](ctx context.Context, q postgres.Querier, doing, sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, failed(doing, err)
	}
	items, err := pgx.CollectRows(rows, pgx.RowToStructByPos[T])
	return items, failed(doing, err)
}

// one is collect for a query of one row; fault.NotFound if there is none.
func one[T any](ctx context.Context, q postgres.Querier, doing, sql string, args ...any) (T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		var none T
		return none, failed(doing, err)
	}
	item, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[T])
	return item, failed(doing, err)
}

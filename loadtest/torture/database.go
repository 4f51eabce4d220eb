package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"treasury-switch/internal/postgres"
)

// books reads a scenario's database directly, not through the relays, with the rights of its owner.
type books struct{ *pgxpool.Pool }

func openBooks(ctx context.Context, address string) (books, error) {
	pool, err := postgres.Open(ctx, address, postgres.Options{Owner: true, Name: "torture", MaxConns: 4, StatementTimeout: time.Minute})
	return books{pool}, err
}

// number runs a query that gives one number.
func (b books) number(ctx context.Context, sql string, arguments ...any) (n int, err error) {
	if err := b.QueryRow(ctx, sql, arguments...).Scan(&n); err != nil {
		return 0, fmt.Errorf("look at the database: %w", err)
	}
	return n, nil
}

// in counts the payments in a status.
func (b books) in(ctx context.Context, status string) (int, error) {
	return b.number(ctx, `
		SELECT count(*) FROM payment p
		  LEFT JOIN LATERAL (SELECT e.status FROM event e
		       WHERE e.agency = p.agency AND e.opened_on = p.opened_on AND e.payment = p.id
		       ORDER BY e.version DESC LIMIT 1) last ON true
		 WHERE coalesce(last.status, 'PENDING') = $1`, status)
}

// queued counts the reversals of an agency that wait.
func (b books) queued(ctx context.Context, agency int32) (int, error) {
	return b.number(ctx, `SELECT count(*) FROM saf WHERE agency = $1`, agency)
}

// lanesOf counts the lanes that a node has.
func (b books) lanesOf(ctx context.Context, node string) (int, error) {
	return b.number(ctx, `SELECT count(*) FROM lane WHERE starts_with(owner, $1 || '/')`, node)
}

// destroyed counts the card keys of today and of coming days that are destroyed.
func (b books) destroyed(ctx context.Context) (int, error) {
	return b.number(ctx, `SELECT count(*) FROM pan_key WHERE purpose = 'day' AND destroyed_at IS NOT NULL
		AND day >= (now() AT TIME ZONE 'Asia/Tehran')::date`)
}

// farthest is how many days the dates in a table's column are at most away from Tehran's date.
func (b books) farthest(ctx context.Context, column, table string) (int, error) {
	return b.number(ctx, fmt.Sprintf(`SELECT coalesce(max(abs(%s - (now() AT TIME ZONE 'Asia/Tehran')::date)), 0) FROM %s`, column, table))
}

// onDay counts the transfers of a business day.
func (b books) onDay(ctx context.Context, day time.Time) (int, error) {
	return b.number(ctx, `SELECT count(*) FROM transfer WHERE business_day = $1`, day)
}

// blocked counts the sessions of a node's lanes that wait for a lock.
func (b books) blocked(ctx context.Context, node string) (int, error) {
	return b.number(ctx, `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND starts_with(application_name, 'treasury-switch lane ' || $1 || '/') AND wait_event_type = 'Lock'`, node)
}

// holdPayments locks the payment table against inserts until the returned function is called.
func (b books) holdPayments(ctx context.Context) (release func(), err error) {
	tx, err := b.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("lock the payments: %w", err)
	}
	if _, err := tx.Exec(ctx, `LOCK TABLE payment IN SHARE MODE`); err != nil {
		return nil, fmt.Errorf("lock the payments: %w", err)
	}
	return func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }, nil // It has written nothing.
}

// create makes a database as a copy of another.
func (t *torture) create(ctx context.Context, name, of string) error {
	t.copies.Lock()
	defer t.copies.Unlock()
	return t.administer(ctx, "CREATE DATABASE "+name+" TEMPLATE "+of)
}

// drop removes a database where there is one.
func (t *torture) drop(ctx context.Context, name string) error {
	return t.administer(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
}

func (t *torture) administer(ctx context.Context, statement string) error {
	conn, err := postgres.Connect(ctx, t.server.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

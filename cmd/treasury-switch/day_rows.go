package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/cmd/treasury-switch/node"
	"treasury-switch/ledger"
)

// businessDays reads the latest days of a book.
func businessDays(ctx context.Context, db node.Pool, book ledger.Book, limit int) ([]ledger.BusinessDay, error) {
	rows, err := db.Query(ctx, `
		SELECT day, state, source, opened_at, closed_at FROM business_day WHERE book = $1 ORDER BY day DESC LIMIT $2`, book, limit)
	if err != nil {
		return nil, fmt.Errorf("read the business days: %w", err)
	}
	days, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (ledger.BusinessDay, error) {
		d := ledger.BusinessDay{Book: book}
		var day time.Time
		err := row.Scan(&day, &d.State, &d.Source, &d.OpenedAt, &d.ClosedAt)
		d.Day = calendar.FromDB(day)
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the business days: %w", err)
	}
	return days, nil
}

package main

import (
	"log/slog"
	"testing"

	"treasury-switch/internal/postgres"
	"treasury-switch/internal/testdb"
)

// TestHistoryHolds: the history has as many payments as asked for, of as many days as there are groups for, and every
// invariant of the product holds over it.
func TestHistoryHolds(t *testing.T) {
	ctx := t.Context()
	address := testdb.URL(t)
	if err := openBooks(ctx, address); err != nil {
		t.Fatal(err)
	}
	conn, err := postgres.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	b := &books{address: func() string { return address }, lanes: 1, log: slog.New(slog.DiscardHandler)}
	ids, err := b.payMany(ctx, 1000)
	if err != nil {
		t.Fatal(err)
	}
	s, err := takeSample(ctx, address, nil, ids)
	if err != nil {
		t.Fatal(err)
	}
	const asked = 5000
	if err := fillHistory(ctx, address, s.batches(ids, copyGroup), asked, 2, func(string, ...any) {}); err != nil {
		t.Fatal(err)
	}
	var payments, numbers, days, closed int
	row := conn.QueryRow(ctx, `SELECT count(*), count(DISTINCT rrn), count(DISTINCT opened_on) FROM payment WHERE opened_on < current_date - 1`)
	if err := row.Scan(&payments, &numbers, &days); err != nil {
		t.Fatal(err)
	}
	if err := conn.QueryRow(ctx, `SELECT count(*) FROM business_day WHERE state = 'closed'`).Scan(&closed); err != nil {
		t.Fatal(err)
	}
	if payments != asked || numbers != asked || days != 5 && days != 6 || closed < days {
		t.Errorf("%d payments with %d numbers of %d days, %d days closed", payments, numbers, days, closed)
	}
	var elsewhere int
	row = conn.QueryRow(ctx, `SELECT count(*) FROM payment WHERE opened_at::date NOT BETWEEN opened_on - 1 AND opened_on + 1`)
	if err := row.Scan(&elsewhere); err != nil || elsewhere > 0 {
		t.Errorf("%d payments were opened on another day than they say, %v", elsewhere, err)
	}
	if _, err := conn.Exec(ctx, `UPDATE payment SET terminal = left(id::text, 8)`); err != nil {
		t.Fatal(err)
	}
	if err := checkBooks(ctx, address); err != nil {
		t.Error(err)
	}
}

func TestNextBack(t *testing.T) {
	for back, want := range map[int]int{0: 2, 2: 3, 90: 91, 91: 2} {
		if got := nextBack(back); got != want {
			t.Errorf("after %d days back come %d, want %d", back, got, want)
		}
	}
}

package main

import (
	"testing"
	"time"

	"treasury-switch/calendar"
)

// TestHistoryHolds: the history has as many payments as asked for, of as many days as there are groups for, and every
// invariant of the product holds over it.
func TestHistoryHolds(t *testing.T) {
	s := recorded(t, 1000)
	const asked = 5000
	if err := fillHistory(t.Context(), s.address, s.batches(s.ids, copyGroup), asked, 2, func(string, ...any) {}); err != nil {
		t.Fatal(err)
	}
	// Two connections take turns, so that one of them may fill more days than the other.
	var payments, numbers, days, elsewhere, closed int
	row := s.conn.QueryRow(t.Context(), `
		SELECT count(*), count(DISTINCT rrn), count(DISTINCT opened_on),
		       count(*) FILTER (WHERE opened_at::date NOT BETWEEN opened_on - 1 AND opened_on + 1),
		       (SELECT count(*) FROM business_day WHERE state = 'closed')
		  FROM payment WHERE opened_on < $1::date - 1`, calendar.DateOf(time.Now()).Time())
	if err := row.Scan(&payments, &numbers, &days, &elsewhere, &closed); err != nil {
		t.Fatal(err)
	}
	if payments != asked || numbers != asked || days < 5 || days > 10 || elsewhere > 0 || closed < days {
		t.Errorf("%d payments with %d numbers of %d days, %d opened on another day than they say, %d days closed",
			payments, numbers, days, elsewhere, closed)
	}
	s.execute(t, tellApart)
	if err := checkBooks(t.Context(), s.address); err != nil {
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

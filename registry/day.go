package registry

import (
	"context"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
)

// ProposeDay asks to open a business day that is too far from Tehran's date to be believed when the network names it. A day that
// is there already is fault.Conflict.
func ProposeDay(ctx context.Context, db DB, by By, book ledger.Book, day calendar.Date) (Request, error) {
	if day.IsZero() {
		return Request{}, fault.New(fault.Invalid, "name the business day to open, such as 2026-11-21")
	}
	return propose(ctx, db, by, Request{Act: OpenDay, Book: book, Account: day.String()}, func(tx pgx.Tx) error {
		states, err := ledger.DayStates(ctx, tx, book, []calendar.Date{day})
		if err == nil && states[day] != ledger.DayUnknown {
			err = fault.New(fault.Conflict, "business day %s of the %s book is there already: it is %s", day, book, states[day])
		}
		return err
	})
}

// openDay carries out a request to open a day.
func openDay(ctx context.Context, tx pgx.Tx, by By, r Request) error {
	day, err := calendar.Parse(r.Account)
	if err != nil {
		return err
	}
	return ledger.OpenApprovedDay(ctx, tx, r.Book, day, r.ID, by.At)
}

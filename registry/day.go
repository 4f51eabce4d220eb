package registry

import (
	"context"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
)

// ProposeDay asks to believe a business day that the network has named and that is too far from Tehran's date. A day that it has not
// named, or that is there already, is fault.Conflict.
func ProposeDay(ctx context.Context, db DB, by By, book ledger.Book, day calendar.Date) (Request, error) {
	if day.IsZero() {
		return Request{}, fault.New(fault.Invalid, "name the business day to open, such as 2026-11-21")
	}
	return propose(ctx, db, by, Request{Act: OpenDay, Book: book, Account: day.String()}, func(tx pgx.Tx) error {
		states, err := ledger.DayStates(ctx, tx, book, []calendar.Date{day})
		if err == nil && states[day] != ledger.DayUnknown {
			err = fault.New(fault.Conflict, "business day %s of the %s book is there already: it is %s", day, book, states[day])
		}
		if err != nil {
			return err
		}
		claimed, err := ledger.Claimed(ctx, tx, book, day)
		if err == nil && !claimed {
			err = fault.New(fault.Conflict, "the network has not named %s in the %s book, or it was believed: it can be proposed once "+
				"treasury-switch day list shows it among those that were not believed", day, book)
		}
		return err
	})
}

// openDay carries out a request to believe a day.
func openDay(ctx context.Context, tx pgx.Tx, by By, r Request) error {
	day, err := calendar.Parse(r.Account)
	if err != nil {
		return err
	}
	return ledger.AwaitDay(ctx, tx, r.Book, day, r.ID, by.At)
}

// CloseEndedDay closes a business day by one person. ledger.EndDay says which days: not the current one or later, and none that two
// persons have had believed (fault.Denied), which takes ProposeDayClose. reach is the node's, see ledger.CurrentDay. When it returns, no
// payment that saw the day open is still being recorded.
func CloseEndedDay(ctx context.Context, db DB, by By, book ledger.Book, day calendar.Date, reach int) error {
	return change(ctx, db, by, string(CloseDay), accountSubject(book, day.String()), func(tx pgx.Tx) error {
		return ledger.EndDay(ctx, tx, ledger.Closing{Book: book, Day: day, Reach: reach, By: by.User, At: by.At})
	})
}

// ProposeDayClose asks a second person to close a business day that is open. What ledger.MayClose refuses is refused now.
func ProposeDayClose(ctx context.Context, db DB, by By, book ledger.Book, day calendar.Date, reach int) (Request, error) {
	return propose(ctx, db, by, Request{Act: CloseDay, Book: book, Account: day.String()}, func(tx pgx.Tx) error {
		if err := ledger.MayClose(ctx, tx, book, day, reach); err != nil {
			return err
		}
		states, err := ledger.DayStates(ctx, tx, book, []calendar.Date{day})
		if err == nil && states[day] != ledger.DayOpen {
			err = fault.New(fault.Conflict, "business day %s of the %s book is not open", day, book)
		}
		return err
	})
}

// ApproveDay carries out a request about a business day, as Approve does for accounts. The day may have become the current one since it was
// proposed, so what CloseEndedDay refuses is refused here as well.
func ApproveDay(ctx context.Context, db DB, by By, id string, reach int) (Request, error) {
	return decide(ctx, db, by, id, approved, "", func(tx pgx.Tx, r Request) error {
		switch r.Act {
		case OpenDay:
			return openDay(ctx, tx, by, r)
		case CloseDay:
			return closeDay(ctx, tx, by, r, reach)
		}
		return aboutAccount(r)
	})
}

// RejectDay decides against a request about a business day, for a reason that its maker can read.
func RejectDay(ctx context.Context, db DB, by By, id, reason string) (Request, error) {
	return reject(ctx, db, by, id, reason, func(_ pgx.Tx, r Request) error {
		if r.Act != OpenDay && r.Act != CloseDay {
			return aboutAccount(r)
		}
		return nil
	})
}

func aboutAccount(r Request) error {
	return fault.New(fault.Invalid, "request %s is about account %s: treasury-switch accounts approve, or reject", r.ID, r.Account)
}

// closeDay carries out a request to close a day.
func closeDay(ctx context.Context, tx pgx.Tx, by By, r Request, reach int) error {
	day, err := calendar.Parse(r.Account)
	if err != nil {
		return err
	}
	return ledger.EndDay(ctx, tx, ledger.Closing{Book: r.Book, Day: day, Reach: reach, By: by.User, At: by.At, Approval: r.ID})
}

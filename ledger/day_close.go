package ledger

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// Closing is a request to close a business day, with the person who asks for it.
type Closing struct {
	Book     Book
	Day      calendar.Date
	Reach    int    // see CurrentDay
	By       string // a member of staff
	At       time.Time
	Approval string // the request that two persons have agreed on; empty where one person closes the day
}

// MayClose refuses to close a business day that payments may still be dated by (fault.Conflict): the current one of its book, and
// today and what comes after it in Tehran by the database's clock, whatever day is current.
func MayClose(ctx context.Context, q postgres.Querier, book Book, day calendar.Date, reach int) error {
	if !book.Valid() || day.IsZero() {
		return invalid("business day %q of %s", day, book)
	}
	current, err := CurrentDay(ctx, q, book, reach)
	if err != nil {
		return err
	}
	var over bool
	if err := q.QueryRow(ctx, `SELECT $1::date < `+tehran, day.Time()).Scan(&over); err != nil {
		return postgres.Failed("read the date", err)
	}
	switch {
	case day == current:
		return fault.New(fault.Conflict, "%s is the current business day: it can be closed once the network has cut over", day)
	case day > current:
		return fault.New(fault.Conflict, "%s comes after the current business day, %s: it can be closed once the network has left it", day, current)
	case !over:
		return fault.New(fault.Conflict, "%s is not over in Tehran: it can be closed from the day after it", day)
	}
	return nil
}

// EndDay takes a business day out of use for good, and records who did it. It refuses what MayClose refuses, and to have one person
// close a day that two have had believed (fault.Denied): what two persons decided, one does not undo. When the transaction ends, every
// group that saw the day open has committed and no later one will post to it. Whether everything of the day is decided is for the caller
// to know. Closing a closed day changes nothing; a day that was never opened is fault.NotFound.
//
// Like Freeze it is the last thing a transaction does.
func EndDay(ctx context.Context, tx pgx.Tx, c Closing) error {
	if err := MayClose(ctx, tx, c.Book, c.Day, c.Reach); err != nil {
		return err
	}
	var state DayState
	var believed bool
	err := tx.QueryRow(ctx, `SELECT state, approval IS NOT NULL FROM business_day WHERE book = $1 AND day = $2 FOR UPDATE`,
		c.Book, c.Day.Time()).Scan(&state, &believed)
	err = postgres.Failed("look up business day "+c.Day.String(), err)
	switch {
	case fault.Is(err, fault.NotFound), err == nil && state == DayAwaited:
		return neverOpened(c.Book, c.Day)
	case err != nil || state == DayClosed:
		return err
	case believed && c.Approval == "":
		return fault.New(fault.Denied, "two persons had %s believed, so two close it: treasury-switch day propose --close %s", c.Day, c.Day)
	}
	_, err = tx.Exec(ctx, `
		UPDATE business_day SET state = 'closed', closed_at = $3, closed_by = $4, closing = nullif($5, '') WHERE book = $1 AND day = $2`,
		c.Book, c.Day.Time(), c.At, c.By, c.Approval)
	if err != nil {
		return postgres.Failed("close business day "+c.Day.String(), err)
	}
	return barrier(ctx, tx)
}

func neverOpened(book Book, day calendar.Date) error {
	return fault.New(fault.NotFound, "business day %s of the %s book was never opened", day, book)
}

// CloseDay takes a business day out of use, whatever day it is, and records nobody: for tests that need a closed day. Whoever closes
// one for somebody calls EndDay. When it returns, every group that saw the day open has committed and no later one will post to it.
// Closing a closed day changes nothing; a day that was never opened is fault.NotFound.
func CloseDay(ctx context.Context, db postgres.DB, book Book, day calendar.Date, now time.Time) error {
	doing := "close business day " + day.String()
	return within(ctx, db, doing, func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, `
			UPDATE business_day SET state = 'closed', closed_at = coalesce(closed_at, $3)
			 WHERE book = $1 AND day = $2 AND state <> 'awaited'`, book, day.Time(), now)
		if err != nil {
			return postgres.Failed(doing, err)
		}
		if done.RowsAffected() == 0 {
			return neverOpened(book, day)
		}
		return barrier(ctx, tx)
	})
}

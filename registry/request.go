package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/page"
	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
	"treasury-switch/security/access"
)

// Act is the change that a request of two persons asks for.
type Act string

// The acts that need a second person.
const (
	AddAccount    Act = "account.add"
	CloseAccount  Act = "account.close"
	ReopenAccount Act = "account.reopen"
	OpenDay       Act = "day.open"
	CloseDay      Act = "day.close"
)

// States of a request.
const (
	pending  = "pending"
	approved = "approved"
	rejected = "rejected"
)

// Request is a change of an account, or a business day to be opened or closed, that one person has proposed and another has to decide.
type Request struct {
	ID        string         `json:"id"`
	Act       Act            `json:"act"`
	Book      ledger.Book    `json:"book"`
	Account   string         `json:"account"`      // the account's code, or the business day as 2026-11-21
	New       ledger.Account `json:"new,omitzero"` // what is to be added; empty for the other acts
	Maker     string         `json:"maker"`
	MadeAt    time.Time      `json:"made_at"`
	State     string         `json:"state"`   // pending, approved or rejected
	Checker   *string        `json:"checker"` // who decided; never the maker
	DecidedAt *time.Time     `json:"decided_at"`
	Reason    string         `json:"reason"`          // of a rejection
	Warnings  []string       `json:"warnings" db:"-"` // what the checker should look at
}

// requestColumns are the columns that scanRequest expects, in its order.
const requestColumns = `id, act, book, subject, content, maker, made_at, state, checker, decided_at, reason`

// ShowRequest reads one request. fault.NotFound: there is none.
func ShowRequest(ctx context.Context, q postgres.Querier, id string) (Request, error) {
	rows, err := q.Query(ctx, `SELECT `+requestColumns+` FROM approval WHERE id = $1`, id)
	if err != nil {
		return Request{}, postgres.Failed("request "+id, err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanRequest)
	return r, postgres.Failed("request "+id, err)
}

// Pending reads a page of the requests that wait for a second person, the oldest first.
func Pending(ctx context.Context, q postgres.Querier, p page.Request) (page.Listing[Request], error) {
	rows, err := q.Query(ctx, `
		SELECT `+requestColumns+` FROM approval
		 WHERE state = 'pending' AND ($1 = '' OR (made_at, id) > (SELECT made_at, id FROM approval WHERE id = $1))
		 ORDER BY made_at, id LIMIT $2`, p.After, p.Size()+1)
	if err != nil {
		return page.Listing[Request]{}, postgres.Failed("list requests", err)
	}
	items, err := pgx.CollectRows(rows, scanRequest)
	return page.Cut(items, p, func(r Request) string { return r.ID }), postgres.Failed("list requests", err)
}

func scanRequest(row pgx.CollectableRow) (Request, error) {
	var r Request
	var content []byte
	err := row.Scan(&r.ID, &r.Act, &r.Book, &r.Account, &content, &r.Maker, &r.MadeAt, &r.State, &r.Checker, &r.DecidedAt, &r.Reason)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(content, &r.New); err != nil {
		return r, fmt.Errorf("request %s: %w", r.ID, err)
	}
	r.Warnings = warnings(r.New)
	return r, nil
}

// ProposeDay asks to believe a business day that the network has named and that is too far from Tehran's date. A day that it has not
// named, or that is there already, is fault.Conflict.
func ProposeDay(ctx context.Context, db postgres.DB, by access.By, book ledger.Book, day calendar.Date) (Request, error) {
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
func openDay(ctx context.Context, tx pgx.Tx, by access.By, r Request) error {
	day, err := calendar.Parse(r.Account)
	if err != nil {
		return err
	}
	return ledger.AwaitDay(ctx, tx, r.Book, day, r.ID, by.At)
}

// CloseEndedDay closes a business day by one person. ledger.EndDay says which days: not the current one or later, and none that two
// persons have had believed (fault.Denied), which takes ProposeDayClose. reach is the node's, see ledger.CurrentDay. When it returns, no
// payment that saw the day open is still being recorded.
func CloseEndedDay(ctx context.Context, db postgres.DB, by access.By, book ledger.Book, day calendar.Date, reach int) error {
	return change(ctx, db, by, string(CloseDay), accountSubject(book, day.String()), func(tx pgx.Tx) error {
		return ledger.EndDay(ctx, tx, ledger.Closing{Book: book, Day: day, Reach: reach, By: by.User, At: by.At})
	})
}

// ProposeDayClose asks a second person to close a business day that is open. What ledger.MayClose refuses is refused now.
func ProposeDayClose(ctx context.Context, db postgres.DB, by access.By, book ledger.Book, day calendar.Date, reach int) (Request, error) {
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
func ApproveDay(ctx context.Context, db postgres.DB, by access.By, id string, reach int) (Request, error) {
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
func RejectDay(ctx context.Context, db postgres.DB, by access.By, id, reason string) (Request, error) {
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
func closeDay(ctx context.Context, tx pgx.Tx, by access.By, r Request, reach int) error {
	day, err := calendar.Parse(r.Account)
	if err != nil {
		return err
	}
	return ledger.EndDay(ctx, tx, ledger.Closing{Book: r.Book, Day: day, Reach: reach, By: by.User, At: by.At, Approval: r.ID})
}

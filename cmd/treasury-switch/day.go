package main

import (
	"context"
	"fmt"

	"treasury-switch/cmd/treasury-switch/node"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
)

// dayCmd looks at the network's business days.
type dayCmd struct {
	List  dayListCmd  `cmd:"" help:"List business days, the latest first."`
	Close dayCloseCmd `cmd:"" help:"Close a business day: no journal is posted to it any more."`
}

// dayListCmd lists days.
type dayListCmd struct {
	Book  string `enum:"live,test" default:"live" help:"Which book: ${enum}."`
	Limit int    `default:"31" help:"How many days."`
}

// Help is the example of the command.
func (dayListCmd) Help() string {
	return `Example:
  treasury-switch day list --limit 7`
}

// Run lists the days.
func (c *dayListCmd) Run(ctx context.Context, a *app) error {
	book, err := ledger.ParseBook(c.Book)
	if err != nil {
		return err
	}
	if c.Limit < 1 || c.Limit > 1000 {
		return fault.New(fault.Invalid, "--limit is 1 to 1000 days, not %d", c.Limit)
	}
	return present(ctx, a, func(ctx context.Context, db node.Pool) ([]ledger.BusinessDay, error) {
		return ledger.BusinessDays(ctx, db, book, c.Limit)
	}, a.printDays)
}

func (a *app) printDays(days []ledger.BusinessDay) {
	g := grid{headings: []any{"business day", "state", "opened by", "opened", "closed"}, empty: "The network has not named a business day yet."}
	for _, d := range days {
		closed := ""
		if d.ClosedAt != nil {
			closed = clock(*d.ClosedAt)
		}
		g.add(both(d.Day), string(d.State), d.Source, clock(d.OpenedAt), closed)
	}
	a.print(g)
}

// dayCloseCmd closes a day.
type dayCloseCmd struct {
	Day  string `arg:"" help:"The business day, 2026-11-21 or Jalali 1405/08/30."`
	Book string `enum:"live,test" default:"live" help:"Which book: ${enum}."`
}

// Help is the example of the command.
func (dayCloseCmd) Help() string {
	return `A late answer for a closed day opens a case; reversals of its payments become refund claims. A closed day stays closed,
and a current day is not closed: the network must have cut over to a later one.

Example:
  treasury-switch day close 1405/08/30`
}

// Run closes the day once a later one is open.
func (c *dayCloseCmd) Run(ctx context.Context, a *app) error {
	book, err := ledger.ParseBook(c.Book)
	if err != nil {
		return err
	}
	day, err := parseDay(c.Day)
	if err != nil {
		return err
	}
	if day.IsZero() {
		return fault.New(fault.Invalid, "name the business day to close, such as 2026-11-21")
	}
	return a.withDatabase(ctx, func(ctx context.Context, db node.Pool) error {
		current, err := ledger.CurrentDay(ctx, db, book)
		if err != nil {
			return err
		}
		if day >= current {
			return fault.New(fault.Conflict, "%s is the current business day: it can be closed once the network has cut over", day)
		}
		if err := ledger.CloseDay(ctx, db, book, day, a.now()); err != nil {
			return err
		}
		if a.globals.JSON {
			return a.printJSON(map[string]string{"book": book.String(), "day": day.String(), "state": string(ledger.DayClosed)})
		}
		fmt.Fprintf(a.out, "Business day %s of the %s book is closed.\n", both(day), book)
		return nil
	})
}

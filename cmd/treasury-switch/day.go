package main

import (
	"context"
	"fmt"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/node"
	"treasury-switch/ledger"
	"treasury-switch/registry"
	"treasury-switch/security/access"
)

// dayCmd looks at the network's business days.
type dayCmd struct {
	List    dayListCmd    `cmd:"" help:"List business days, the latest first, and those that were not believed."`
	Close   dayCloseCmd   `cmd:"" help:"Close a business day: no journal is posted to it any more."`
	Propose dayProposeCmd `cmd:"" help:"Ask that a day be believed which the network has named."`
	Approve dayApproveCmd `cmd:"" help:"Believe it, as the second person."`
	Reject  dayRejectCmd  `cmd:"" help:"Decide against it."`
}

type dayListCmd struct {
	Book  string `enum:"live,test" default:"live" help:"Which book: ${enum}."`
	Limit int    `default:"31" help:"How many days."`
}

func (dayListCmd) Help() string {
	return `Example:
  treasury-switch day list --limit 7`
}

// dayList is what the command shows.
type dayList struct {
	Days   []ledger.BusinessDay `json:"days"`
	Claims []ledger.Claim       `json:"not_believed"`
}

func (c *dayListCmd) Run(ctx context.Context, a *app) error {
	book, err := ledger.ParseBook(c.Book)
	if err != nil {
		return err
	}
	if c.Limit < 1 || c.Limit > 1000 {
		return fault.New(fault.Invalid, "--limit is 1 to 1000 days, not %d", c.Limit)
	}
	return present(ctx, a, func(ctx context.Context, db node.Pool) (l dayList, err error) {
		if l.Days, err = ledger.BusinessDays(ctx, db, book, c.Limit); err == nil {
			l.Claims, err = ledger.Claims(ctx, db, book, c.Limit)
		}
		return l, err
	}, a.printDays)
}

func (a *app) printDays(l dayList) {
	g := grid{headings: []any{"business day", "state", "opened by", "opened", "closed"}, empty: "The network has not named a business day yet."}
	awaited := false
	for _, d := range l.Days {
		opened, closed := clock(d.OpenedAt), ""
		if d.ClosedAt != nil {
			closed = clock(*d.ClosedAt)
			if d.ClosedBy != "" {
				closed += " by " + d.ClosedBy
			}
		}
		if d.State == ledger.DayAwaited {
			awaited, opened = true, "" // The time it carries is that of its approval.
		}
		g.add(both(d.Day), string(d.State), d.Source, opened, closed)
	}
	a.print(g)
	if awaited {
		a.say("A day that is awaited is open once the network names it again.")
	}
	if len(l.Claims) == 0 {
		return
	}
	a.say("The network named these too, and they are too far from Tehran's date to be believed:")
	g = grid{headings: []any{"business day", "named by", "first"}}
	for _, c := range l.Claims {
		g.add(both(c.Day), c.Source, clock(c.SaidAt))
	}
	a.print(g)
}

// dayCloseCmd closes a day.
type dayCloseCmd struct {
	Day  string `arg:"" help:"The business day, 2026-11-21 or Jalali 1405/08/30."`
	Book string `enum:"live,test" default:"live" help:"Which book: ${enum}."`
	as   `embed:""`
}

func (dayCloseCmd) Help() string {
	return `A late answer for a closed day opens a case; reversals of its payments become refund claims. A closed day stays closed,
and neither the current day is closed, for which the network must have cut over to a later one, nor today in Tehran. Who closed it
is recorded. A day that two persons have had believed is closed by two persons: "day propose --close", then "day approve".

Example:
  treasury-switch day close 1405/08/30 --as maker`
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
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (map[string]string, error) {
		err := registry.CloseEndedDay(ctx, db, by, book, day, a.globals.DayReach)
		return map[string]string{"book": book.String(), "day": day.String(), "state": string(ledger.DayClosed)}, err
	}, func(map[string]string) {
		fmt.Fprintf(a.out, "Business day %s of the %s book is closed.\n", both(day), book)
	})
}

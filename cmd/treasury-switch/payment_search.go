package main

import (
	"context"
	"strings"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/node"
	"treasury-switch/money"
	"treasury-switch/registry"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// searchedBefore is how long before --until a search begins without --since.
const searchedBefore = 24 * time.Hour

// paymentSearchCmd finds payments by what a terminal, its log or a receipt says of them.
type paymentSearchCmd struct {
	Terminal string `required:"" placeholder:"ID" help:"The terminal (F41)."`
	STAN     string `name:"stan" required:"" placeholder:"DIGITS" help:"Its trace number (F11); zeros in front may be left out."`
	Since    string `placeholder:"TIME" help:"Received from then on; a day before --until unless given."`
	Until    string `placeholder:"TIME" help:"Received until then; now unless given."`
}

func (paymentSearchCmd) Help() string {
	return `A time is a day, 2026-11-21 or 1405/08/30, alone or with a time of day in Tehran, 12:05 or 12:05:30; or 2026-11-21T08:35:00Z, which is
UTC like the time in F7 and F90. It is that of receipt. At most 31 days and 50 payments, the earliest first.

Example:
  treasury-switch payment search --terminal 10100001 --stan 123
  treasury-switch payment search --terminal 10100001 --stan 123 --since '1405/08/30 12:05' --until '1405/08/30 12:25' --json`
}

// searched is what a search prints for programs. More says that there are others, which are not listed.
type searched struct {
	Items []foundPayment `json:"items"`
	More  bool           `json:"more"`
}

// foundPayment is one payment of a list.
type foundPayment struct {
	Tracking   payment.Tracking `json:"tracking"`
	ReceivedAt time.Time        `json:"received_at"`
	STAN       string           `json:"stan"`
	LocalDate  calendar.Date    `json:"local_date"`
	LocalTime  string           `json:"local_time"`
	Service    string           `json:"service"`
	Amount     money.Rial       `json:"amount"`
	PAN        string           `json:"pan,omitempty"`
	Status     payment.Status   `json:"status"`
	Reason     payment.Reason   `json:"reason,omitempty"`
}

func (c *paymentSearchCmd) Run(ctx context.Context, a *app) error {
	return present(ctx, a, c.find(a), a.printFound)
}

func (c *paymentSearchCmd) find(a *app) func(context.Context, node.Pool) (searched, error) {
	return func(ctx context.Context, db node.Pool) (searched, error) {
		w, err := c.wanted(a.now())
		if err != nil {
			return searched{}, err
		}
		t, err := registry.ShowTerminal(ctx, db, c.Terminal)
		if err != nil {
			return searched{}, err
		}
		w.Agency = t.Agency
		found, more, err := switching.FindPayments(ctx, db, w)
		s := searched{Items: []foundPayment{}, More: more}
		for _, p := range found {
			s.Items = append(s.Items, foundPayment{Tracking: p.Tracking(), ReceivedAt: p.OpenedAt, STAN: p.STAN, LocalDate: p.LocalDate,
				LocalTime: p.LocalTime, Service: p.Price.Service, Amount: p.Amount, PAN: p.PAN(), Status: p.Status, Reason: p.Reason})
		}
		return s, err
	}
}

// wanted reads the flags.
func (c *paymentSearchCmd) wanted(now time.Time) (w switching.Wanted, err error) {
	w = switching.Wanted{Terminal: c.Terminal, STAN: c.STAN, Until: now}
	if c.Until != "" {
		if w.Until, err = moment("--until", c.Until); err != nil {
			return w, err
		}
	}
	w.Since = w.Until.Add(-searchedBefore)
	if c.Since != "" {
		w.Since, err = moment("--since", c.Since)
	}
	return w, err
}

// moment reads a time that a person typed.
func moment(flag, text string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	day, clock, _ := strings.Cut(text, " ")
	on, err := parseDay(day)
	if err != nil {
		return time.Time{}, fault.New(fault.Invalid, "%s: %w", flag, err)
	}
	if clock == "" {
		return on.Begins(), nil
	}
	for _, layout := range []string{"2006-01-02 15:04", time.DateTime} {
		if t, err := time.ParseInLocation(layout, on.String()+" "+clock, calendar.Tehran); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "%s: %q is no time of day; want 12:05 or 12:05:30 in Tehran, or 2026-11-21T08:35:00Z", flag, clock)
}

func (a *app) printFound(s searched) {
	g := grid{headings: []any{"payment", "received", "F13 F12", "service", "amount", "card", "status", "reason"}, numbers: []int{5},
		empty: "The terminal has no payment with that STAN and of that time."}
	for _, p := range s.Items {
		g.add(string(p.Tracking), clock(p.ReceivedAt), p.LocalDate.String()+" "+p.LocalTime, p.Service, p.Amount.Grouped(), p.PAN, string(p.Status),
			string(p.Reason))
	}
	a.print(g)
	if s.More {
		a.say("There are more: look through a shorter time with --since and --until.")
	}
}

package main

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/cmd/treasury-switch/node"
	"treasury-switch/ledger"
	"treasury-switch/money"
	"treasury-switch/switch"
)

// paymentCmd looks at payments.
type paymentCmd struct {
	Show   paymentShowCmd   `cmd:"" help:"Everything that is recorded of a payment, masked."`
	Search paymentSearchCmd `cmd:"" help:"Find the payments of a terminal by STAN and time."`
}

// paymentShowCmd shows one payment.
type paymentShowCmd struct {
	Tracking string `arg:"" help:"The tracking code of the receipt, 16 digits; Persian digits and spaces are accepted."`
}

// Help is the example of the command.
func (paymentShowCmd) Help() string {
	return `Shows what was asked, its history step by step, its journals, and its place in the queue of reversals.

Example:
  treasury-switch payment show 0523610000000012`
}

// shown is a payment as it is printed for programs. Of the card there is no more than first six and last four.
type shown struct {
	Tracking    switching.Tracking   `json:"tracking"`
	RRN         string               `json:"rrn"`
	ID          string               `json:"id"`
	Book        string               `json:"book"`
	Status      switching.Status     `json:"status"`
	Reason      switching.Reason     `json:"reason,omitempty"`
	Agency      int32                `json:"agency"`
	Terminal    string               `json:"terminal"`
	Channel     switching.Channel    `json:"channel"`
	STAN        string               `json:"stan"`
	LocalDate   calendar.Date        `json:"local_date"`
	LocalTime   string               `json:"local_time"`
	Service     string               `json:"service"`
	Amount      money.Rial           `json:"amount"`
	Lines       []priceLine          `json:"lines"`
	PAN         string               `json:"pan,omitempty"`
	OpenedAt    time.Time            `json:"opened_at"`
	BusinessDay calendar.Date        `json:"business_day,omitzero"`
	Approval    string               `json:"approval,omitempty"`
	History     []step               `json:"history"`
	Journals    []ledger.Posting     `json:"journals"`
	Queued      *switching.Queued    `json:"queued,omitempty"`
	Cases       []switching.CaseFile `json:"cases,omitempty"`
}

type priceLine struct {
	Component string     `json:"component"`
	Amount    money.Rial `json:"amount"`
	Citation  string     `json:"citation,omitempty"`
}

// step is one record of the history. After is how long after the request it came.
type step struct {
	Version int16            `json:"version"`
	At      time.Time        `json:"at"`
	After   time.Duration    `json:"after_ns"`
	Status  switching.Status `json:"status"`
	Reason  switching.Reason `json:"reason"`
	Actor   string           `json:"actor"`
	Network switching.Code   `json:"network,omitempty"`
	Told    switching.Code   `json:"told,omitempty"`
}

// Run loads the payment and prints it.
func (c *paymentShowCmd) Run(ctx context.Context, a *app) error {
	return present(ctx, a, func(ctx context.Context, db node.Pool) (shown, error) {
		return show(ctx, db, c.Tracking, a.now())
	}, a.printPayment)
}

func show(ctx context.Context, db node.Pool, code string, now time.Time) (shown, error) {
	p, err := switching.LoadByTracking(ctx, db, code, now)
	if err != nil {
		return shown{}, err
	}
	history, err := switching.History(ctx, db, p.Key)
	if err != nil {
		return shown{}, err
	}
	s := describePayment(&p, history)
	if s.Journals, err = ledger.Postings(ctx, db, p.Agency, p.ID, businessDays(history)); err != nil {
		return shown{}, err
	}
	if s.Queued, err = switching.QueuedReversal(ctx, db, p.Key); err != nil {
		return shown{}, err
	}
	s.Cases, err = switching.Cases(ctx, db, p.Key)
	return s, err
}

// businessDays lists the days that a payment's records name, each once.
func businessDays(history []switching.Record) []calendar.Date {
	var days []calendar.Date
	for _, r := range history {
		if !r.BusinessDay.IsZero() && !slices.Contains(days, r.BusinessDay) {
			days = append(days, r.BusinessDay)
		}
	}
	return days
}

func describePayment(p *switching.Payment, history []switching.Record) shown {
	s := shown{
		Tracking: p.Tracking(), RRN: p.RRN.String(), ID: hex.EncodeToString(p.ID[:]), Book: p.Book.String(),
		Status: p.Status, Reason: p.Reason, Agency: p.Agency, Terminal: p.Terminal, Channel: p.Channel,
		STAN: p.STAN, LocalDate: p.LocalDate, LocalTime: p.LocalTime, Service: p.Price.Service, Amount: p.Amount,
		PAN: p.PAN(), OpenedAt: p.OpenedAt, BusinessDay: p.BusinessDay, Approval: p.Approval,
		Lines: []priceLine{}, History: []step{},
	}
	for _, l := range p.Price.Lines {
		s.Lines = append(s.Lines, priceLine(l))
	}
	for _, r := range history {
		s.History = append(s.History, step{Version: r.Version, At: r.At, After: r.At.Sub(p.OpenedAt), Status: r.Status,
			Reason: r.Reason, Actor: r.Actor, Network: r.Network, Told: r.Told})
	}
	return s
}

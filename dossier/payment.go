package dossier

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
	"treasury-switch/money"
	"treasury-switch/switch/cases"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// Payment is what is recorded of a payment. Of the card there is no more than first six and last four.
type Payment struct {
	Tracking    payment.Tracking `json:"tracking"`
	RRN         string           `json:"rrn"`
	ID          string           `json:"id"`
	Book        string           `json:"book"`
	Status      payment.Status   `json:"status"`
	Reason      payment.Reason   `json:"reason,omitempty"`
	Agency      int32            `json:"agency"`
	Terminal    string           `json:"terminal"`
	Channel     payment.Channel  `json:"channel"`
	STAN        string           `json:"stan"`
	LocalDate   calendar.Date    `json:"local_date"`
	LocalTime   string           `json:"local_time"`
	Service     string           `json:"service"`
	Amount      money.Rial       `json:"amount"`
	Lines       []Line           `json:"lines"`
	PAN         string           `json:"pan,omitempty"`
	OpenedAt    time.Time        `json:"opened_at"`
	BusinessDay calendar.Date    `json:"business_day,omitzero"`
	Approval    string           `json:"approval,omitempty"`
	History     []Step           `json:"history"`
	Journals    []ledger.Posting `json:"journals"`
	Queued      *recorder.Queued `json:"queued,omitempty"`
	Cases       []cases.File     `json:"cases,omitempty"`
}

// Line is one line of the price as it was charged.
type Line struct {
	Component string     `json:"component"`
	Amount    money.Rial `json:"amount"`
	Citation  string     `json:"citation,omitempty"`
}

// Step is one record of the history. After is how long after the request it came.
type Step struct {
	Version int16          `json:"version"`
	At      time.Time      `json:"at"`
	After   time.Duration  `json:"after_ns"`
	Status  payment.Status `json:"status"`
	Reason  payment.Reason `json:"reason"`
	Actor   string         `json:"actor"`
	Network payment.Code   `json:"network,omitempty"`
	Told    payment.Code   `json:"told,omitempty"`
}

// Show gathers what is recorded of the payment that a tracking code names: what was asked, its history step by step, its journals,
// its place in the queue of reversals, and its cases. Digits of the code may be Persian, and spaces between them are passed over.
// fault.Invalid: it is no tracking code; fault.NotFound: no payment has it.
func Show(ctx context.Context, db postgres.Querier, code string, now time.Time) (Payment, error) {
	p, err := payment.LoadByTracking(ctx, db, code, now)
	if err != nil {
		return Payment{}, err
	}
	history, err := payment.History(ctx, db, p.Key)
	if err != nil {
		return Payment{}, err
	}
	s := describe(&p, history)
	if s.Journals, err = ledger.Postings(ctx, db, p.Agency, p.ID, businessDays(history)); err != nil {
		return Payment{}, err
	}
	if s.Queued, err = recorder.QueuedReversal(ctx, db, p.Key); err != nil {
		return Payment{}, err
	}
	s.Cases, err = cases.Files(ctx, db, p.Key)
	return s, err
}

// businessDays lists the days that a payment's records name, each once.
func businessDays(history []payment.Record) []calendar.Date {
	var days []calendar.Date
	for _, r := range history {
		if !r.BusinessDay.IsZero() && !slices.Contains(days, r.BusinessDay) {
			days = append(days, r.BusinessDay)
		}
	}
	return days
}

func describe(p *payment.Payment, history []payment.Record) Payment {
	s := Payment{
		Tracking: p.Tracking(), RRN: p.RRN.String(), ID: hex.EncodeToString(p.ID[:]), Book: p.Book.String(),
		Status: p.Status, Reason: p.Reason, Agency: p.Agency, Terminal: p.Terminal, Channel: p.Channel,
		STAN: p.STAN, LocalDate: p.LocalDate, LocalTime: p.LocalTime, Service: p.Price.Service, Amount: p.Amount,
		PAN: p.PAN(), OpenedAt: p.OpenedAt, BusinessDay: p.BusinessDay, Approval: p.Approval,
		Lines: []Line{}, History: []Step{},
	}
	for _, l := range p.Price.Lines {
		s.Lines = append(s.Lines, Line(l))
	}
	for _, r := range history {
		s.History = append(s.History, Step{Version: r.Version, At: r.At, After: r.At.Sub(p.OpenedAt), Status: r.Status,
			Reason: r.Reason, Actor: r.Actor, Network: r.Network, Told: r.Told})
	}
	return s
}

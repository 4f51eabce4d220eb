package main

import (
	"time"

	"treasury-switch/dossier"
	"treasury-switch/iso"
	"treasury-switch/switch/payment"
)

// printPayment shows a payment to a person: what was asked, what happened when, and what became of the money.
func (a *app) printPayment(s dossier.Payment) {
	facts := grid{headings: []any{"payment", string(s.Tracking)}}
	for _, fact := range [][2]string{
		{"status", string(s.Status)}, {"reason", string(s.Reason)}, {"RRN", s.RRN}, {"book", s.Book},
		{"agency, terminal", itoa(int64(s.Agency)) + ", " + s.Terminal + " (" + string(s.Channel) + ")"},
		{"request", "STAN " + s.STAN + " of " + s.LocalDate.String() + " " + s.LocalTime},
		{"service", s.Service}, {"amount", s.Amount.Grouped() + " rial"}, {"card", s.PAN},
		{"received", clock(s.OpenedAt)}, {"business day", both(s.BusinessDay)}, {"approval code", s.Approval},
	} {
		if fact[1] != "" {
			facts.add(fact[0], fact[1])
		}
	}
	a.print(facts)
	if len(s.Lines) > 0 {
		price := grid{title: "\nPrice", headings: []any{"component", "amount", "legal basis"}, numbers: []int{2}}
		for _, l := range s.Lines {
			price.add(l.Component, l.Amount.Grouped(), l.Citation)
		}
		a.print(price)
	}
	a.printHistory(s)
	a.printMoney(s)
}

func (a *app) printHistory(s dossier.Payment) {
	g := grid{title: "\nHistory", headings: []any{"when", "after", "status", "reason", "by", "network said", "terminal told"}, numbers: []int{2}}
	g.add(clock(s.OpenedAt), "0s", "PENDING", "", "terminal", "", "")
	for _, r := range s.History {
		g.add(clock(r.At), r.After.Round(time.Millisecond).String(), string(r.Status), string(r.Reason), r.Actor, meaning(r.Network), meaning(r.Told))
	}
	a.print(g)
}

// meaning shows a response code with its text.
func meaning(c payment.Code) string {
	if c == "" {
		return ""
	}
	return string(c) + " " + iso.Code(c).English()
}

func (a *app) printMoney(s dossier.Payment) {
	g := grid{title: "\nJournals", headings: []any{"step", "business day", "debit", "credit", "amount"}, numbers: []int{1, 5},
		empty: "\nNo journal: no money was booked."}
	for _, b := range s.Journals {
		g.add(b.Version, b.BusinessDay.String(), b.Debit, b.Credit, b.Amount.Grouped())
	}
	a.print(g)
	if s.Queued != nil {
		a.say("\nA reversal is queued since %s: tried %d times, rejected %d times, next %s.", clock(s.Queued.QueuedAt),
			s.Queued.Tries, s.Queued.Rejects, clock(s.Queued.NextAt))
	}
	for _, c := range s.Cases {
		a.say("\nCase since %s, owner %s: %s.", clock(c.OpenedAt), c.Owner, c.Reason)
	}
}

package switching

import (
	"slices"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/payment/paymenttest"
)

// judge holds what the terminals were told against the ledger and the network, once everything has come to rest.
func (w *world) judge() {
	for _, p := range w.store.sortedPayments() {
		w.judgeBooks(p)
	}
	if day, today := w.store.days[ledger.Live], calendar.DateOf(w.time()); !ledger.Believable(day, today, ledger.DefaultReach) {
		w.broken("the business day became %s", day)
	}
	for number, s := range w.sales {
		if !s.began.IsZero() {
			w.judgeWords(number)
		}
	}
}

// rows are what the tables have of a sale: one payment, or two under both years of its F13.
func (w *world) rows(number int) (all []*modelPayment) {
	i := w.original(number)
	for _, p := range w.store.sortedPayments() {
		if p.intent.STAN == i.STAN && p.intent.LocalTime == i.LocalTime {
			all = append(all, p)
		}
	}
	return all
}

// end is where a sale ended: in the ledger, and at the network. One that is stored twice ended where it was approved.
type end struct {
	status             payment.Status
	live               int  // debits
	kept               bool // a case has what became of the debit
	cancelled, claimed bool // its reversal was recorded, or a person is to undo it
	refund             bool // by a claim, which stays open
	cases              []*modelCase
}

func (w *world) end(number int) (e end) {
	for _, p := range w.rows(number) {
		there := payment.Fold(p.intent, p.records)
		if e.status != payment.Approved {
			e.status = there.Status
		}
		if w.network.live[p.intent.RRN] > 0 {
			e.live++
		}
		e.kept = e.kept || there.Status == payment.Case
		e.cancelled, e.claimed = e.cancelled || there.Cancelled, e.claimed || there.Claimed || there.Meant
		e.refund, e.cases = e.refund || there.Claimed, append(e.cases, w.store.cases[p.intent.Key]...)
	}
	return e
}

// made reports whether the payment was made; undone, that it was not, or that a person has to undo it.
func (e end) made() bool   { return e.status == payment.Approved && e.live == 1 }
func (e end) undone() bool { return e.status != payment.Approved && (e.live == 0 || e.kept) }

// owned says that a case was open when a reversal had been taken, or later: a person sees to it.
func (e end) owned(a *ask) bool {
	return e.refund || slices.ContainsFunc(e.cases, func(c *modelCase) bool {
		return c.reason == payment.OriginalUnmatched && (c.open() || c.closed.After(a.told))
	})
}

// mayUndo says of a message that its original is undone for it, if it is there: a reversal that was not refused, or an inquiry that was told 25, or
// would have been.
func (a *ask) mayUndo() bool {
	return a.reached && (a.undoes() && !a.refused() || a.what == "status" && (!a.answered || a.code == payment.NoOriginal || a.code == payment.InvalidRequest))
}

func (w *world) judgeWords(number int) {
	e := w.end(number)
	if e.live > 1 {
		w.broken("payment %d was debited %d times", number, e.live)
	}
	if e.cancelled && !slices.ContainsFunc(w.asks, func(a *ask) bool { return a.payment == number && a.mayUndo() }) {
		w.broken("payment %d was reversed for its terminal, which has not asked for it, or was refused", number)
	}
	accepted := false
	for _, a := range w.heard(number) {
		switch {
		case a.code == payment.InProgress:
		case a.undoes() && a.code == payment.OK:
			if accepted = accepted || !a.early; !e.undone() && !e.owned(a) && !w.beyond(a) {
				w.broken("payment %d: its reversal was accepted, it is %s with %d live debits", number, e.status, e.live)
			}
		case a.undoes():
		case a.code == payment.OK && accepted && !e.claimed:
			w.broken("payment %d: told approved after its reversal was accepted", number)
		case a.code == payment.OK && !e.made() && !(e.cancelled && e.undone()):
			w.broken("payment %d: told 00, it is %s with %d live debits", number, e.status, e.live)
		case a.code != payment.OK && !e.undone() && !(a.what == "status" && (a.code == payment.NoOriginal || a.code == payment.InvalidRequest) && w.beyond(a)):
			w.broken("payment %d: told %s, it is %s with %d live debits", number, a.code, e.status, e.live)
		}
	}
}

// refused says that the answer promises that nothing was done about it.
func (a *ask) refused() bool {
	return a.answered && a.code != payment.OK && a.code != payment.InProgress
}

// judgeWord holds a word against the tables when it is told: one that is final must be durable by then.
func (w *world) judgeWord(a *ask, told payment.Code) {
	rows := w.rows(a.payment)
	once := func(is func(payment.Payment) bool) bool {
		return slices.ContainsFunc(rows, func(p *modelPayment) bool {
			for n := range p.records {
				if is(payment.Fold(p.intent, p.records[:n+1])) {
					return true
				}
			}
			return false
		})
	}
	durable := true
	switch {
	case a.early:
	case a.undoes() && told == payment.OK:
		durable = once(func(p payment.Payment) bool { return p.Status == payment.Declined || p.Doubted || p.Claimed }) || w.keeps(a)
	case a.undoes():
	case told == payment.OK:
		durable = once(func(p payment.Payment) bool { return p.Status == payment.Approved })
	case told == payment.OutcomeUnknown:
		durable = once(func(p payment.Payment) bool { return p.Doubted })
	case told == payment.NoOriginal:
		durable = once(func(p payment.Payment) bool { return p.Tombstone() }) || w.keeps(a)
	}
	if !durable {
		w.broken("payment %d: %s is told to its %s before that is durable", a.payment, told, a.what)
	}
}

// keeps says that a message which finds no original under its name is written down for it.
func (w *world) keeps(a *ask) bool {
	said, _, _ := w.naming(a)
	return w.store.kept[a.node.key(101, said)]
}

// judgeBooks holds the books of a payment against its status, and its way there against the clock.
func (w *world) judgeBooks(p *modelPayment) {
	there, i := payment.Fold(p.intent, p.records), p.intent
	live := w.network.live[i.RRN]
	shares, suspense := p.sum(paymenttest.Share1, paymenttest.Share2), p.sum(ledger.House(i.Agency, i.Book, ledger.Suspense))
	switch {
	case there.Status == payment.Pending || there.Status == payment.Reversing:
		w.broken("%s is still %s", i.RRN, there.Status)
	case there.Status == payment.Approved && live != i.Amount, there.Status != payment.Approved && there.Status != payment.Case && live != 0:
		w.broken("%s is %s, the network has debited %d", i.RRN, there.Status, live)
	case p.settled:
		w.broken("%s was reversed although its business day was closed", i.RRN)
	case (there.Status == payment.Approved) != (shares > 0), shares > 0 && shares != i.Amount, there.Status != payment.Case && suspense != 0:
		w.broken("%s is %s with %d credited and %d in suspense", i.RRN, there.Status, shares, suspense)
	}
	for n, r := range p.records {
		if at := p.times[n]; !w.skewed && r.Reason == payment.Interrupted && r.Was == payment.Pending && at.Before(i.OpenedAt.Add(modelTimers.Switch)) {
			w.broken("%s was given up %s after its receipt", i.RRN, at.Sub(i.OpenedAt).Round(time.Second))
		}
	}
}

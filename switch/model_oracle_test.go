package switching

import (
	"slices"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/ledger"
)

// judge holds what the terminals were told against the ledger and the network, once everything has come to rest.
func (w *world) judge() {
	for _, p := range w.store.sortedPayments() {
		w.judgeBooks(p)
	}
	if day, today := w.store.days[ledger.Live], calendar.DateOf(w.time()); !ledger.Believable(day, today, ledger.DefaultReach) {
		w.broken("the business day became %s", day)
	}
	for payment, s := range w.sales {
		if !s.began.IsZero() {
			w.judgeWords(payment)
		}
	}
}

// rows are what the tables have of a sale: one payment, or two under both years of its F13.
func (w *world) rows(payment int) (all []*modelPayment) {
	i := w.original(payment)
	for _, p := range w.store.sortedPayments() {
		if p.intent.STAN == i.STAN && p.intent.LocalTime == i.LocalTime {
			all = append(all, p)
		}
	}
	return all
}

// end is where a sale ended: in the ledger, and at the network. One that stands twice ended where it was approved.
type end struct {
	status             Status
	live               int  // debits
	kept               bool // a case has what became of the debit
	cancelled, claimed bool // its reversal was recorded, or a refund claimed
}

func (w *world) end(payment int) (e end) {
	for _, p := range w.rows(payment) {
		there := Fold(p.intent, p.records)
		if e.status != Approved {
			e.status = there.Status
		}
		if w.network.live[p.intent.RRN] > 0 {
			e.live++
		}
		e.kept = e.kept || there.Status == Case
		e.cancelled, e.claimed = e.cancelled || there.Cancelled, e.claimed || there.Claimed
	}
	return e
}

// stands says that the payment was made, undone that it was not, or is a person's to undo.
func (e end) stands() bool { return e.status == Approved && e.live == 1 }
func (e end) undone() bool { return e.status != Approved && (e.live == 0 || e.kept) }

func (w *world) judgeWords(payment int) {
	e := w.end(payment)
	if e.live > 1 {
		w.broken("payment %d was debited %d times", payment, e.live)
	}
	if e.cancelled && !slices.ContainsFunc(w.asks, func(a *ask) bool { return a.payment == payment && a.undoes() && a.reached && !a.refused() }) {
		w.broken("payment %d was reversed for its terminal, which has not asked for it, or was refused", payment)
	}
	accepted := false
	for _, a := range w.heard(payment) {
		switch {
		case a.code == InProgress:
		case a.undoes() && a.code == OK:
			if accepted = accepted || !a.early; !e.undone() && !e.claimed && !w.beyond(a) {
				w.broken("payment %d: its reversal was accepted, it is %s with %d live debits", payment, e.status, e.live)
			}
		case a.undoes():
		case a.code == OK && accepted && !e.claimed:
			w.broken("payment %d: told approved after its reversal was accepted", payment)
		case a.code == OK && !e.stands() && !(e.cancelled && e.undone()):
			w.broken("payment %d: told 00, it is %s with %d live debits", payment, e.status, e.live)
		case a.code != OK && !e.undone():
			w.broken("payment %d: told %s, it is %s with %d live debits", payment, a.code, e.status, e.live)
		}
	}
}

// refused says that the answer promises that nothing was done about it.
func (a *ask) refused() bool { return a.answered && a.code != OK && a.code != InProgress }

// judgeWord holds a word against the tables when it is told: one that is final must be durable by then.
func (w *world) judgeWord(a *ask, told Code) {
	rows := w.rows(a.payment)
	once := func(is func(Payment) bool) bool {
		return slices.ContainsFunc(rows, func(p *modelPayment) bool {
			for n := range p.records {
				if is(Fold(p.intent, p.records[:n+1])) {
					return true
				}
			}
			return false
		})
	}
	durable := true
	switch {
	case a.early:
	case a.undoes() && told == OK:
		durable = once(func(p Payment) bool { return p.Status == Declined || p.Doubted || p.Claimed }) ||
			len(rows) == 0 && a.how == byTime && w.sales[a.payment].lead > 0 // Its tombstone has F90's time.
	case a.undoes():
	case told == OK:
		durable = once(func(p Payment) bool { return p.Status == Approved })
	case told == OutcomeUnknown:
		durable = once(func(p Payment) bool { return p.Doubted })
	case told == NoOriginal:
		durable = once(func(p Payment) bool { return p.Tombstone() })
	}
	if !durable {
		w.broken("payment %d: %s is told to its %s before that is durable", a.payment, told, a.what)
	}
}

// judgeBooks holds the books of a payment against its status, and its way there against the clock.
func (w *world) judgeBooks(p *modelPayment) {
	there, i := Fold(p.intent, p.records), p.intent
	live := w.network.live[i.RRN]
	shares, suspense := p.sum(share1, share2), p.sum(ledger.House(i.Agency, i.Book, ledger.Suspense))
	switch {
	case there.Status == Pending || there.Status == Reversing:
		w.broken("%s is still %s", i.RRN, there.Status)
	case there.Status == Approved && live != i.Amount, there.Status != Approved && there.Status != Case && live != 0:
		w.broken("%s is %s, the network has debited %d", i.RRN, there.Status, live)
	case p.settled:
		w.broken("%s was reversed although its business day was closed", i.RRN)
	case (there.Status == Approved) != (shares > 0), shares > 0 && shares != i.Amount, there.Status != Case && suspense != 0:
		w.broken("%s is %s with %d credited and %d in suspense", i.RRN, there.Status, shares, suspense)
	}
	for n, r := range p.records {
		if at := p.times[n]; !w.skewed && r.Reason == Interrupted && r.Was == Pending && at.Before(i.OpenedAt.Add(modelTimers.Switch)) {
			w.broken("%s was given up %s after its receipt", i.RRN, at.Sub(i.OpenedAt).Round(time.Second))
		}
	}
}

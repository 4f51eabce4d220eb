package switching

import (
	"time"

	"treasury-switch/ledger"
)

// judge holds what the terminals were told against the ledger and the network, once everything has come to rest.
func (w *world) judge() {
	for _, p := range w.store.sortedPayments() {
		w.judgeBooks(p)
	}
	for payment := range 2 {
		w.judgeWords(payment)
	}
}

// state is where a terminal's payment ended: in the ledger, and at the network. A payment that stands twice ended where it was approved.
func (w *world) state(payment int) (s Status, live int) {
	stan := w.request(payment, false).STAN
	for _, p := range w.store.sortedPayments() {
		if p.intent.STAN != stan {
			continue
		}
		if there := Fold(p.intent, p.records).Status; s != Approved {
			s = there
		}
		if w.network.live[p.intent.RRN] {
			live++
		}
	}
	return s, live
}

func (w *world) judgeWords(payment int) {
	s, live := w.state(payment)
	if live > 1 {
		w.broken("payment %d was debited %d times", payment, live)
	}
	var reversal, undone bool
	for _, a := range w.asks {
		reversal = reversal || a.payment == payment && a.what == "0420"
	}
	for _, a := range w.heard(payment) {
		asked := a.what != "0420"
		switch {
		case !asked && a.code == OK:
			if undone = true; s == Approved || live > 0 {
				w.broken("payment %d: its reversal was accepted, it is %s with %d live debits", payment, s, live)
			}
		case !asked || a.code == InProgress:
		case a.code == OK && undone:
			w.broken("payment %d: told approved after its reversal was accepted", payment)
		case a.code == OK && !reversal && (s != Approved || live != 1):
			w.broken("payment %d: told 00, it is %s with %d live debits", payment, s, live)
		case a.code != OK && (s == Approved || live > 0):
			w.broken("payment %d: told %s, it is %s with %d live debits", payment, a.code, s, live)
		}
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
	case live != (there.Status == Approved || there.Status == Case):
		w.broken("%s is %s, its debit is live: %t", i.RRN, there.Status, live)
	case (there.Status == Approved) != (shares > 0), shares > 0 && shares != i.Amount, there.Status != Case && suspense != 0:
		w.broken("%s is %s with %d credited and %d in suspense", i.RRN, there.Status, shares, suspense)
	}
	for n, r := range p.records {
		if at := p.times[n]; r.Reason == Interrupted && r.Was == Pending && at.Before(i.OpenedAt.Add(modelTimers.Switch)) {
			w.broken("%s was given up %s after its receipt", i.RRN, at.Sub(i.OpenedAt).Round(time.Second))
		}
	}
}

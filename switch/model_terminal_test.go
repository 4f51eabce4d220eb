package switching

import (
	"context"
	"time"

	"treasury-switch/calendar"
)

// ask is one message of a terminal, and what it was told.
type ask struct {
	payment  int
	what     string
	node     *modelNode
	at       time.Time
	reached  bool // the node has it
	answered bool
	code     Code
	ignored  bool // the terminal has gone on: whatever comes is not heard any more
}

// date is F13 of a payment's request, with the year in which its channel takes it at the time of receipt. The clock of the second payment's
// terminal is half a year off, and that year changes at the first midnight.
func (w *world) date(payment int) calendar.Date {
	today := calendar.DateOf(modelBegin)
	if payment == 0 {
		return today
	}
	for away := -184; ; away++ {
		_, month, day := today.Add(away).Gregorian()
		mmdd := time.Date(2000, month, day, 0, 0, 0, 0, time.UTC).Format("0102")
		before, _ := calendar.Nearest(mmdd, today)
		if after, _ := calendar.Nearest(mmdd, today.Add(1)); before != after {
			now, _ := calendar.Nearest(mmdd, calendar.DateOf(time.Now()))
			return now
		}
	}
}

// request is the payment's 0200, as the terminal sends it each time.
func (w *world) request(payment int, repeat bool) *Purchase {
	r := &Purchase{
		Identity: Identity{Acquirer: "581672061", Acceptor: acceptor, Terminal: "10100001", STAN: string(rune('0'+payment)) + "00001",
			LocalDate: w.date(payment), LocalTime: "120000"},
		Repeat: repeat, Processing: PurchaseProcessing, Currency: "364", Amount: 1_000_000, Card: Card{PAN: w.card}, Content: "SVC004FORM",
	}
	r.Tariff.Service, r.Tariff.Units = "FORM", 1000
	return r
}

// send has the terminal ask something at a node. It hears one answer at a time: asking again, it has given up the one before, unless the
// message was doubled on its way.
func (w *world) send(payment int, what string, n *modelNode, doubled bool) *ask {
	if !doubled {
		for _, a := range w.asks {
			if a.payment == payment && !a.answered {
				a.ignored = true
			}
		}
	}
	a := &ask{payment: payment, what: what, node: n, at: time.Now()}
	w.asks = append(w.asks, a)
	w.note("terminal: %s of payment %d to %s", what, payment, n.name)
	return a
}

// reach has the oldest message that is still on its way to a node arrive there.
func (w *world) reach(n *modelNode) {
	for _, a := range w.asks {
		if !a.reached && a.node == n {
			w.deliver(a)
			return
		}
	}
}

func (w *world) deliver(a *ask) {
	n := a.node
	if a.reached = true; n.dead {
		return
	}
	if time.Since(a.at) > 0 {
		w.note("%s of payment %d reaches %s", a.what, a.payment, n.name)
	}
	go func() {
		code := w.answer(n, a.payment, a.what)
		w.mu.Lock()
		defer w.mu.Unlock()
		if a.answered = true; n.dead {
			a.ignored = true
		}
		a.code = code
		if !a.ignored {
			w.note("told: %s of payment %d by %s: %s", a.what, a.payment, n.name, code)
		}
	}()
}

func (w *world) answer(n *modelNode, payment int, what string) Code {
	r := w.request(payment, what == "0201")
	ctx := context.Background()
	switch what {
	case "0200", "0201":
		return n.Purchase(ctx, r).Code
	case "status":
		return n.Status(ctx, &StatusInquiry{Original: r.Identity}).Code
	}
	return n.Reverse(ctx, &ReversalRequest{Original: r.Identity, Advice: true, Amount: r.Amount}).Code
}

// heard are the answers that the terminal of a payment heard, in their order of asking.
func (w *world) heard(payment int) (all []*ask) {
	for _, a := range w.asks {
		if a.payment == payment && a.answered && !a.ignored {
			all = append(all, a)
		}
	}
	return all
}

// may says whether a terminal would send this now: nothing before its request, no repeat of what was finally refused, and after its own
// reversal only the reversal again, or a question.
func (w *world) may(payment int, what string) bool {
	if what == "status" || what == "0420" {
		return true
	}
	var sent, final, undone bool
	for _, a := range w.asks {
		if a.payment != payment {
			continue
		}
		sent = sent || a.what == "0200" || a.what == "0201"
		undone = undone || a.what == "0420"
		final = final || a.answered && !a.ignored && a.code != InProgress && a.code != OK
	}
	return !final && !undone && sent == (what == "0201")
}

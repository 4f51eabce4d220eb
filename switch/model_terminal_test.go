package switching

import (
	"context"
	"slices"
	"time"

	"treasury-switch/money"
	"treasury-switch/switch/payment"
)

// ask is one message of a terminal, and what it was told.
type ask struct {
	payment  int
	what     string
	how      int // with which words about its original
	node     *modelNode
	at       time.Time // when it was sent, which F7 has
	made     time.Time // when it was made, which F12 has; zero of a request
	about    time.Time // when its request was sent, as F90 has it; zero of a request
	told     time.Time
	reached  bool      // it is on the node's side
	begun    time.Time // when the node took it up; zero: not yet
	early    bool      // a reversal that came before its original, which no tombstone of it keeps out
	answered bool
	code     payment.Code
	ignored  bool // the terminal has gone on: whatever comes is not heard any more
}

// undoes reports whether it is a reversal.
func (a *ask) undoes() bool { return a.what == "0420" || a.what == "0400" }

// ask has a terminal send something about the payment that a number means, if it would.
func (w *world) ask(what string, n *modelNode, choice int) {
	number := [...]int{0, 1, 2, 2}[choice%4]
	if !w.may(number, what) || what[1] != '2' && w.sales[number].began.IsZero() && choice < 7*modelActs/8 {
		return // That something else comes first is rare.
	}
	if w.collides(number, what) {
		return
	}
	a := w.send(number, what, n, false)
	if what[1] != '2' {
		w.makes(a)
		a.how = w.names(a, [...]int{byIdentity, byAll, byAll, byTime, byTime, byTime, byLocal, byLocal}[choice/16%8])
		w.note("it names its original %s", howNames[a.how])
	}
	if choice/4%4 > 0 {
		w.deliver(a)
	}
}

// send has the terminal ask something at a node. It hears one answer at a time: asking again, it has given up the one before, unless the
// message was doubled on its way.
func (w *world) send(number int, what string, n *modelNode, doubled bool) *ask {
	if !doubled {
		for _, a := range w.asks {
			if a.payment == number && !a.answered {
				a.ignored = true
			}
		}
	}
	if s := w.sales[number]; s.began.IsZero() {
		s.began = w.time()
	}
	a := &ask{payment: number, what: what, node: n, at: w.time()}
	w.asks = append(w.asks, a)
	w.note("terminal: %s of payment %d to %s", what, number, n.name)
	return a
}

// reach has the oldest message that is still on its way to a node arrive there, or the oldest of another node if there is none.
func (w *world) reach(n *modelNode) {
	n = w.from(n, func(n *modelNode) bool {
		return slices.ContainsFunc(w.asks, func(a *ask) bool { return !a.reached && a.node == n })
	})
	for _, a := range w.asks {
		if !a.reached && a.node == n {
			w.deliver(a)
			return
		}
	}
}

// double has the network between terminal and node deliver the last message twice, while the node works on it.
func (w *world) double(number int) {
	for at := len(w.asks) - 1; at >= 0; at-- {
		if a := w.asks[at]; a.payment == number && a.reached && !a.ignored && !a.answered && a.what[0] == '0' && a.node.stopped == nil {
			again := w.send(number, a.what, a.node, true)
			again.how, again.at, again.made, again.about = a.how, a.at, a.made, a.about
			w.deliver(again)
			return
		}
	}
}

func (w *world) deliver(a *ask) {
	n := a.node
	if a.reached = true; n.dead {
		return
	}
	if w.time().After(a.at) {
		w.note("%s of payment %d reaches %s", a.what, a.payment, n.name)
	}
	go func() {
		n.runs()
		w.set(func() { a.begun, a.early = w.time(), w.early(a) })
		code := w.answer(a)
		n.runs()
		w.mu.Lock()
		defer w.mu.Unlock()
		a.told = w.time()
		if a.answered = true; n.dead {
			a.ignored = true
		} else {
			w.judgeWord(a, code)
		}
		a.code = code
		if !a.ignored {
			w.note("told: %s of payment %d by %s: %s", a.what, a.payment, n.name, code)
		}
	}()
}

// early says of a reversal that its original may still come, or came too late to be found by its time, and that no tombstone keeps it out: F90's
// time is not the F12 of its terminal. It is undone once it was found.
func (w *world) early(a *ask) bool {
	if !a.undoes() || w.meets(a) {
		return false
	}
	found := false
	for _, r := range w.asks {
		switch {
		case !r.requests(a.payment), r.reached && r.node.dead:
		case r.begun.IsZero(), w.beyond(a):
			return true
		default:
			found = true
		}
	}
	return !found
}

func (a *ask) requests(number int) bool {
	return a.payment == number && !a.undoes() && a.what != "status"
}

// beyond says of a message that no tombstone of it keeps its original out, and that this came to a node so late that nobody looks for it: after
// eleven minutes; or after the message and ten minutes after its F7, or after the message where F90 has none; or more than a day before, and
// not when F90 says.
func (w *world) beyond(a *ask) bool {
	s := w.sales[a.payment]
	return !w.meets(a) && slices.ContainsFunc(w.asks, func(r *ask) bool {
		if !r.requests(a.payment) || r.begun.IsZero() {
			return false
		}
		after, far := r.begun.Sub(a.begun), !a.timed(s) || r.begun.Sub(a.about).Abs() >= receiptWindow
		if a.how == byAll && a.timed(s) && w.exact(a) && far {
			return true // F12 is F90's time, and another F32 does not name it.
		}
		return after >= againFor || after >= 0 && r.begun.Sub(a.about) >= receiptWindow || far && after < -aDay
	})
}

func (w *world) answer(a *ask) payment.Code {
	ctx := context.Background()
	if a.what == "0200" || a.what == "0201" {
		return a.node.Purchase(ctx, w.request(a.payment, a.what == "0201")).Code
	}
	original, sent, own := w.naming(a)
	s, card, amount := w.sales[a.payment], Card{}, money.Rial(0)
	if s.habits.card {
		card.PAN = s.pan
	}
	if s.habits.amount {
		amount = s.total()
	}
	if a.what == "status" {
		return a.node.Status(ctx, &StatusInquiry{Original: original, Sent: sent, Own: own, Card: card, Amount: amount}).Code
	}
	return a.node.Reverse(ctx, &ReversalRequest{Original: original, Sent: sent, Own: own, Advice: a.what == "0420", Amount: s.total(), Card: card}).Code
}

// heard are the answers that the terminal of a payment heard, in their order of asking.
func (w *world) heard(number int) (all []*ask) {
	for _, a := range w.asks {
		if a.payment == number && a.answered && !a.ignored {
			all = append(all, a)
		}
	}
	return all
}

// may reports whether a terminal would send this now: nothing before its request, no repeat of what was finally refused, and after its own
// reversal only the reversal again, or a question. A STAN does not come round within minutes, unless the two can be told apart.
func (w *world) may(number int, what string) bool {
	mine := w.sales[number]
	for at, other := range w.sales {
		switch apart := w.time().Add(mine.ahead).Sub(other.began.Add(other.ahead)); {
		case other == mine || other.stan != mine.stan || other.began.IsZero() || apart.Abs() >= 2*time.Minute:
		case mine.began.IsZero() && !w.tellsApart(number, at):
			return false
		case what == "0201" && mine.began.Before(other.began) && !toldByContent(mine, other):
			return false // It has gone on to the next payer.
		}
	}
	if what[0] != '0' || what[1] == '4' {
		return true
	}
	var sent, final, undone bool
	for _, a := range w.asks {
		if a.payment != number {
			continue
		}
		sent = sent || a.what == "0200" || a.what == "0201"
		undone = undone || a.undoes()
		final = final || a.answered && !a.ignored && a.code != payment.InProgress && a.code != payment.OK
	}
	return !final && !undone && sent == (what == "0201")
}

// toldByContent says that messages about two payments tell one from the other whenever they were received.
func toldByContent(a, b *sale) bool {
	return a.habits.card && b.habits.card && a.pan != b.pan || a.habits.amount && b.habits.amount && a.units != b.units
}

// tellsApart says that a payment may begin within two minutes of another with its STAN: what the messages name differs, or the other was
// received ten seconds before. Its F12 is after everything that the terminal has sent of the other.
func (w *world) tellsApart(number, before int) bool {
	mine, other := w.sales[number], w.sales[before]
	if mine.ahead != other.ahead {
		return false
	}
	received := false
	for _, a := range w.asks {
		switch {
		case a.payment != before:
		case w.time().Add(-mine.lead).Sub(a.at) <= sameMoment+time.Second:
			return false
		case a.requests(before) && (a.begun.IsZero() || w.time().Sub(a.begun) <= sameSending+time.Second):
			return toldByContent(mine, other)
		case a.requests(before):
			received = true
		}
	}
	return received && !w.skewed || toldByContent(mine, other)
}

// collides says that a message would have the F12 of another one, about another payment with its STAN, or copy its time into F90: a terminal
// sends one at a time.
func (w *world) collides(number int, what string) bool {
	mine, now := w.sales[number], w.time()
	made, requests := now.Add(-mine.made), what[1] == '2'
	if requests {
		made = now.Add(-mine.lead)
	}
	for _, a := range w.asks {
		other := w.sales[a.payment]
		if a.payment == number || other.stan != mine.stan {
			continue
		}
		near := func(at, theirs time.Time, within time.Duration) bool {
			return !theirs.IsZero() && mine.clock(at).Sub(other.clock(theirs)).Abs() <= within
		}
		begun := other.began.Add(-other.lead)
		switch {
		case near(made, a.made, time.Second), near(made, begun, time.Second),
			mine.copies && !requests && near(now, begun, sameMoment+time.Second),
			other.copies && requests && near(made, a.at, sameMoment+time.Second):
			return true
		}
	}
	return false
}

// close says that two payments with one STAN may be nearer to each other than two minutes.
func (w *world) close() bool {
	return w.sales[0].ahead == w.sales[2].ahead && !toldByContent(w.sales[0], w.sales[2])
}

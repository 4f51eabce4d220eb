package switching

import (
	"context"
	"errors"
	"slices"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/await"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
	"treasury-switch/switch/payment"
)

// message is a debit on its way.
type message struct {
	from      *modelNode
	intent    *payment.Intent
	sent      time.Time
	arrived   bool // the network has seen it and answers
	said      payment.Answered
	untrusted bool // the answer cannot be believed
	late      bool // nobody waits any more
	answer    chan payment.Answered
}

// modelNetwork debits cards, and knows each debit by its retrieval number.
type modelNetwork struct {
	live      map[payment.RRN]money.Rial // what is debited; 0: nothing, or not any more
	reversals string                     // how it answers reversals
	ahead     int                        // days by which its business day is before Tehran's date
}

func newModelNetwork() *modelNetwork {
	return &modelNetwork{live: map[payment.RRN]money.Rial{}, reversals: approves}
}

// How the network answers.
const (
	approves = "approves"
	refuses  = "refuses"
	loses    = "loses its answers"
	didNot   = "does nothing and does not know it"
	garbles  = "answers what cannot be believed"
)

// What it may do about a debit, and about reversals.
var (
	debitWays = []string{refuses, "debits a part", "does not know what it did", didNot, garbles, "names another amount", "names another currency",
		"names no day", "names a day that is far away"}
	reversalWays = []string{approves, loses, "asks to try again", refuses, "loses what it is asked"}
)

// debit is what the network does about a message that arrives.
func (n *modelNetwork) debit(m *message, how string, today calendar.Date) {
	i := m.intent
	m.arrived, m.untrusted = true, how == garbles
	m.said = payment.Answered{Word: payment.SaidDeclined, Code: "51", Amount: i.Amount, Currency: true, Day: today.Add(n.ahead)}
	if _, known := n.live[i.RRN]; known || how == refuses {
		return
	}
	n.live[i.RRN] = i.Amount
	m.said.Word, m.said.Code, m.said.Approval = payment.SaidApproved, payment.OK, "654321"
	switch how {
	case "debits a part":
		n.live[i.RRN] = 400_000
		m.said.Word, m.said.Code, m.said.Amount = payment.SaidPartial, "10", 400_000
	case "does not know what it did":
		m.said.Word, m.said.Code, m.said.Approval = payment.SaidUnknown, "06", ""
	case didNot:
		n.live[i.RRN] = 0
		m.said.Word, m.said.Code, m.said.Approval = payment.SaidUnknown, "06", ""
	case "names another amount":
		n.live[i.RRN]++
		m.said.Amount++
	case "names another currency":
		n.live[i.RRN] = 1
		m.said.Currency = false
	case "names no day":
		m.said.Day = 0
	case "names a day that is far away":
		m.said.Day = today.Add(40)
	}
}

func (n *modelNetwork) reverse(r Reversal) (payment.ReversalAnswered, error) {
	switch n.reversals {
	case "loses what it is asked":
		return payment.ReversalAnswered{}, errLost
	case "asks to try again":
		return payment.ReversalAnswered{Word: payment.ReversalUnclear, Code: payment.Inoperative}, nil
	case refuses:
		return payment.ReversalAnswered{Word: payment.ReversalRefused, Code: payment.FormatError}, nil
	}
	if _, known := n.live[r.Intent.RRN]; !known {
		return payment.ReversalAnswered{Word: payment.ReversalNotFound, Code: payment.NoOriginal}, nil
	}
	n.live[r.Intent.RRN] -= r.Amount
	if r.Amount == r.Intent.Amount || n.live[r.Intent.RRN] < 0 { // the whole of it, whatever that is
		n.live[r.Intent.RRN] = 0
	}
	if n.reversals == loses {
		return payment.ReversalAnswered{}, errLost
	}
	return payment.ReversalAnswered{Word: payment.ReversalDone, Code: payment.OK}, nil
}

var errLost = errors.New("the answer was lost")

// modelLinks carry a node's messages into the model's network.
type modelLinks struct{ n *modelNode }

func (l modelLinks) Ready() bool {
	l.n.world.mu.Lock()
	defer l.n.world.mu.Unlock()
	return !l.n.dead
}

func (l modelLinks) Authorise(ctx context.Context, d Debit) (payment.Answered, error) {
	l.n.runs()
	m := &message{from: l.n, intent: d.Intent, sent: time.Now(), answer: make(chan payment.Answered, 1)}
	if !l.n.world.take(m, d.SendBefore) {
		return payment.Answered{}, fault.New(fault.Unavailable, "too late to send")
	}
	select {
	case a := <-m.answer:
		m.answer <- a
	case <-ctx.Done():
	}
	l.n.runs()
	select {
	case a := <-m.answer: // It may have come during a pause, in which its time ran out.
		if m.untrusted {
			return payment.Answered{}, ErrUntrusted
		}
		return a, nil
	default:
		l.n.world.set(func() { m.late = true })
		return payment.Answered{}, ctx.Err()
	}
}

func (l modelLinks) Reverse(_ context.Context, r Reversal) (payment.ReversalAnswered, error) {
	l.n.runs()
	l.n.world.mu.Lock()
	defer l.n.world.mu.Unlock()
	if l.n.dead {
		return payment.ReversalAnswered{}, errors.New("no link")
	}
	return l.n.world.network.reverse(r)
}

// take sends a debit, unless its node has ended or it is too late.
func (w *world) take(m *message, before time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if m.from.dead || !m.sent.Before(before) {
		return false
	}
	w.travelling = append(w.travelling, m)
	return true
}

// carry moves a message of the network on: one of those that can.
func (w *world) carry(how string, which int, n *modelNode) {
	var can []*message
	for _, m := range w.travelling {
		if m.may(how) {
			can = append(can, m)
		}
	}
	if len(can) == 0 || n.dead {
		return
	}
	m := can[which%len(can)]
	switch how {
	case "lose":
		w.note("a message of %s is lost", m.intent.RRN)
		w.drop(m)
	case "arrive", "arrive oddly":
		odd := approves
		if how == "arrive oddly" {
			odd = debitWays[which/4%len(debitWays)]
		}
		w.network.debit(m, odd, calendar.DateOf(w.time()))
		w.note("the network %s, and says %s to %s", odd, m.said.Code, m.intent.RRN)
	case "answer":
		w.note("%s hears %s", m.from.name, m.said.Code)
		m.answer <- m.said
		if m.late = true; which/16%4 > 0 { // Otherwise it comes once more.
			w.drop(m)
		}
	case "answer elsewhere":
		w.note("%s hears %s for %s unasked", n.name, m.said.Code, m.intent.RRN)
		go n.hears(m)
		w.drop(m)
	case "mis-keyed":
		said := payment.Answered{Word: payment.SaidDeclined, Code: "51", Amount: m.intent.Amount, Currency: true, Day: calendar.DateOf(m.intent.OpenedAt)}
		if which%2 == 0 {
			said.Word, said.Code = payment.SaidApproved, payment.OK
		}
		w.note("%s hears %s about another debit, under the number of %s", n.name, said.Code, m.intent.RRN)
		go func() { _ = n.LateAnswer(context.Background(), 101, m.intent.RRN, said, about("F11 F41")) }()
	}
}

// may reports whether a message can be moved on so.
func (m *message) may(how string) bool {
	switch how {
	case "arrive", "arrive oddly":
		return !m.arrived && time.Since(m.sent) < modelTimers.InFlight
	case "answer":
		return m.arrived && !m.late && !m.from.dead
	case "answer elsewhere":
		return m.arrived && !m.untrusted
	}
	return true
}

func (w *world) drop(m *message) {
	w.travelling = slices.DeleteFunc(w.travelling, func(other *message) bool { return other == m })
}

// hears takes an answer that nobody waits for, again until it is recorded.
func (n *modelNode) hears(m *message) {
	for range 5 {
		if n.runs(); n.LateAnswer(context.Background(), 101, m.intent.RRN, m.said, about("")) == nil || n.ended() {
			return
		}
		await.Pause(nil, time.Second)
	}
}

func about(differs string) Differs { return func(*payment.Intent) string { return differs } }

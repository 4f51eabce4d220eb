package switching

import (
	"context"
	"slices"
	"time"

	"treasury-switch/calendar"
)

// sale is a payment that a terminal makes. Its F12 and F13 are those of its first message.
type sale struct {
	stan  string
	ahead time.Duration // of the terminal's clock
	lead  time.Duration // from its F12 to its F7
	off   bool          // its date is half a year off, and the year of that changes at the first midnight
	began time.Time     // zero: nothing was sent yet
}

// newSales are the payments of a schedule. The first and the last have one STAN, which restarted in between, and so was the clock set.
func newSales() []*sale {
	return []*sale{{stan: "000001"}, {stan: "100001", off: true}, {stan: "000001", ahead: 4*time.Minute + 17*time.Second, lead: 20 * time.Second}}
}

// ask is one message of a terminal, and what it was told.
type ask struct {
	payment  int
	what     string
	how      int // with which words about its original
	node     *modelNode
	at       time.Time
	reached  bool      // it is on the node's side
	begun    time.Time // when the node took it up; zero: not yet
	idle     bool      // a reversal that came before its original, and names it by its time alone
	answered bool
	code     Code
	ignored  bool // the terminal has gone on: whatever comes is not heard any more
}

// undoes says whether it is a reversal.
func (a *ask) undoes() bool { return a.what == "0420" || a.what == "0400" }

// How a reversal or an inquiry names its original.
const (
	byIdentity = iota // by F12 and F13 of the original; F90 has no time
	byAll             // by these and F90's time
	byTime            // by F90's time; F12 and F13 are the message's own
	byLocal           // the same, of a terminal that writes local time into F7
)

// tehran is how far its clocks are before UTC.
const tehran = 210 * time.Minute

var howNames = [...]string{"by its F12 and F13", "by its F12 and F13, and F90's time", "by F90's time alone", "by F90's time alone, which is local"}

// names is how a message may name its original: what is half a year off is not looked for by its time, that of a reversal is UTC, and no
// terminal gives its request up within a moment.
func (w *world) names(a *ask, how int) int {
	s := w.sales[a.payment]
	switch {
	case how > byAll && (s.off || a.at.Sub(s.began) <= sameMoment+time.Second):
		return byAll
	case how == byLocal && a.undoes():
		return byTime
	}
	return how
}

// clock is what the terminal's clock shows, as if it were UTC.
func (s *sale) clock(at time.Time) time.Time {
	return at.Add(s.ahead + tehran).UTC().Truncate(time.Second)
}

// date is F13 of a payment whose terminal is half a year off, with the year in which its channel takes it at the time of receipt.
func (w *world) date() calendar.Date {
	today := calendar.DateOf(modelBegin)
	for away := -184; ; away++ {
		_, month, day := today.Add(away).Gregorian()
		mmdd := time.Date(2000, month, day, 0, 0, 0, 0, time.UTC).Format("0102")
		before, _ := calendar.Nearest(mmdd, today)
		if after, _ := calendar.Nearest(mmdd, today.Add(1)); before != after {
			now, _ := calendar.Nearest(mmdd, calendar.DateOf(w.time()))
			return now
		}
	}
}

// identity is that of a message which the terminal of a payment makes at a time.
func (w *world) identity(payment int, at time.Time) Identity {
	s := w.sales[payment]
	clock := s.clock(at)
	i := Identity{Acquirer: "581672061", Acceptor: acceptor, Terminal: "10100001", STAN: s.stan,
		LocalDate: calendar.FromDB(clock), LocalTime: clock.Format("150405")}
	if s.off {
		i.LocalDate = w.date()
	}
	return i
}

// original is the identity of a payment's request.
func (w *world) original(payment int) Identity {
	s := w.sales[payment]
	return w.identity(payment, s.began.Add(-s.lead))
}

// request is the payment's 0200, as the terminal sends it each time.
func (w *world) request(payment int, repeat bool) *Purchase {
	r := &Purchase{
		Identity: w.original(payment),
		Repeat:   repeat, Processing: PurchaseProcessing, Currency: "364", Amount: 1_000_000, Card: Card{PAN: w.card}, Content: "SVC004FORM",
	}
	r.Tariff.Service, r.Tariff.Units = "FORM", 1000
	return r
}

// naming is how a message about a payment names it.
func (w *world) naming(a *ask) (original Identity, sent, own string) {
	original = w.original(a.payment)
	message, zone := w.identity(a.payment, a.at), tehran
	if a.how == byLocal {
		zone = 0
	}
	if a.how != byIdentity {
		sent, own = stampOf(original.clock().Add(w.sales[a.payment].lead-zone)), stampOf(message.clock().Add(-zone))
	}
	if a.how == byTime || a.how == byLocal {
		original = message
	}
	return original, sent, own
}

// ask has a terminal send something about the payment that a number means, if it would.
func (w *world) ask(what string, n *modelNode, number int) {
	payment := [...]int{0, 1, 2, 2}[number%4]
	if !w.may(payment, what) || what[1] != '2' && w.sales[payment].began.IsZero() && number < 7*modelActs/8 {
		return // That something else comes first is rare.
	}
	a := w.send(payment, what, n, false)
	if what[1] != '2' {
		a.how = w.names(a, [...]int{byIdentity, byAll, byAll, byTime, byTime, byTime, byLocal, byLocal}[number/16%8])
		w.note("it names its original %s", howNames[a.how])
	}
	if number/4%4 > 0 {
		w.deliver(a)
	}
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
	if s := w.sales[payment]; s.began.IsZero() {
		s.began = w.time()
	}
	a := &ask{payment: payment, what: what, node: n, at: w.time()}
	w.asks = append(w.asks, a)
	w.note("terminal: %s of payment %d to %s", what, payment, n.name)
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
func (w *world) double(payment int) {
	for at := len(w.asks) - 1; at >= 0; at-- {
		if a := w.asks[at]; a.payment == payment && a.reached && !a.ignored && !a.answered && a.what[0] == '0' && a.node.stopped == nil {
			again := w.send(payment, a.what, a.node, true)
			again.how = a.how
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
		w.set(func() { a.begun, a.idle = w.time(), w.early(a) })
		code := w.answer(a)
		n.runs()
		w.mu.Lock()
		defer w.mu.Unlock()
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

// early says of a reversal that its original may still come, or came too late to be found by its time, and that nothing keeps it out: F90's
// time is not the F12 of its terminal.
func (w *world) early(a *ask) bool {
	s := w.sales[a.payment]
	if !a.undoes() || a.how != byTime || s.lead == 0 {
		return false
	}
	found := false
	for _, r := range w.asks {
		switch {
		case r.payment != a.payment || r.undoes() || r.what == "status", r.reached && r.node.dead:
		case r.begun.IsZero():
			return true
		default:
			found = found || r.begun.Sub(s.began.Add(s.ahead)).Abs() < receiptWindow
		}
	}
	return !found
}

func (w *world) answer(a *ask) Code {
	ctx := context.Background()
	if a.what == "0200" || a.what == "0201" {
		return a.node.Purchase(ctx, w.request(a.payment, a.what == "0201")).Code
	}
	original, sent, own := w.naming(a)
	if a.what == "status" {
		return a.node.Status(ctx, &StatusInquiry{Original: original, Sent: sent, Own: own}).Code
	}
	return a.node.Reverse(ctx, &ReversalRequest{Original: original, Sent: sent, Own: own, Advice: a.what == "0420", Amount: 1_000_000}).Code
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
// reversal only the reversal again, or a question. A STAN does not come round within minutes.
func (w *world) may(payment int, what string) bool {
	mine := w.sales[payment]
	for _, other := range w.sales {
		apart := w.time().Add(mine.ahead).Sub(other.began.Add(other.ahead))
		if other != mine && other.stan == mine.stan && mine.began.IsZero() && !other.began.IsZero() && apart.Abs() < 2*time.Minute {
			return false
		}
	}
	if what[0] != '0' || what[1] == '4' {
		return true
	}
	var sent, final, undone bool
	for _, a := range w.asks {
		if a.payment != payment {
			continue
		}
		sent = sent || a.what == "0200" || a.what == "0201"
		undone = undone || a.undoes()
		final = final || a.answered && !a.ignored && a.code != InProgress && a.code != OK
	}
	return !final && !undone && sent == (what == "0201")
}

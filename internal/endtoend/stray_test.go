package endtoend

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"treasury-switch/internal/node"
	"treasury-switch/internal/pos"
	"treasury-switch/iso"
	switching "treasury-switch/switch"
)

// unhurried is a ladder in which the network has time for two answers.
func unhurried(c *node.Config) {
	c.Switch.Timers = switching.Timers{Network: 1500 * time.Millisecond, Switch: 2 * time.Second, Terminal: 3 * time.Second,
		SendBefore: 500 * time.Millisecond, InFlight: 300 * time.Millisecond, Grace: 100 * time.Millisecond}
}

// stray is a wrong answer to a debit, and what must come of it.
type stray struct {
	name  string
	wrong func(debit *iso.Message) map[int]string // fields of the wrong answer
	right iso.Code                                // of the right one, which comes behind it; "" if none does
	want  iso.Code
}

// fixed gives every wrong answer the same fields.
func fixed(fields map[int]string) func(*iso.Message) map[int]string {
	return func(*iso.Message) map[int]string { return fields }
}

// TestD16_StrayAnswers: answers of a network that confuses payments, as bytes. They name
// the payment by F37 and have another key.
func TestD16_StrayAnswers(t *testing.T) {
	oneHigher := func(m *iso.Message) map[int]string {
		stan, _ := strconv.Atoi(m.Get(11))
		return map[int]string{11: fmt.Sprintf("%06d", stan+1)}
	}
	confuse(t, []stray{
		{"only a 51 of another terminal, STAN, amount and card", fixed(map[int]string{39: "51", 41: "10200099", 11: "000777", 4: "000000000001",
			2: "6104330000000516"}), "", "68"},
		{"a 00 of another terminal and STAN, then the right 51", fixed(map[int]string{41: "10200099", 11: "000777"}), "51", "51"},
		{"a 51 of another terminal and STAN, then the right 00", fixed(map[int]string{39: "51", 41: "10200099", 11: "000777"}), "00", "00"},
		{"a 00 whose STAN is one higher", oneHigher, "", "68"},
		{"a 00 of another time", fixed(map[int]string{7: "0101000000"}), "", "68"},
	})
}

// TestD17_StrayAnswers: the same of answers that have the key of the request, and are about
// another payment, card or acceptor.
func TestD17_StrayAnswers(t *testing.T) {
	confuse(t, []stray{
		{"a 51 of another payment, then the right 00", fixed(map[int]string{39: "51", 37: "999999999999"}), "00", "00"},
		{"only a 00 for another card", fixed(map[int]string{2: "6104330000000516"}), "", "68"},
		{"a 51 of another acceptor, then the right 00", fixed(map[int]string{39: "51", 42: "000000000000102"}), "00", "00"},
	})
}

// confuse has a network give wrong answers. Only the payment's own answer decides; without
// one it is reversed.
func confuse(t *testing.T, strays []stray) {
	t.Helper()
	h := newHost(t)
	n := startOn(t, h, unhurried)
	misnaming := func() float64 { return counted(t, n, "treasury_network_unasked_total", "answer of another payment") }
	alarms := func() float64 { return counted(t, n, "treasury_alarms_total", "answer_mismatch") }
	for i, c := range strays {
		t.Run(c.name, func(t *testing.T) {
			var debit atomic.Pointer[iso.Message]
			var behind sync.WaitGroup
			defer behind.Wait()
			h.debits(func(l *link, m *iso.Message) {
				debit.Store(m)
				l.send(answerTo(m, c.wrong(m)))
				if c.right == "" {
					return
				}
				behind.Go(func() { // The link goes on reading meanwhile.
					for tries := 0; tries < 100 && misnaming() <= float64(i); tries++ {
						// The wrong answer is being dealt with.
					}
					l.send(answerTo(m, map[int]string{39: string(c.right)}))
				})
			})
			if got := pay(t, n, "6037990000000014"); got != c.want {
				t.Errorf("the terminal is told %s, want %s", got, c.want)
			}
			if c.want == "68" {
				await(t, "the debit is taken back", func() bool { return h.reversalsOf(debit.Load()) > 0 })
			} else if got := h.reversalsOf(debit.Load()); got != 0 {
				t.Errorf("%d reversals", got)
			}
			await(t, "it is counted", func() bool { return misnaming() == float64(i+1) && alarms() == float64(i+1) })
		})
	}
	await(t, "the reversals are answered", func() bool { return counted(t, n, "treasury_forward_queued") == 0 })
	h.debits(func(l *link, m *iso.Message) {
		l.send(answerTo(m, map[int]string{32: "00581672000", 42: "101            "}))
	})
	if got := pay(t, n, "6037990000000014"); got != "00" {
		t.Errorf("its own, with its numbers written otherwise: the terminal is told %s", got)
	}
	holds(t)
}

// TestD18_StrayAnswersToReversals: an answer to a reversal that has another key or names
// another payment ends nothing; the reversal is sent again until its own answer comes.
func TestD18_StrayAnswersToReversals(t *testing.T) {
	h := newHost(t)
	n := startOn(t, h, nil)
	h.debits(func(*link, *iso.Message) {})
	var asked atomic.Int64
	h.reverses(func(l *link, m *iso.Message) {
		switch asked.Add(1) {
		case 1:
			l.send(answerTo(m, map[int]string{11: "000777", 41: "10200099"}))
		case 2:
			l.send(answerTo(m, map[int]string{37: "999999999999"}))
		default:
			l.send(answerTo(m, nil))
		}
	})
	if got := pay(t, n, "6037990000000014"); got != "68" {
		t.Errorf("the terminal is told %s", got)
	}
	await(t, "the reversal is done", func() bool {
		return counted(t, n, "treasury_payment_records_total", "REVERSED", "reversal_accepted") == 1
	})
	if got := asked.Load(); got != 3 {
		t.Errorf("the reversal was sent %d times", got)
	}
	await(t, "both are told", func() bool { return counted(t, n, "treasury_alarms_total", "answer_mismatch") == 2 })
	holds(t)
}

// TestD19_NetworkReverses: a 0420 of the network is answered 25 where it is of no payment of
// ours, otherwise 00, and opens a case.
func TestD19_NetworkReverses(t *testing.T) {
	h := newHost(t)
	n := startOn(t, h, nil)
	var debit atomic.Pointer[iso.Message]
	h.debits(func(l *link, m *iso.Message) {
		debit.Store(m)
		l.send(answerTo(m, nil))
	})
	if got := pay(t, n, "6037990000000014"); got != "00" {
		t.Fatalf("the terminal is told %s", got)
	}
	of := debit.Load()
	ask := func(mti iso.MTI, f90, rrn string) *iso.Message {
		m := &iso.Message{MTI: mti}
		iso.ShetabDialect().Echo(m, of, 2, 3, 4, 12, 13, 32, 41, 42, 49)
		m.Set(7, iso.TransmissionTime(time.Now()))
		m.Set(11, "555001")
		m.Set(37, rrn)
		m.Set(90, f90)
		h.first().send(m)
		return <-h.answers
	}
	f90 := iso.OriginalData{MTI: iso.MTIPurchase, STAN: of.Get(11), Stamp: of.Get(7), Acquirer: "581672000"}
	other := f90
	other.STAN = "999999"
	for _, c := range []struct {
		name, f90, rrn string
		mti            iso.MTI
		want           string
	}{
		{"of no payment", f90.Format(), "999999999999", iso.MTIReversalAdvice, "25"},
		{"of another debit", other.Format(), of.Get(37), iso.MTIReversalAdvice, "25"},
		{"of the payment", f90.Format(), of.Get(37), iso.MTIReversalAdvice, "00"},
		{"its repeat", f90.Format(), of.Get(37), iso.MTIReversalAdviceRepeat, "00"},
		{"a request", f90.Format(), of.Get(37), iso.MTIReversal, "12"},
	} {
		answer := ask(c.mti, c.f90, c.rrn)
		if answer.MTI != c.mti.Answer() || answer.Get(39) != c.want || answer.Get(11) != "555001" || answer.Get(33) != "581672001" {
			t.Errorf("%s: %s with %s, want %s", c.name, answer.MTI, answer.Get(39), c.want)
		}
	}
	if got := counted(t, n, "treasury_alarms_total", "foreign_reversal"); got != 2 {
		t.Errorf("%v alarms of no payment", got)
	}
	if got := counted(t, n, "treasury_alarms_total", "network_reversal"); got != 1 {
		t.Errorf("%v alarms of the payment", got)
	}
	holds(t)
}

// TestC11_NetworkKeepsAlive: frames of length zero between messages cost nothing that is in
// flight, unless the link is told not to take them.
func TestC11_NetworkKeepsAlive(t *testing.T) {
	for name, agreed := range map[string]bool{"agreed on": true, "not agreed on": false} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			n := startOn(t, h, func(c *node.Config) { c.Network.KeepAlive = agreed })
			h.debits(func(l *link, m *iso.Message) {
				l.write([]byte{0, 0})
				l.write([]byte{0, 0, 0, 0})
				l.send(answerTo(m, nil))
			})
			want, frames := iso.Code("00"), 3.0
			if !agreed {
				want, frames = "68", 0
			}
			if got := pay(t, n, "6037990000000014"); got != want {
				t.Errorf("the terminal is told %s, want %s", got, want)
			}
			if got := counted(t, n, "treasury_link_events_total", "keep-alive"); got != frames {
				t.Errorf("%v are counted", got)
			}
			holds(t)
		})
	}
}

// TestC11_TerminalKeepsAlive is the same on the terminals' side.
func TestC11_TerminalKeepsAlive(t *testing.T) {
	h := newHost(t)
	h.debits(func(l *link, m *iso.Message) { l.send(answerTo(m, nil)) })
	n := startOn(t, h, func(c *node.Config) { c.Terminals.KeepAlive = true })
	w := dialNode(t, n)
	till := pos.New("10100001", 101, 1, time.Now)
	sale := pos.Sale{Card: card(t, "6037990000000014"), Amount: passportPrice, Service: "PASSPORT"}
	w.write(append([]byte{0, 0, 0, 0}, framed(t, packed(t, till.Purchase(sale)))...))
	w.write([]byte{0, 0})
	if answer := w.read(); pos.Code(answer) != "00" {
		t.Errorf("answered %v", answer)
	}
	if got := counted(t, n, "treasury_terminal_keepalives_total"); got < 2 {
		t.Errorf("%v are counted", got)
	}
	holds(t)
}

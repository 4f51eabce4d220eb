package simulator

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/money"
)

// State is what became of a debit.
type State string

// The states of a debit. A debit never leaves Reversed.
const (
	Debited  State = "debited"
	Reversed State = "reversed"
)

// Debit is one debit of a card.
type Debit struct {
	Sequence     int64         `json:"sequence"` // order in which the debits were made
	PAN          identity.PAN  `json:"pan"`      // masked wherever it is printed
	Amount       money.Rial    `json:"amount"`
	Acquirer     string        `json:"acquirer"`     // F32
	Terminal     string        `json:"terminal"`     // F41
	Acceptor     string        `json:"acceptor"`     // F42
	STAN         string        `json:"stan"`         // F11
	Transmission string        `json:"transmission"` // F7
	RRN          string        `json:"rrn"`          // F37
	Day          calendar.Date `json:"day"`          // business day of the debit
	State        State         `json:"state"`
	// Answered says that a faithful approval was handed to a connection, Answers
	// how often. It does not say that it arrived.
	Answered bool `json:"answered"`
	Answers  int  `json:"answers"`
	// Reversals counts the reversal messages that named this debit.
	Reversals  int        `json:"reversals"`
	DebitedAt  time.Time  `json:"debited_at"`
	AnsweredAt *time.Time `json:"answered_at,omitempty"`
	ReversedAt *time.Time `json:"reversed_at,omitempty"`
}

// Ledger is what the simulator has done, at one time.
type Ledger struct {
	Day    calendar.Date `json:"day"`
	Totals Totals        `json:"totals"`
	Debits []Debit       `json:"debits"` // in the order they were made
}

// write writes the ledger as JSON with a debit on each line. Only one debit is held as text at a time, for there may be millions.
func (l Ledger) write(w io.Writer) error {
	totals, err := json.MarshalIndent(l.Totals, "  ", "  ")
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "{\n  \"day\": %q,\n  \"totals\": %s,\n  \"debits\": [", l.Day.String(), totals)
	for i := range l.Debits {
		text, err := json.Marshal(&l.Debits[i])
		if err != nil {
			return err
		}
		end := ",\n    "
		if i == 0 {
			end = "\n    "
		}
		// The writer keeps its first error until Flush.
		_, _ = out.WriteString(end)
		_, _ = out.Write(text)
	}
	_, _ = out.WriteString("\n  ]\n}\n")
	return out.Flush()
}

// Totals sum up a Ledger.
type Totals struct {
	Debited        int        `json:"debited"` // debits that were not reversed
	DebitedAmount  money.Rial `json:"debited_amount"`
	Reversed       int        `json:"reversed"`
	ReversedAmount money.Rial `json:"reversed_amount"`
	Declined       int        `json:"declined"` // as far as they are remembered
	// NotFound counts reversals answered 25, Full purchases declined 91 because
	// the ledger had no room, Waiting the answers still to be sent late.
	NotFound int64 `json:"not_found"`
	Full     int64 `json:"full"`
	Waiting  int   `json:"waiting"`
}

// Ledger returns a copy of the ledger. Each part is copied under its lock, one after
// the other: while messages come in, it is not one instant's picture.
func (s *Simulator) Ledger() Ledger {
	now := s.Totals()
	out := Ledger{Day: s.Day(), Debits: make([]Debit, 0, now.Debited+now.Reversed)}
	zone := s.config.Now().Location()
	var part []request
	for i := range s.book.shards {
		var totals Totals
		part, totals = s.book.shards[i].copyInto(part[:0])
		out.Totals.plus(totals)
		for j := range part {
			if r := &part[j]; r.debited() {
				out.Debits = append(out.Debits, r.debit(zone))
			}
		}
	}
	slices.SortFunc(out.Debits, func(a, b Debit) int { return int(a.Sequence - b.Sequence) })
	s.counted(&out.Totals)
	return out
}

// Totals sums the ledger up without reading it.
func (s *Simulator) Totals() Totals {
	var t Totals
	for i := range s.book.shards {
		t.plus(s.book.shards[i].sum())
	}
	s.counted(&t)
	return t
}

// counted fills in the totals kept outside the book.
func (s *Simulator) counted(t *Totals) {
	t.NotFound, t.Full, t.Waiting = s.counts.notFound.Load(), s.counts.full.Load(), s.delays.waiting()
}

// count adds a request in its present state, n times; -1 takes it out again.
func (t *Totals) count(r *request, n int) {
	amount := money.Rial(n) * r.amount
	switch {
	case !r.debited():
		t.Declined += n
	case r.reversed:
		t.Reversed += n
		t.ReversedAmount += amount
	default:
		t.Debited += n
		t.DebitedAmount += amount
	}
}

// plus adds what is counted of another part of the book.
func (t *Totals) plus(part Totals) {
	t.Debited += part.Debited
	t.DebitedAmount += part.DebitedAmount
	t.Reversed += part.Reversed
	t.ReversedAmount += part.ReversedAmount
	t.Declined += part.Declined
}

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
	Debited        int        `json:"debited"` // debits that stand
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

// Ledger returns a copy of the ledger. Each part is read under its lock, one after
// the other: while messages come in, it is not one instant's picture.
func (s *Simulator) Ledger() Ledger {
	out := Ledger{Day: s.Day(), Debits: []Debit{}}
	for i := range s.book.shards {
		s.book.shards[i].each(func(r *request) {
			out.Totals.add(r)
			if r.debited() {
				out.Debits = append(out.Debits, r.debit())
			}
		})
	}
	slices.SortFunc(out.Debits, func(a, b Debit) int { return int(a.Sequence - b.Sequence) })
	s.counted(&out.Totals)
	return out
}

// Totals sums the ledger up without copying it.
func (s *Simulator) Totals() Totals {
	var t Totals
	for i := range s.book.shards {
		s.book.shards[i].each(func(r *request) { t.add(r) })
	}
	s.counted(&t)
	return t
}

// counted fills in what is counted beside the book.
func (s *Simulator) counted(t *Totals) {
	t.NotFound, t.Full, t.Waiting = s.counts.notFound.Load(), s.counts.full.Load(), s.delays.waiting()
}

// add sums up one request.
func (t *Totals) add(r *request) {
	switch {
	case !r.debited():
		t.Declined++
	case r.reversed():
		t.Reversed++
		t.ReversedAmount += r.amount
	default:
		t.Debited++
		t.DebitedAmount += r.amount
	}
}

// each calls f with every request of one part of the book, under its lock.
func (s *shard) each(f func(*request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		f(r)
	}
}

// debit copies a request, under the shard's lock.
func (r *request) debit() Debit {
	d := Debit{
		Sequence: r.sequence, PAN: r.card, Amount: r.amount, Acquirer: r.acquirer, Terminal: r.terminal,
		Acceptor: r.acceptor, STAN: r.stan, Transmission: r.stamp, RRN: r.rrn, Day: r.day, State: Debited,
		Answered: r.answers > 0, Answers: r.answers, Reversals: r.reversals, DebitedAt: r.at,
	}
	if r.answers > 0 {
		at := r.answeredAt
		d.AnsweredAt = &at
	}
	if r.reversed() {
		at := r.reversedAt
		d.State, d.ReversedAt = Reversed, &at
	}
	return d
}

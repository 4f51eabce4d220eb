package recorder

import (
	"context"
	"sync/atomic"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment"
)

// Outcome is what became of a submitted plan.
type Outcome uint8

// The outcomes. Every outcome but Written leaves no trace.
const (
	Written        Outcome = iota + 1 // durable
	Lost                              // another record was first: load the payment and decide again
	AccountNotOpen                    // the ledger refuses: a beneficiary's account is not open
	DayNotOpen                        // the ledger refuses: the business day is closed
	Rejected                          // a constraint of the database refused this plan alone
)

// Entry is a plan to be written, with what its rows need beyond the plan: the clock's reading and the reversal's
// trace number. [NewEntry] makes one.
type Entry struct {
	Plan   payment.Plan
	At     time.Time
	STAN   int       // of the queued reversal; the next free one if another reversal of the agency has it in the same second
	NextAt time.Time // when a queued reversal may be sent
	// Droppable marks a plan that may be left out if its caller stops waiting before its turn. New payments always
	// are droppable; a plan about money that has moved is not.
	Droppable bool
	// Asked marks a plan whose cause repeats it if there is no room. Room is reserved for the outcomes of debits and
	// of reversals.
	Asked bool

	planID   int64
	queuedAt time.Duration
	done     chan struct{}
	outcome  Outcome
	err      error
	progress atomic.Int32
}

// Progress of an entry: whoever moves it from waiting decides whether it is written at all.
const (
	waiting int32 = iota
	taken
	abandoned
)

// NewEntry makes the entry of a plan made at that time; a reversal that it queues may be sent at once.
func NewEntry(plan payment.Plan, at time.Time) *Entry {
	return &Entry{Plan: plan, At: at, NextAt: at, done: make(chan struct{})}
}

// Take claims an entry for writing; false if its caller has given it up.
func (e *Entry) Take() bool { return e.progress.CompareAndSwap(waiting, taken) }

// Settle delivers the outcome, once.
func (e *Entry) Settle(o Outcome, err error) {
	e.outcome, e.err = o, err
	close(e.done)
}

// Done is closed when the outcome is known.
func (e *Entry) Done() <-chan struct{} { return e.done }

// Settled reports whether the outcome is known.
func (e *Entry) Settled() bool {
	select {
	case <-e.done:
		return true
	default:
		return false
	}
}

// Wait returns the outcome. If ctx ends first, a new payment or a droppable plan that is still queued is left out:
// fault.Unavailable, it will certainly not be written. Every other keeps its place: fault.Unknown, and Wait may be
// called again.
func (e *Entry) Wait(ctx context.Context) (Outcome, error) {
	select {
	case <-e.done:
		return e.outcome, e.err
	case <-ctx.Done():
	}
	if (e.Plan.New || e.Droppable) && e.progress.CompareAndSwap(waiting, abandoned) {
		return 0, fault.New(fault.Unavailable, "the database did not take the record in time")
	}
	select {
	case <-e.done:
		return e.outcome, e.err
	default:
		return 0, fault.New(fault.Unknown, "the record is queued or being written, and its outcome is not known yet")
	}
}

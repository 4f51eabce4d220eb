package recorder

import (
	"context"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// applyTries bounds how often one event is decided anew because somebody else
// was first. Each time the payment has moved on, and its life has few steps.
const applyTries = 12

// Verdict is the end of one event: the payment as it now is, and the reply to
// whoever caused the event.
type Verdict struct {
	Payment payment.Payment
	Reply   payment.Code
}

// Recording writes plans and says what became of them. [Recorder] is the one that a node has.
type Recording interface {
	// Record hands a plan over and waits for its outcome, as [Entry.Wait] does.
	Record(ctx context.Context, e *Entry) (Outcome, error)
	// Late reports whether a new payment of the agency would wait too long for its group.
	Late(agency int32) bool
	// Abandon says that this node leaves payments open of which nobody else knows: its lanes are given back as those of a node that has
	// crashed.
	Abandon()
	// Watching says whether it would be known by now if another node had ended: fault.Unavailable if its lanes have not been looked at
	// for a lease.
	Watching() error
}

// Reads is what deciding again needs of the tables.
type Reads interface {
	// Payment reads a payment and folds its records; fault.NotFound if there is none.
	Payment(ctx context.Context, k payment.Key) (payment.Payment, error)
	// DayState is the state of a business day.
	DayState(ctx context.Context, book ledger.Book, day calendar.Date) (ledger.DayState, error)
}

// Applier decides events and records what follows.
type Applier struct {
	Recorder Recording
	Reads    Reads
	Days     *Days
	// InFlight is how long a message may travel in the network: a reversal that may
	// overtake its debit waits for so long after the last moment at which that may leave.
	InFlight time.Duration
	// Now is the time of the database.
	Now func() time.Time
	// Written is told of every plan that has become durable, and of the status before it.
	Written func(plan *payment.Plan, from payment.Status)
}

// Apply decides an event and records the plan, deciding again on the state found
// in the database whenever somebody else was first: one winner (rule 4). It takes as
// long as the recorder does. A reversal whose try has failed is tried again at retryAt.
// An error means that the event is not recorded, or may be.
func (a *Applier) Apply(ctx context.Context, p payment.Payment, e payment.Event, retryAt time.Time) (Verdict, error) {
	for range applyTries {
		plan, err := payment.Decide(p, e)
		if err != nil {
			return Verdict{Payment: p}, err
		}
		if plan.Nothing() {
			return Verdict{plan.Payment, plan.Reply}, nil
		}
		entry := a.entry(plan, retryAt)
		entry.Asked = asksAgain(e)
		outcome, err := a.Recorder.Record(ctx, entry)
		if err != nil {
			return Verdict{Payment: p}, err
		}
		if outcome == Written {
			a.Days.posted(plan.Journal)
			a.Written(&plan, p.Status)
			return Verdict{plan.Payment, plan.Reply}, nil
		}
		if p, e, err = a.again(ctx, p, e, outcome); err != nil {
			return Verdict{Payment: p}, err
		}
	}
	return Verdict{Payment: p}, fault.New(fault.Unavailable, "payment %s changed under every one of %d decisions", p.RRN, applyTries)
}

// again prepares the next decision after a plan did not come to be.
func (a *Applier) again(ctx context.Context, p payment.Payment, e payment.Event, why Outcome) (payment.Payment, payment.Event, error) {
	switch why {
	case Lost:
		now, err := a.Reads.Payment(ctx, p.Key)
		return now, e, err
	case DayNotOpen:
		return a.onAnotherDay(ctx, p, e)
	}
	if said, ok := e.(payment.Answered); ok && p.Status == payment.Pending {
		return p, payment.LedgerRefused{Reason: payment.PostingFailed, Approval: said}, nil
	}
	if _, ok := e.(payment.OperatorsDecided); ok {
		return p, e, fault.New(fault.Conflict, "an account of payment %s takes no credit now", p.RRN)
	}
	return p, e, fault.New(fault.Bug, "the ledger refused to record %T of payment %s", e, p.RRN)
}

// onAnotherDay handles a journal whose business day is closed. What the network
// dated itself cannot be moved: a case. What we date goes to the current day.
func (a *Applier) onAnotherDay(ctx context.Context, p payment.Payment, e payment.Event) (payment.Payment, payment.Event, error) {
	if err := a.Days.Refresh(ctx); err != nil {
		return p, e, err
	}
	today := a.Days.Today(p.Book)
	switch e := e.(type) {
	case payment.Answered:
		return p, payment.LedgerRefused{Reason: payment.DayClosed, Approval: e}, nil
	case payment.ReversalAsked:
		settled, err := a.Settled(ctx, &p)
		e.Today, e.Settled = today, settled
		return p, e, err
	case payment.ReversalAnswered:
		e.Day = today
		return p, e, nil
	case payment.OperatorsDecided:
		e.Today = today
		return p, e, nil
	}
	return p, e, fault.New(fault.Bug, "no day for %T of payment %s", e, p.RRN)
}

// Settled reports whether the payment's business day is closed.
func (a *Applier) Settled(ctx context.Context, p *payment.Payment) (bool, error) {
	if p.BusinessDay.IsZero() {
		return false, nil
	}
	state, err := a.Reads.DayState(ctx, p.Book, p.BusinessDay)
	return state == ledger.DayClosed, err
}

// entry completes a plan with what its rows need: the clock, the trace number
// of a reversal and when that may be sent.
func (a *Applier) entry(plan payment.Plan, retryAt time.Time) *Entry {
	now := a.Now()
	e := NewEntry(plan, now)
	p := &plan.Payment
	switch plan.Task {
	case payment.QueueLater:
		if after := p.SendBefore.Add(a.InFlight); after.After(now) {
			e.NextAt = after
		}
	case payment.WaitWindow:
		e.NextAt = now.Add(a.InFlight)
	case payment.BackOff, payment.BackOffHard:
		e.NextAt = retryAt
	}
	if plan.Task == payment.QueueNow || plan.Task == payment.QueueLater {
		e.STAN = p.ReversalSTAN()
	}
	return e
}

// asksAgain reports whether what caused an event comes again if it is not recorded: a terminal or the network asks again, the sweep
// comes back to its payment. While a lane hangs, the same comes again and again.
func asksAgain(e payment.Event) bool {
	switch e := e.(type) {
	case payment.ReversalAsked, payment.StatusAsked, payment.Misaddressed, payment.NetworkReversed:
		return true
	case payment.Silence:
		return e.Reason == payment.Interrupted
	}
	return false
}

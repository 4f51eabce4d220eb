package recorder

import (
	"context"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// applyTries bounds how often one event is decided again after another record won. Each time the payment has moved
// on, and it has few steps to make.
const applyTries = 12

// Verdict is the result of an event: the payment as it now is, and the reply to whoever caused the event.
type Verdict struct {
	Payment payment.Payment
	Reply   payment.Code
}

// Recording writes plans and reports their outcomes; [Recorder] implements it.
type Recording interface {
	// Record submits a plan and waits for its outcome, as [Entry.Wait] does.
	Record(ctx context.Context, e *Entry) (Outcome, error)
	// Late reports whether a new payment of the agency would wait too long for its group.
	Late(agency int32) bool
	// Abandon gives the lanes back as those of a crashed node: it leaves payments open of which no other node knows.
	Abandon()
	// Watching returns nil if the end of another node would be known by now; fault.Unavailable if this node has not
	// read the lanes for a lease.
	Watching() error
}

// Reads are the reads that deciding again needs.
type Reads interface {
	// Payment reads a payment and folds its records; fault.NotFound if there is none.
	Payment(ctx context.Context, k payment.Key) (payment.Payment, error)
	// DayState is the state of a business day.
	DayState(ctx context.Context, book ledger.Book, day calendar.Date) (ledger.DayState, error)
}

// Applier decides events and records the resulting plans.
type Applier struct {
	Recorder Recording
	Reads    Reads
	Days     *Days
	// InFlight is how long a message may travel in the network: a reversal that may overtake its debit waits that
	// long after the last moment at which the debit may leave.
	InFlight time.Duration
	// Now is the database's time.
	Now func() time.Time
	// Written is called for every plan that has become durable, with the payment's status before it.
	Written func(plan *payment.Plan, from payment.Status)
}

// Apply decides an event and records the plan. If another record won, it decides again on the state in the database:
// one winner (rule 4). It takes as long as the recorder does. A reversal whose try has failed is tried again at
// retryAt. After an error the event is not recorded, or may be.
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

// again prepares the next decision after a plan was not written.
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

// onAnotherDay handles a journal whose business day is closed. If the network set the date it cannot be moved: a
// case. If we set it, the journal moves to the current day.
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

// entry adds to a plan what its rows need: the clock, a reversal's trace number, and when that may be sent.
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

// asksAgain reports whether the cause of an event repeats it if it is not recorded: terminals and the network ask
// again, the sweep returns to its payment. While a lane hangs, the same event comes again and again.
func asksAgain(e payment.Event) bool {
	switch e := e.(type) {
	case payment.ReversalAsked, payment.StatusAsked, payment.Misaddressed, payment.NetworkReversed:
		return true
	case payment.Silence:
		return e.Reason == payment.Interrupted
	}
	return false
}

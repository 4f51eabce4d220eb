package switching

import (
	"context"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
)

// applyTries bounds how often one event is decided anew because somebody else
// was first. Each time the payment has moved on, and its life has few steps.
const applyTries = 12

// verdict is the end of one event: the payment as it now is, and the reply to
// whoever caused the event.
type verdict struct {
	payment Payment
	reply   Code
}

// apply decides an event and records the plan, deciding again on the state found
// in the database whenever somebody else was first: one winner (rule 4).
// It takes as long as the recorder does. An error means that the event is not
// recorded, or may be.
func (s *Switch) apply(ctx context.Context, p Payment, e Event, retryAt time.Time) (verdict, error) {
	for range applyTries {
		plan, err := Decide(p, e)
		if err != nil {
			return verdict{payment: p}, err
		}
		if plan.Nothing() {
			return verdict{payment: plan.Payment, reply: plan.Reply}, nil
		}
		entry := s.entry(plan, retryAt)
		entry.Asked = asksAgain(e)
		outcome, err := s.Recorder.Record(ctx, entry)
		if err != nil {
			return verdict{payment: p}, err
		}
		if outcome == Written {
			s.written(&plan, p.Status)
			return verdict{payment: plan.Payment, reply: plan.Reply}, nil
		}
		if p, e, err = s.again(ctx, p, e, outcome); err != nil {
			return verdict{payment: p}, err
		}
	}
	return verdict{payment: p}, fault.New(fault.Unavailable, "payment %s changed under every one of %d decisions", p.RRN, applyTries)
}

// applyWithin waits for an event's record until ctx ends (fault.Unknown). The work on it goes on: what was asked for is done, and told to
// whoever asks next.
func (s *Switch) applyWithin(ctx context.Context, p Payment, e Event) (verdict, error) {
	type result struct {
		verdict
		err error
	}
	done := make(chan result, 1)
	s.work.begin()
	go func() {
		defer s.work.end()
		var r result
		r.err = s.shielded("record it", func() (err error) {
			r.verdict, err = s.apply(context.WithoutCancel(ctx), p, e, time.Time{})
			return err
		})
		done <- r
	}()
	select {
	case r := <-done:
		return r.verdict, r.err
	case <-ctx.Done():
		return verdict{payment: p}, fault.New(fault.Unknown, "%T of payment %x is still being recorded", e, p.ID)
	}
}

// again prepares the next decision after a plan did not come to be.
func (s *Switch) again(ctx context.Context, p Payment, e Event, why Outcome) (Payment, Event, error) {
	switch why {
	case Lost:
		now, err := s.Store.Payment(ctx, p.Key)
		return now, e, err
	case DayNotOpen:
		return s.onAnotherDay(ctx, p, e)
	}
	if said, ok := e.(Answered); ok && p.Status == Pending {
		return p, LedgerRefused{Reason: PostingFailed, Approval: said}, nil
	}
	if _, ok := e.(OperatorsDecided); ok {
		return p, e, fault.New(fault.Conflict, "an account of payment %s takes no credit now", p.RRN)
	}
	return p, e, fault.New(fault.Bug, "the ledger refused to record %T of payment %s", e, p.RRN)
}

// onAnotherDay handles a journal whose business day is closed. What the network
// dated itself cannot be moved: a case. What we date goes to the current day.
func (s *Switch) onAnotherDay(ctx context.Context, p Payment, e Event) (Payment, Event, error) {
	if err := s.RefreshDays(ctx); err != nil {
		return p, e, err
	}
	today := s.Today(p.Book)
	switch e := e.(type) {
	case Answered:
		return p, LedgerRefused{Reason: DayClosed, Approval: e}, nil
	case ReversalAsked:
		settled, err := s.settled(ctx, &p)
		e.Today, e.Settled = today, settled
		return p, e, err
	case ReversalAnswered:
		e.Day = today
		return p, e, nil
	case OperatorsDecided:
		e.Today = today
		return p, e, nil
	}
	return p, e, fault.New(fault.Bug, "no day for %T of payment %s", e, p.RRN)
}

// settled reports whether the payment's business day is closed.
func (s *Switch) settled(ctx context.Context, p *Payment) (bool, error) {
	if p.BusinessDay.IsZero() {
		return false, nil
	}
	state, err := s.Store.DayState(ctx, p.Book, p.BusinessDay)
	return state == ledger.DayClosed, err
}

// entry completes a plan with what its rows need: the clock, the trace number
// of a reversal and when that may be sent.
func (s *Switch) entry(plan Plan, retryAt time.Time) *Entry {
	now := s.Now()
	e := &Entry{Plan: plan, At: now, NextAt: now}
	p := &plan.Payment
	switch plan.Task {
	case QueueLater:
		if after := p.SendBefore.Add(s.cfg.Timers.InFlight); after.After(now) {
			e.NextAt = after
		}
	case WaitWindow:
		e.NextAt = now.Add(s.cfg.Timers.InFlight)
	case BackOff, BackOffHard:
		e.NextAt = retryAt
	}
	if plan.Task == QueueNow || plan.Task == QueueLater {
		e.STAN = p.reversalSTAN()
	}
	return e
}

// asksAgain reports whether what caused an event comes again if it is not recorded: a terminal or the network asks again, the sweep
// comes back to its payment. While a lane hangs, the same comes again and again.
func asksAgain(e Event) bool {
	switch e := e.(type) {
	case ReversalAsked, StatusAsked, Misaddressed, NetworkReversed:
		return true
	case Silence:
		return e.Reason == Interrupted
	}
	return false
}

// written tells those who watch, once a plan is durable.
func (s *Switch) written(plan *Plan, from Status) {
	if r := plan.Record; r != nil {
		s.Observe.Changed(r.Was, r.Status, r.Reason)
	}
	if plan.Alarm != "" {
		s.Observe.Alarm(plan.Alarm)
		s.Log.Warn("payment needs attention", "reason", plan.Alarm, "tracking", plan.Payment.Tracking(),
			"rrn", plan.Payment.RRN.String(), "from", from, "to", plan.Payment.Status)
	}
	switch plan.Task {
	case QueueNow, QueueLater:
		s.queued.Add(1)
		s.wakeForwarder()
	case Hurry:
		s.wakeForwarder()
	case Dequeue:
		s.queued.Add(-1)
	}
	if j := plan.Journal; j != nil && j.BusinessDay > s.Today(j.Book) && s.believes(j.Book, j.BusinessDay) {
		s.days.set(j.Book, j.BusinessDay)
	}
}

func (s *Switch) wakeForwarder() {
	select {
	case s.wake <- struct{}{}:
	default: // it is awake
	}
}

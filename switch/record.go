package switching

import (
	"context"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// applyWithin waits for an event's record until ctx ends (fault.Unknown). The work on it goes on: what was asked for is done, and told to
// whoever asks next.
func (s *Switch) applyWithin(ctx context.Context, p payment.Payment, e payment.Event) (recorder.Verdict, error) {
	type result struct {
		recorder.Verdict
		err error
	}
	done := make(chan result, 1)
	s.work.begin()
	go func() {
		defer s.work.end()
		var r result
		r.err = s.shielded("record it", func() (err error) {
			r.Verdict, err = s.applier.Apply(context.WithoutCancel(ctx), p, e, time.Time{})
			return err
		})
		done <- r
	}()
	select {
	case r := <-done:
		return r.Verdict, r.err
	case <-ctx.Done():
		return recorder.Verdict{Payment: p}, fault.New(fault.Unknown, "%T of payment %x is still being recorded", e, p.ID)
	}
}

// written tells those who watch, once a plan is durable.
func (s *Switch) written(plan *payment.Plan, from payment.Status) {
	if r := plan.Record; r != nil {
		s.Observe.Changed(r.Was, r.Status, r.Reason)
	}
	if plan.Alarm != "" {
		s.Observe.Alarm(plan.Alarm)
		s.Log.Warn("payment needs attention", "reason", plan.Alarm, "tracking", plan.Payment.Tracking(),
			"rrn", plan.Payment.RRN.String(), "from", from, "to", plan.Payment.Status)
	}
	switch plan.Task {
	case payment.QueueNow, payment.QueueLater:
		s.queued.Add(1)
		s.wakeForwarder()
	case payment.Hurry:
		s.wakeForwarder()
	case payment.Dequeue:
		s.queued.Add(-1)
	}
}

func (s *Switch) wakeForwarder() {
	select {
	case s.wake <- struct{}{}:
	default: // it is awake
	}
}

// Today is the current business day of a book: zero until the network has named one.
func (s *Switch) Today(book ledger.Book) calendar.Date { return s.days.Today(book) }

// OpenDay opens a business day in the books whose network cuts over. fault.Conflict: the day is too far from Tehran's date to be believed.
func (s *Switch) OpenDay(ctx context.Context, day calendar.Date, books ...ledger.Book) error {
	return s.days.Open(ctx, day, books...)
}

// shielded does what many payments depend on: a bug that one of them meets is an error and an alarm, and not the end of the process.
func (s *Switch) shielded(what string, do func() error) error {
	return recorder.Shielded(s.Observe, s.Log, what, do)
}

// brokeOff tells operators of a panic.
func (s *Switch) brokeOff(cause any) error { return recorder.BrokeOff(s.Observe, s.Log, cause) }

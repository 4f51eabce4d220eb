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

// applyWithin waits until ctx ends for an event to be recorded (fault.Unknown). The work goes on: the request is
// carried out, and the next one who asks is told.
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

// written notifies the observer and wakes the forwarder once a plan is durable.
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
	default: // it is awake already
	}
}

// Today is the current business day of a book: zero until the network has named one.
func (s *Switch) Today(book ledger.Book) calendar.Date { return s.days.Today(book) }

// OpenDay opens a business day in the books whose network cuts over. fault.Conflict: the day is too far from Tehran's date
// to be believed.
func (s *Switch) OpenDay(ctx context.Context, day calendar.Date, books ...ledger.Book) error {
	return s.days.Open(ctx, day, books...)
}

// shielded runs work that many payments depend on: a panic becomes an error and an alarm, and does not end the
// process.
func (s *Switch) shielded(what string, do func() error) error {
	return recorder.Shielded(s.Observe, s.Log, what, do)
}

// brokeOff reports a panic to operators.
func (s *Switch) brokeOff(cause any) error { return recorder.BrokeOff(s.Observe, s.Log, cause) }

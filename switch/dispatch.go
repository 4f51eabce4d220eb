package switching

import (
	"context"
	"errors"
	"time"

	"treasury-switch/internal/fault"
)

// dispatch asks the network and applies what it says, or its silence.
func (s *Switch) dispatch(ctx context.Context, p Payment, r *Purchase, began time.Time) Answer {
	asked := s.Now()
	e, outcome := s.authorise(ctx, &p, r, began)
	answered := s.Now()
	s.Observe.Network(outcome, answered.Sub(asked))
	s.Observe.Spent(PartNetwork, answered.Sub(asked))
	limited, cancel := s.within(ctx, began, s.cfg.Timers.Switch)
	defer cancel()
	v, err := s.apply(limited, p, e, time.Time{})
	s.Observe.Spent(PartOutcome, s.Now().Sub(answered))
	if err == nil {
		s.loose.done(p.Key)
		return s.answerOf(&v.payment, v.reply)
	}
	s.Log.Error("outcome not recorded in time", "rrn", p.RRN.String(), "error", err)
	if v.open != nil {
		s.keepWaiting(ctx, v.open)
	}
	if _, never := e.(Undelivered); never {
		return s.answerOf(&p, Inoperative)
	}
	return s.answerOf(&p, OutcomeUnknown)
}

func (s *Switch) authorise(ctx context.Context, p *Payment, r *Purchase, began time.Time) (Event, string) {
	limited, cancel := s.within(ctx, began, s.cfg.Timers.Network)
	defer cancel()
	said, err := s.Network.Authorise(limited, Debit{Intent: p.Intent, Card: r.Card, Bill: r.Bill})
	switch {
	case err == nil:
		return said, string(said.Code)
	case fault.Is(err, fault.Unavailable):
		return Undelivered{Today: s.Today(p.Book)}, "not sent"
	case errors.Is(err, ErrUntrusted):
		return Silence{Reason: UntrustedAnswer, Today: s.Today(p.Book)}, "untrusted"
	}
	return Silence{Reason: NoAnswer, Today: s.Today(p.Book)}, "no answer"
}

// keepWaiting stays with a record whose outcome is not known when the terminal
// must be answered. If it turns out to be an approval, the terminal was told 68
// and the reversal that 68 promises is queued.
func (s *Switch) keepWaiting(ctx context.Context, e *Entry) {
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		outcome, err := e.Wait(ctx)
		if err != nil || outcome != Written {
			return
		}
		p := e.Plan.Payment
		s.loose.done(p.Key)
		s.written(&e.Plan, Pending)
		if _, err := s.apply(ctx, p, TooLateToTell{Today: s.Today(p.Book)}, time.Time{}); err != nil {
			s.Log.Error("approval told as unknown is not reversed", "rrn", p.RRN.String(), "error", err)
			s.Observe.Alarm(ToldUnknown)
		}
	}()
}

// answerOf describes a payment, with the current business day where the
// network has not dated it.
func (s *Switch) answerOf(p *Payment, c Code) Answer {
	a := answerOf(p, c)
	if a.BusinessDay.IsZero() {
		a.BusinessDay = s.Today(p.Book)
	}
	return a
}

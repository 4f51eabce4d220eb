package switching

import (
	"context"
	"errors"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment"
)

// dispatch sends the debit to the network and records its answer, or its silence, however long the database takes.
// The returned answer is final once that is durable; until then terminals are told 09. A payment whose outcome cannot
// be recorded stays among the node's unended payments, for the sweep.
func (s *Switch) dispatch(ctx context.Context, p payment.Payment, r *Purchase, got receipt) (a Answer, recorded bool) {
	asked := time.Now()
	e, outcome := s.authorise(ctx, &p, r, got)
	answered := time.Now()
	s.Observe.Network(outcome, answered.Sub(asked))
	s.Observe.Spent(PartNetwork, answered.Sub(asked))
	v, err := s.applier.Apply(ctx, p, e, time.Time{})
	s.Observe.Spent(PartOutcome, time.Since(answered))
	if err != nil {
		s.Log.Error("outcome not recorded, the sweep ends the payment", "rrn", p.RRN.String(), "error", err)
		return s.answerOf(&p, payment.InProgress), true
	}
	s.unended.done(p.Key)
	return s.answerOf(&v.Payment, v.Reply), true
}

func (s *Switch) authorise(ctx context.Context, p *payment.Payment, r *Purchase, got receipt) (payment.Event, string) {
	limited, cancel := got.within(ctx, s.cfg.Timers.Network)
	defer cancel()
	said, err := s.Network.Authorise(limited, Debit{Intent: p.Intent, Card: r.Card, Bill: r.Bill,
		SendBefore: got.clock.Add(s.cfg.Timers.SendBefore)})
	switch {
	case err == nil:
		said.At = s.Now()
		return s.days.Judged(ctx, p, said), string(said.Code)
	case fault.Is(err, fault.Unavailable):
		return payment.Undelivered{Today: s.Today(p.Book)}, "not sent"
	case errors.Is(err, ErrUntrusted):
		return payment.Silence{Reason: payment.UntrustedAnswer, Today: s.Today(p.Book)}, "untrusted"
	}
	return payment.Silence{Reason: payment.NoAnswer, Today: s.Today(p.Book)}, "no answer"
}

// answerOf describes a payment, with the current business day if the network has not dated it.
func (s *Switch) answerOf(p *payment.Payment, c payment.Code) Answer {
	a := answerOf(p, c)
	if a.BusinessDay.IsZero() {
		a.BusinessDay = s.Today(p.Book)
	}
	return a
}

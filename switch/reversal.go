package switching

import (
	"context"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
	"treasury-switch/registry"
)

// Reverse takes a terminal's reversal. 00 means that the payment will be
// undone, is undone already, or will never be done: the reversal of an unknown
// original leaves a tombstone. 09 promises nothing: the terminal repeats it.
func (s *Switch) Reverse(ctx context.Context, r *ReversalRequest) Answer {
	got := s.received()
	t, ok := s.Directory().Terminal(r.Original.Terminal)
	if !ok {
		return refuse(UnknownTerminal)
	}
	if !s.speaksFor(t, r.Original.Acceptor) {
		return refuse(InvalidAcceptor)
	}
	s.work.Add(1)
	defer s.work.Done()
	limited, cancel := got.within(context.WithoutCancel(ctx), s.cfg.Timers.Switch)
	defer cancel()
	a := refuse(InProgress)
	if in, known := s.inItsYear(limited, t.Agency, r.Original, got); known {
		asked := *r
		asked.Original = in
		a = s.reverse(limited, t, &asked, got.at)
	}
	s.Observe.Answered(channelOf(t.Type), "reversal", a.Code, got.took())
	return a
}

func (s *Switch) reverse(ctx context.Context, t registry.Terminal, r *ReversalRequest, began time.Time) Answer {
	key := s.key(t.Agency, r.Original)
	p, err := s.Store.Payment(ctx, key)
	p, err = s.orByF90(ctx, p, err, named{original: r.Original, sent: r.Sent, amount: r.Amount}, r.Card.PAN)
	e := ReversalAsked{Advice: r.Advice, Today: s.Today(t.Book)}
	switch {
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Conflict):
		s.unmatched(t, r, err)
		e.Tombstone, err = s.tombstone(t, r.Original, r.Amount, key, began), nil
		p = Payment{Intent: &Intent{Key: key}}
	case err == nil:
		if c := s.contradiction(&p, r); c != "" {
			return s.answerOf(&p, c)
		}
		e.Settled, err = s.settled(ctx, &p)
	}
	if err == nil {
		var v verdict
		if v, err = s.applyWithin(ctx, p, e); err == nil {
			return s.answerOf(&v.payment, v.reply)
		}
	}
	s.Log.Error("reversal not recorded in time", "terminal", t.ID, "error", err)
	return refuse(InProgress)
}

// contradiction finds what a reversal says otherwise than its original. A
// tombstone has no content to contradict.
func (s *Switch) contradiction(p *Payment, r *ReversalRequest) Code {
	switch {
	case p.Tombstone() || !p.Sendable():
		return ""
	case r.Amount != p.Amount:
		return InvalidAmount
	case !r.Card.PAN.IsZero() && s.Vault.Token(r.Card.PAN) != p.Token:
		s.Observe.Alarm(ContentDiffers)
		return Duplicate
	}
	return ""
}

// tombstone is the intent of a payment that must never be: its request, should
// it still come, meets it by primary key and is declined (A9).
func (s *Switch) tombstone(t registry.Terminal, original Identity, amount money.Rial, k Key, began time.Time) *Intent {
	return &Intent{
		Key: k, Identity: original, Book: t.Book, Channel: channelOf(t.Type),
		RRN:    TombstoneRRN(calendar.DateOf(began), k.ID, began),
		Amount: amount, OpenedAt: began, Deadline: began.Add(s.cfg.Timers.Switch),
	}
}

// speaksFor reports whether a terminal names its own agency's acceptor id. What
// a payment is undone or asked for by does not depend on the agency being open.
func (s *Switch) speaksFor(t registry.Terminal, acceptor string) bool {
	a, ok := s.Directory().Agency(t.Agency)
	return ok && isAcceptor(a, acceptor)
}

package switching

import (
	"context"

	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/registry"
)

// Inquire prices a service for today. It stores nothing, and a tariff of zero is
// a price like any other.
func (s *Switch) Inquire(_ context.Context, r *Inquiry) Answer {
	began := s.Now()
	d := s.desk(began)
	t, ok := d.lists.Terminal(r.Terminal)
	if !ok || t.State != ledger.Open {
		return refuse(UnknownTerminal)
	}
	a := s.inquire(t, r, d)
	s.Observe.Answered(channelOf(t.Type), "inquiry", a.Code, s.Now().Sub(began))
	return a
}

func (s *Switch) inquire(t registry.Terminal, r *Inquiry, d desk) Answer {
	if c := d.agency(t, r.Acceptor); c != "" {
		return refuse(c)
	}
	if r.Currency != d.currency {
		return refuse(InvalidRequest)
	}
	made, code := d.offer(t, r.Tariff)
	switch {
	case code != "":
		return refuse(code)
	case !made.open:
		return refuse(InvalidAcceptor)
	}
	return Answer{Code: OK, Amount: made.total, Lines: made.price.Lines, BusinessDay: s.Today(t.Book)}
}

// Status tells what became of a payment: the code its request got or would get
// now. 25 if it never came.
func (s *Switch) Status(ctx context.Context, r *StatusInquiry) Answer {
	began := s.Now()
	t, ok := s.Directory().Terminal(r.Original.Terminal)
	if !ok || t.State == ledger.Closed {
		return refuse(UnknownTerminal)
	}
	if !s.speaksFor(t, r.Original.Acceptor) {
		return refuse(InvalidAcceptor)
	}
	limited, cancel := context.WithTimeout(ctx, s.cfg.Timers.Network)
	defer cancel()
	a := refuse(Inoperative)
	p, err := s.Store.Payment(limited, s.key(t.Agency, r.Original))
	switch {
	case err == nil:
		a = s.answerOf(&p, p.Answer())
	case fault.Is(err, fault.NotFound):
		a = refuse(NoOriginal)
	default:
		s.Log.Error("status not read", "terminal", t.ID, "error", err)
	}
	s.Observe.Answered(channelOf(t.Type), "status", a.Code, s.Now().Sub(began))
	return a
}

package switching

import (
	"context"

	"treasury-switch/internal/await"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/registry"
	"treasury-switch/switch/payment"
)

// Inquire prices a service for today. It stores nothing, and a tariff of zero is
// a price like any other.
func (s *Switch) Inquire(_ context.Context, r *Inquiry) Answer {
	got := s.received()
	d := s.desk(got.at)
	t, ok := d.lists.Terminal(r.Terminal)
	if !ok || t.State != ledger.Open {
		return refuse(payment.UnknownTerminal)
	}
	a := s.inquire(t, r, d)
	s.Observe.Answered(channelOf(t.Type), "inquiry", a.Code, got.took())
	return a
}

func (s *Switch) inquire(t registry.Terminal, r *Inquiry, d desk) Answer {
	if c := d.agency(t, r.Acceptor); c != "" {
		return refuse(c)
	}
	if r.Refused != "" {
		return refuse(r.Refused)
	}
	made, code := d.offer(t, r.Tariff)
	switch {
	case code != "":
		return refuse(code)
	case !made.open:
		return refuse(payment.InvalidAcceptor)
	}
	a := Answer{Code: payment.OK, Amount: made.total, Lines: made.price.Lines, BusinessDay: s.Today(t.Book)}
	a.Decided, a.DecidedBy = made.price.Decided(d.today)
	return a
}

// Status tells what became of a payment: the code its request got or would get
// now. 25 if it never came, and 09 while that is not certain.
func (s *Switch) Status(ctx context.Context, r *StatusInquiry) Answer {
	got := s.received()
	t, ok := s.Directory().Terminal(r.Original.Terminal)
	if !ok {
		return refuse(payment.UnknownTerminal)
	}
	s.work.begin()
	defer s.work.end()
	limited, cancel := got.within(context.WithoutCancel(ctx), s.cfg.Timers.Network)
	defer cancel()
	a := refuse(payment.InProgress)
	if in, known := s.inItsYear(limited, t.Agency, r.Original, got); known {
		asked := *r
		asked.Original = in
		a = s.status(limited, t, &asked, got)
	}
	s.Observe.Answered(channelOf(t.Type), "status", a.Code, got.took())
	return a
}

func (s *Switch) status(ctx context.Context, t registry.Terminal, r *StatusInquiry, got receipt) Answer {
	n := named{original: r.Original, sent: r.Sent, own: r.Own, amount: r.Amount, card: s.token(r.Card.PAN), at: got.at}
	whose := n.whose(s.Now())
	certain := whose == ofF90 || whose == ofOriginal
	p, err := s.original(ctx, t, n, true, got)
	switch {
	case err == nil && !p.Tombstone():
		return s.answerOf(&p, p.StatusAnswer())
	case err == nil && certain:
		return s.kept(ctx, t, n, got, s.answerOf(&p, p.StatusAnswer()))
	case fault.Is(err, fault.NotFound) && certain:
		return s.statusUnknown(ctx, t, n, got)
	case err == nil, fault.Is(err, fault.NotFound), fault.Is(err, fault.Conflict):
		if _, flying := s.flights.about(n, s.Now()); !flying {
			s.unmatched("inquiry", t, n, err)
		}
		return refuse(payment.InProgress)
	}
	s.Log.Error("status not read", "terminal", t.ID, "error", err)
	return refuse(payment.InProgress)
}

// lookFor looks for a payment for as long as a node that has received its request may take to record it, or until this node knows of it.
// It spares the payments that are on their way: a tombstone would keep them out.
func (s *Switch) lookFor(ctx context.Context, k payment.Key, got receipt) (payment.Payment, error) {
	for pause := firstLook; ; pause = min(pause*2, slowLook) {
		p, err := s.Store.Payment(ctx, k)
		if !fault.Is(err, fault.NotFound) || got.took() > s.cfg.Timers.SendBefore || s.flights.of(k) != nil {
			return p, err
		}
		await.Pause(ctx.Done(), pause)
	}
}

// statusUnknown says 25 once nothing can make it untrue: a look-up that finds nothing proves nothing, because the original may be on its way
// or in a group whose COMMIT is not done. A tombstone under each identity that it may come with does: it waits behind the original, or keeps it
// out. Those of an inquiry with its own F12 and F13 would not, so it is never told 25.
func (s *Switch) statusUnknown(ctx context.Context, t registry.Terminal, n named, got receipt) (a Answer) {
	if there, err := s.mayBeThere(ctx, t, n); err != nil || there {
		return refuse(payment.InProgress)
	}
	identities, err := s.mayCome(ctx, t, n)
	if err != nil {
		s.Log.Error("status not read", "terminal", t.ID, "error", err)
		return refuse(payment.InProgress)
	}
	for _, i := range identities {
		if f := s.flights.of(s.key(t.Agency, i)); f != nil {
			return s.inProgress(f)
		}
	}
	if !s.speaksFor(t, n.original.Acceptor) {
		return refuse(payment.InProgress) // 03 would be read as what its payment was told.
	}
	for _, i := range identities {
		k := s.key(t.Agency, i)
		e := payment.StatusAsked{Today: s.Today(t.Book), Tombstone: s.tombstone(t, i, 0, k, got.at)}
		v, err := s.applyWithin(ctx, payment.Payment{Intent: &payment.Intent{Key: k}}, e)
		if err != nil {
			s.Log.Error("status not recorded", "terminal", t.ID, "error", err)
			return refuse(payment.InProgress)
		}
		if a = s.answerOf(&v.Payment, v.Reply); !v.Payment.Tombstone() {
			return a
		}
	}
	return s.kept(ctx, t, n, got, a)
}

package switching

import (
	"context"

	"treasury-switch/internal/await"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/registry"
	"treasury-switch/switch/payment"
)

// Inquire prices a service for today. It stores nothing; a tariff of zero is a price like any other.
func (s *Switch) Inquire(_ context.Context, r *Inquiry) Answer {
	got := s.received()
	ts := s.terms(got.at)
	t, ok := ts.lists.Terminal(r.Terminal)
	if !ok || t.State != ledger.Open {
		return refuse(payment.UnknownTerminal)
	}
	a := s.inquire(t, r, ts)
	s.Observe.Answered(channelOf(t.Type), "inquiry", a.Code, got.took())
	return a
}

func (s *Switch) inquire(t registry.Terminal, r *Inquiry, ts terms) Answer {
	if c := ts.agency(t, r.Acceptor); c != "" {
		return refuse(c)
	}
	if r.Refused != "" {
		return refuse(r.Refused)
	}
	made, code := ts.offer(t, r.Tariff)
	switch {
	case code != "":
		return refuse(code)
	case !made.open:
		return refuse(payment.InvalidAcceptor)
	}
	a := Answer{Code: payment.OK, Amount: made.total, Lines: made.price.Lines, BusinessDay: s.Today(t.Book)}
	a.Decided, a.DecidedBy = made.price.Decided(ts.today)
	return a
}

// Status answers a status inquiry: the code that the payment's request got or would get now, 25 if it never came, 09
// while that is not certain.
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
		return s.storeUnmatched(ctx, t, n, got, s.answerOf(&p, p.StatusAnswer()))
	case fault.Is(err, fault.NotFound) && certain:
		return s.statusUnknown(ctx, t, n, got)
	case err == nil, fault.Is(err, fault.NotFound), fault.Is(err, fault.Conflict):
		if _, underWay := s.flights.about(n, s.Now()); !underWay {
			s.unmatched("inquiry", t, n, err)
		}
		return refuse(payment.InProgress)
	}
	s.Log.Error("status not read", "terminal", t.ID, "error", err)
	return refuse(payment.InProgress)
}

// lookFor looks for a payment for as long as another node may take to record it, or until this node knows of it. The
// wait protects payments in progress, which a tombstone would decline.
func (s *Switch) lookFor(ctx context.Context, k payment.Key, got receipt) (payment.Payment, error) {
	for pause := firstLook; ; pause = min(pause*2, slowLook) {
		p, err := s.Store.Payment(ctx, k)
		if !fault.Is(err, fault.NotFound) || got.took() > s.cfg.Timers.SendBefore || s.flights.of(k) != nil {
			return p, err
		}
		await.Pause(ctx.Done(), pause)
	}
}

// statusUnknown answers 25 once nothing can make it untrue. A failed look-up proves nothing: the original may be on
// its way, or in a group whose COMMIT is not done. A tombstone under each identity that it may have does: it waits
// behind the original, or declines it. For an inquiry with its own F12 and F13 tombstones would not do, so it is
// never told 25.
func (s *Switch) statusUnknown(ctx context.Context, t registry.Terminal, n named, got receipt) (a Answer) {
	if there, err := s.mayExist(ctx, t, n); err != nil || there {
		return refuse(payment.InProgress)
	}
	identities, err := s.possibleIdentities(ctx, t, n)
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
		return refuse(payment.InProgress) // the terminal would take 03 for the answer to its payment
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
	return s.storeUnmatched(ctx, t, n, got, a)
}

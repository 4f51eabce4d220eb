package switching

import (
	"context"
	"slices"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
	"treasury-switch/registry"
	"treasury-switch/switch/payment"
)

// Reverse takes a terminal's reversal. 00 means that the payment will be undone, is undone already, or will never be
// done: the reversal of an unknown original leaves a tombstone. 09 promises nothing: the terminal repeats it.
func (s *Switch) Reverse(ctx context.Context, r *ReversalRequest) Answer {
	got := s.received()
	t, ok := s.Directory().Terminal(r.Original.Terminal)
	if !ok {
		return refuse(payment.UnknownTerminal)
	}
	s.work.begin()
	defer s.work.end()
	limited, cancel := got.within(context.WithoutCancel(ctx), s.cfg.Timers.Switch)
	defer cancel()
	a := refuse(payment.InProgress)
	if in, known := s.inItsYear(limited, t.Agency, r.Original, got); known {
		asked := *r
		asked.Original = in
		a = s.reverse(limited, t, &asked, got)
	}
	s.Observe.Answered(channelOf(t.Type), "reversal", a.Code, got.took())
	return a
}

func (s *Switch) reverse(ctx context.Context, t registry.Terminal, r *ReversalRequest, got receipt) Answer {
	n := named{original: r.Original, sent: r.Sent, own: r.Own, amount: r.Amount, card: s.token(r.Card.PAN), at: got.at}
	e := payment.ReversalAsked{Says: payment.Content{Amount: n.amount, Card: n.card}, Advice: r.Advice, Today: s.Today(t.Book)}
	p, err := s.original(ctx, t, n, n.whose(s.Now()) != ofF90, got)
	switch {
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Conflict):
		return s.reverseUnknown(ctx, t, n, e, got, err)
	case err == nil:
		e.Settled, err = s.applier.Settled(ctx, &p)
	}
	if err != nil {
		s.Log.Error("original of a reversal not read", "terminal", t.ID, "error", err)
		return refuse(payment.InProgress)
	}
	there, a := s.reverseAs(ctx, p, e)
	if there.Tombstone() {
		return s.storeUnmatched(ctx, t, n, got, a)
	}
	return a
}

// reverseUnknown leaves a tombstone under each identity that the original may have. An original that is being
// recorded is met there, and undone; one that comes under another identity is found by looking again. The reversal is
// accepted also if several payments match, because an advice cannot be refused; operators undo the right one.
func (s *Switch) reverseUnknown(ctx context.Context, t registry.Terminal, n named, e payment.ReversalAsked, got receipt, why error) (a Answer) {
	if !s.speaksFor(t, n.original.Acceptor) {
		return refuse(payment.InvalidAcceptor)
	}
	identities, err := s.possibleIdentities(ctx, t, n)
	if err != nil {
		s.Log.Error("reversal not compared with other payments", "terminal", t.ID, "error", err)
		return refuse(payment.InProgress)
	}
	for _, i := range identities {
		k := s.key(t.Agency, i)
		e.Tombstone = s.tombstone(t, i, n.amount, k, got.at)
		var there payment.Payment
		if there, a = s.reverseAs(ctx, payment.Payment{Intent: &payment.Intent{Key: k}}, e); !there.Tombstone() {
			return a
		}
	}
	s.unmatched("reversal", t, n, why)
	return s.storeUnmatched(ctx, t, n, got, a)
}

// reverseAs records the effect of a reversal on a payment, and returns the payment after it.
func (s *Switch) reverseAs(ctx context.Context, p payment.Payment, e payment.ReversalAsked) (payment.Payment, Answer) {
	v, err := s.applyWithin(ctx, p, e)
	if err != nil {
		s.Log.Error("reversal not recorded in time", "error", err)
		return p, refuse(payment.InProgress)
	}
	if v.Reply == payment.Duplicate {
		s.Observe.Alarm(payment.ContentDiffers)
	}
	return v.Payment, s.answerOf(&v.Payment, v.Reply)
}

// possibleIdentities returns the identities that the original of a message may have: that of a purchase in progress on this
// node, those of F90's time if F12 and F13 are not the original's, and the one that the message carries.
func (s *Switch) possibleIdentities(ctx context.Context, t registry.Terminal, n named) (all []payment.Identity, err error) {
	now := s.Now()
	if i, underWay := s.flights.about(n, now); underWay {
		all = append(all, i)
	}
	var others []payment.Identity
	if n.whose(now) != ofF90 {
		others = n.bySent(now)
	}
	for _, i := range others {
		another, err := s.belongsToAnother(ctx, s.key(t.Agency, i), n)
		if err != nil {
			return nil, err
		}
		if !another && !slices.Contains(all, i) {
			all = append(all, i)
		}
	}
	if !slices.Contains(all, n.original) {
		all = append(all, n.original)
	}
	return all, nil
}

// belongsToAnother reports whether an identity computed from F90's time belongs to a payment received long before the one
// meant: another payer's with the same STAN, hours earlier to the second, in another zone.
func (s *Switch) belongsToAnother(ctx context.Context, k payment.Key, n named) (bool, error) {
	p, err := s.Store.Payment(ctx, k)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && !p.Tombstone() && n.longBefore(&p, s.Now()), err
}

// tombstone is the intent of a payment that must never be done: if its request still comes, it meets the tombstone by
// primary key and is declined (A9).
func (s *Switch) tombstone(t registry.Terminal, original payment.Identity, amount money.Rial, k payment.Key, began time.Time) *payment.Intent {
	return &payment.Intent{
		Key: k, Identity: original, Book: t.Book, Channel: channelOf(t.Type),
		RRN:    payment.TombstoneRRN(calendar.DateOf(began), k.ID, began),
		Amount: amount, OpenedAt: began, Deadline: began.Add(s.cfg.Timers.Switch),
	}
}

// speaksFor reports whether a terminal names its own agency's acceptor id. Reversals and inquiries do not require the
// agency to be open.
func (s *Switch) speaksFor(t registry.Terminal, acceptor string) bool {
	a, ok := s.Directory().Agency(t.Agency)
	return ok && isAcceptor(a, acceptor)
}

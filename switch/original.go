package switching

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
	"treasury-switch/registry"
	"treasury-switch/switch/payment"
)

// Bounds of the look-up by field 90: how far the receipt may be from the time named there, how many look-ups run at
// once and for how long, and how many payments they read. A look-up that does not end in time leaves the answer
// unknown: 09.
const (
	receiptWindow  = 10 * time.Minute
	lookUps        = 4
	lookUpTime     = 3 * time.Second
	mostCandidates = 16
)

// sought are the search criteria.
type sought struct {
	agency         int32
	terminal, stan string
	amount         money.Rial
	card           *[16]byte     // token of the card number; nil: not named
	since, until   time.Time     // of receipt
	day            calendar.Date // F13 of the message: another possible day of opening
	most           int           // payments read at most
}

// original finds the payment that a message names; fault.NotFound if there is none, fault.Conflict if several match.
// If the first search finds nothing and the caller is patient, it searches again once every node has recorded what it
// had received, or sooner if this node knows of the payment, because a tombstone would decline it. Only then, and
// only for a message whose F12 and F13 are its own, does a payment count that does not match F90's time to the
// second: before, the exact one may still be on its way.
func (s *Switch) original(ctx context.Context, t registry.Terminal, n named, patient bool, got receipt) (payment.Payment, error) {
	p, err := s.byName(ctx, t, n)
	if !fault.Is(err, fault.NotFound) || !patient {
		return p, err
	}
	if p, err = s.lookFor(ctx, s.key(t.Agency, n.original), got); !fault.Is(err, fault.NotFound) {
		return p, err
	}
	return s.byF90(ctx, t, n, n.whose(s.Now()) == ofMessage)
}

// byName looks under the identity that the message carries and, if that finds nothing or a tombstone, by field 90:
// terminals in the field write their own time and date into F12 and F13 of a reversal.
func (s *Switch) byName(ctx context.Context, t registry.Terminal, n named) (payment.Payment, error) {
	p, err := s.Store.Payment(ctx, s.key(t.Agency, n.original))
	if err == nil && !p.Tombstone() || err != nil && !fault.Is(err, fault.NotFound) {
		return p, err
	}
	// The search under a tombstone is not the first, so every node has recorded what it had.
	other, failed := s.byF90(ctx, t, n, err == nil && n.whose(s.Now()) == ofMessage)
	if fault.Is(failed, fault.NotFound) {
		return p, err
	}
	return other, failed
}

// byF90 finds the one payment of the terminal with that STAN, amount and card that was received within ten minutes of
// the time F90 gives and whose F12 agrees with it: to the second or, with orNear, up to a minute before.
func (s *Switch) byF90(ctx context.Context, t registry.Terminal, n named, orNear bool) (p payment.Payment, err error) {
	err = s.inTurn(ctx, t, func(ctx context.Context) error {
		p, err = s.find(ctx, t, n, orNear)
		return err
	})
	return p, err
}

// inTurn runs a look-up for a terminal within lookUpTime, once it has a slot: fault.Unavailable if it gets none, or
// if the terminal has a look-up running already.
func (s *Switch) inTurn(ctx context.Context, t registry.Terminal, look func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, lookUpTime)
	defer cancel()
	if _, busy := s.lookingFor.LoadOrStore(t.ID, true); busy {
		return fault.New(fault.Unavailable, "another payment of terminal %s is being looked for by field 90 already", t.ID)
	}
	defer s.lookingFor.Delete(t.ID)
	select {
	case s.looking <- struct{}{}:
		defer func() { <-s.looking }()
	case <-limited.Done():
		return fault.New(fault.Unavailable, "%d payments are being looked for by field 90 already", lookUps)
	}
	return look(limited)
}

// find is byF90 without waiting for a slot.
func (s *Switch) find(ctx context.Context, t registry.Terminal, n named, orNear bool) (payment.Payment, error) {
	// Summarise the newest pages of the table first; otherwise all of them would be read.
	if err := s.Store.summarise(ctx); err != nil {
		return payment.Payment{}, err
	}
	for _, about := range n.receipts(s.Now()) {
		some, more, err := s.receivedAbout(ctx, t, n, about)
		if err != nil {
			return payment.Payment{}, err
		}
		found := n.among(some, orNear, s.Now())
		found.more = more
		if p, err := found.choose(); !fault.Is(err, fault.NotFound) {
			return p, err
		}
	}
	return payment.Payment{}, fault.New(fault.NotFound, "no payment of terminal %s has STAN %s and was sent at %s", t.ID, n.original.STAN, n.sent)
}

// receivedAbout returns the payments with that terminal, STAN, amount and card that were received about a time; more
// reports whether there are others.
func (s *Switch) receivedAbout(ctx context.Context, t registry.Terminal, n named, at time.Time) (some []payment.Payment, more bool, err error) {
	keys, err := s.Store.received(ctx, sought{agency: t.Agency, terminal: t.ID, stan: n.original.STAN, amount: n.amount, card: n.card,
		since: at.Add(-receiptWindow), until: at.Add(receiptWindow), day: n.original.LocalDate, most: mostCandidates})
	if err != nil {
		return nil, false, err
	}
	for _, k := range keys {
		p, err := s.Store.Payment(ctx, k)
		if err != nil {
			return nil, false, fmt.Errorf("a payment that field 90 may name: %w", err)
		}
		some = append(some, p)
	}
	return some, len(keys) == mostCandidates, nil
}

// candidates are the payments that field 90 may name.
type candidates struct {
	exact []payment.Payment // sent at that time, to the second, and holding money now or possibly later
	over  []payment.Payment // as exact, but declined
	near  []payment.Payment // sent up to a minute after their F12, and not declined
	more  bool              // others were not read
}

// among sorts payments by how well they match.
func (n named) among(some []payment.Payment, orNear bool, now time.Time) (found candidates) {
	for _, p := range some {
		switch {
		case n.longBefore(&p, now):
		case n.exactly(p.Identity, now) && holdsNothing(&p):
			found.over = append(found.over, p)
		case n.exactly(p.Identity, now):
			found.exact = append(found.exact, p)
		case orNear && !holdsNothing(&p) && n.fits(p.Identity, now) && n.follows(&p, now):
			found.near = append(found.near, p)
		}
	}
	return found
}

// holdsNothing reports whether a payment was declined and the network reports no debit: there is nothing to undo.
func holdsNothing(p *payment.Payment) bool { return p.Status == payment.Declined && p.Held == 0 }

// choose returns the payment that is meant. A declined one that holds nothing is ignored beside one that holds money;
// if there is nothing else at F90's time, the last declined one is meant. One declined at another time never is: it
// tells nothing about this request.
func (c *candidates) choose() (payment.Payment, error) {
	for _, some := range [...][]payment.Payment{c.exact, c.near} {
		switch {
		case len(some) > 1, len(some) == 1 && c.more:
			return payment.Payment{}, fault.New(fault.Conflict, "several payments of the terminal have that STAN, and were sent about that time")
		case len(some) == 1:
			return some[0], nil
		case len(c.over) > 0:
			return slices.MaxFunc(c.over, func(a, b payment.Payment) int { return cmp.Compare(a.OpenedAt.UnixMicro(), b.OpenedAt.UnixMicro()) }), nil
		}
	}
	if c.more {
		return payment.Payment{}, fault.New(fault.Conflict, "more payments of the terminal have that STAN than are read")
	}
	return payment.Payment{}, fault.New(fault.NotFound, "none")
}

// token returns the token of the card that a message names; nil if it names none.
func (s *Switch) token(card identity.PAN) *[16]byte {
	if card.IsZero() {
		return nil
	}
	token := s.Vault.Token(card)
	return &token
}

// received reads the matching payments, up to the limit.
func (t tables) received(ctx context.Context, q sought) ([]payment.Key, error) {
	rows, err := t.db.Query(ctx, `SELECT opened_on, id FROM payments_received($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		q.agency, q.terminal, q.stan, int64(q.amount), q.card, q.since, q.until, q.day.Time(), q.most)
	if err != nil {
		return nil, fmt.Errorf("look for a payment of terminal %s with STAN %s: %w", q.terminal, q.stan, err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (payment.Key, error) {
		k := payment.Key{Agency: q.agency}
		var day time.Time
		err := row.Scan(&day, &k.ID)
		k.OpenedOn = calendar.FromDB(day)
		return k, err
	})
}

// unmatched reports to operators a message whose payment is not found or is ambiguous. Most are about requests that
// never came. A terminal that does it repeatedly names its originals wrongly.
func (s *Switch) unmatched(what string, t registry.Terminal, n named, why error) {
	s.Observe.Alarm(payment.OriginalUnmatched)
	s.Log.Warn(what+" without its original", "reason", payment.OriginalUnmatched, "terminal", t.ID, "stan", n.original.STAN,
		"sent", n.sent, "own", n.own, "date", n.original.LocalDate.String(), "time", n.original.LocalTime, "amount", int64(n.amount), "why", why)
}

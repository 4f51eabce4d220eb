package switching

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
	"treasury-switch/registry"
)

// Bounds of looking for a payment by field 90: how far its receipt may lie from the time
// that is named there, how many look at once, and for how long. What cannot be looked up
// in time is not known: 09.
const (
	receiptWindow = 10 * time.Minute
	lookUps       = 4
	lookUpTime    = 3 * time.Second
)

// named is a payment as far as a message about it names it.
type named struct {
	original Identity   // F41 and F90's STAN count
	sent     string     // F90's time, MMDDhhmmss in UTC; "" if it is not known
	amount   money.Rial // 0: not named
}

// sought is what to look for.
type sought struct {
	agency         int32
	terminal, stan string
	amount         money.Rial
	card           *[16]byte // token of the card number; nil: not named
	since, until   time.Time // of receipt
}

// orByF90 finds the payment that field 90 names where the message's own identity leads to
// none, or only to a tombstone: terminals in the field write their own time and date into
// F12 and F13 of a reversal. It is the one payment of the terminal with that STAN, amount
// and card that was received within ten minutes of the time in field 90. Otherwise p and
// err stay as they are, but for fault.Conflict where several fit.
func (s *Switch) orByF90(ctx context.Context, p Payment, err error, n named, card identity.PAN) (Payment, error) {
	if err == nil && !p.Tombstone() || err != nil && !fault.Is(err, fault.NotFound) {
		return p, err
	}
	q, ok := s.seek(n, card)
	if !ok {
		return p, err
	}
	limited, cancel := context.WithTimeout(ctx, lookUpTime)
	defer cancel()
	keys, failed := s.lookUp(limited, q)
	switch {
	case failed != nil:
		return p, failed
	case len(keys) == 0:
		return p, err
	case len(keys) > 1:
		return p, fault.New(fault.Conflict, "several payments of terminal %s have STAN %s and were received about %s", q.terminal, q.stan, n.sent)
	}
	return s.Store.Payment(limited, keys[0])
}

// seek is false where field 90 names no time, or the terminal is not known.
func (s *Switch) seek(n named, card identity.PAN) (q sought, ok bool) {
	t, known := s.Directory().Terminal(n.original.Terminal)
	sent, err := instant(n.sent, s.Now())
	if !known || err != nil {
		return q, false
	}
	q = sought{agency: t.Agency, terminal: t.ID, stan: n.original.STAN, amount: n.amount,
		since: sent.Add(-receiptWindow), until: sent.Add(receiptWindow)}
	if !card.IsZero() {
		token := s.Vault.Token(card)
		q.card = &token
	}
	return q, true
}

// lookUp looks once it is among the few that may. The newest pages of the table are
// summarised first, or they would all be read.
func (s *Switch) lookUp(ctx context.Context, q sought) ([]Key, error) {
	select {
	case s.looking <- struct{}{}:
		defer func() { <-s.looking }()
	case <-ctx.Done():
		return nil, fault.New(fault.Unavailable, "%d payments are being looked for by field 90 already", lookUps)
	}
	if err := s.Store.summarise(ctx); err != nil {
		return nil, err
	}
	return s.Store.received(ctx, q)
}

// received reads the payments that fit, at most two.
func (t tables) received(ctx context.Context, q sought) ([]Key, error) {
	rows, err := t.db.Query(ctx, `SELECT opened_on, id FROM payments_received($1, $2, $3, $4, $5, $6, $7)`,
		q.agency, q.terminal, q.stan, int64(q.amount), q.card, q.since, q.until)
	if err != nil {
		return nil, fmt.Errorf("look for a payment of terminal %s with STAN %s: %w", q.terminal, q.stan, err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Key, error) {
		k := Key{Agency: q.agency}
		var day time.Time
		err := row.Scan(&day, &k.ID)
		k.OpenedOn = calendar.FromDB(day)
		return k, err
	})
}

// instant is a time MMDDhhmmss in UTC, in the year that brings it nearest to now.
func instant(stamp string, now time.Time) (time.Time, error) {
	if len(stamp) != 10 {
		return time.Time{}, fault.New(fault.Invalid, "time %q: want MMDDhhmmss", stamp)
	}
	day, err := calendar.Nearest(stamp[:4], calendar.FromDB(now.UTC()))
	if err != nil {
		return time.Time{}, err
	}
	return day.Time().Add(time.Duration(secondOf(stamp[4:])) * time.Second), nil
}

// unmatched tells operators of a reversal that finds no payment, or several: it is
// answered 00 and undoes nothing. Most are of requests that never came. If one terminal
// does it again and again, it names its originals wrongly.
func (s *Switch) unmatched(t registry.Terminal, r *ReversalRequest, why error) {
	s.Observe.Alarm(ReversalUnmatched)
	s.Log.Warn("reversal without its original", "reason", ReversalUnmatched, "terminal", t.ID, "stan", r.Original.STAN,
		"sent", r.Sent, "amount", int64(r.Amount), "why", why)
}

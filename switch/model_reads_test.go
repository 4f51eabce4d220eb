package switching

import (
	"context"
	"maps"
	"slices"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// modelReads is the store as a node sees it: away while the node is cut off from the database. db holds the world's lock.
type modelReads struct {
	Store
	n *modelNode
}

func (s modelReads) db() (*modelStore, error) {
	s.n.runs()
	s.n.world.mu.Lock()
	if s.n.cut || s.n.dead {
		return nil, fault.New(fault.Unavailable, "the database is away")
	}
	return s.n.world.store, nil
}

func (s modelReads) Payment(_ context.Context, k payment.Key) (payment.Payment, error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return payment.Payment{}, err
	}
	p, ok := db.payment(k)
	if !ok {
		return payment.Payment{}, fault.New(fault.NotFound, "there is no such payment")
	}
	return p, nil
}

func (s modelReads) PaymentByRRN(_ context.Context, agency int32, rrn payment.RRN) (payment.Payment, error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return payment.Payment{}, err
	}
	for k, p := range db.payments {
		if k.Agency == agency && p.intent.RRN == rrn {
			return payment.Fold(p.intent, p.records), nil
		}
	}
	return payment.Payment{}, fault.New(fault.NotFound, "there is no such payment")
}

func (s modelReads) DayState(_ context.Context, _ ledger.Book, day calendar.Date) (ledger.DayState, error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err == nil && day < db.closed {
		return ledger.DayClosed, nil
	}
	return ledger.DayOpen, err
}

func (s modelReads) OpenDay(_ context.Context, book ledger.Book, day calendar.Date, _ string, _ time.Time) error {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err == nil {
		db.days[book] = max(db.days[book], day)
	}
	return err
}

func (s modelReads) CurrentDay(_ context.Context, book ledger.Book, _ int) (calendar.Date, error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return 0, err
	}
	return db.days[book], nil
}

func (s modelReads) ApprovedDays(context.Context) (map[ledger.DayAt]bool, error) { return nil, nil }

func (s modelReads) KeepClaim(context.Context, ledger.Claim) error {
	_, err := s.db()
	defer s.n.world.mu.Unlock()
	return err
}

// received are the payments that were received about a time, as [tables.received] finds them.
func (s modelReads) received(_ context.Context, q sought) (keys []payment.Key, err error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return nil, err
	}
	for k, p := range db.payments {
		i := p.intent
		if i.Terminal == q.terminal && i.STAN == q.stan && i.Processing != "" && (q.amount == 0 || i.Amount == q.amount) &&
			(q.card == nil || i.Token == *q.card) && !i.OpenedAt.Before(q.since) && !i.OpenedAt.After(q.until) {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, payment.CompareKeys)
	return keys, nil
}

func (s modelReads) swept(_ context.Context, p pass) (time.Time, error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return time.Time{}, err
	}
	return db.swept[p], nil
}

func (s modelReads) mark(_ context.Context, p pass, until time.Time) error {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err == nil && until.After(db.time()) {
		until = db.time()
	}
	if err == nil && until.After(db.swept[p]) {
		db.swept[p] = until
	}
	return err
}

func (s modelReads) addOpen(_ context.Context, open map[payment.Key]time.Time) error {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err == nil {
		maps.Copy(db.open, open)
	}
	return err
}

func (s modelReads) dueOpen(_ context.Context, now time.Time) (keys []payment.Key, err error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return nil, err
	}
	for k, due := range db.open {
		if !due.After(now) {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, payment.CompareKeys)
	return keys, nil
}

func (s modelReads) dropOpen(_ context.Context, keys []payment.Key) error {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	for _, k := range keys {
		if err == nil {
			delete(db.open, k)
		}
	}
	return err
}

func (s modelReads) postponeOpen(_ context.Context, keys []payment.Key, until time.Time) error {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return err
	}
	for _, k := range keys {
		if _, open := db.open[k]; open {
			db.open[k] = until
		}
	}
	return nil
}

func (s modelReads) nodeEnded(_ context.Context, from time.Time) (bool, error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return false, err
	}
	db.takeOver()
	for _, at := range db.abandoned {
		if at.After(from.Add(-nodeSkew)) {
			return true, nil
		}
	}
	return false, nil
}

func (s modelReads) summarise(context.Context) error {
	_, err := s.db()
	defer s.n.world.mu.Unlock()
	return err
}

func (s modelReads) withoutOutcome(_ context.Context, from, until time.Time) (found []payment.Payment, err error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return nil, err
	}
	for k, p := range db.payments {
		if _, left := db.open[k]; !left && len(p.records) == 0 && !p.intent.OpenedAt.Before(from) && p.intent.OpenedAt.Before(until) {
			found = append(found, payment.Fold(p.intent, nil))
		}
	}
	slices.SortFunc(found, func(a, b payment.Payment) int { return payment.CompareKeys(a.Key, b.Key) })
	return found, nil
}

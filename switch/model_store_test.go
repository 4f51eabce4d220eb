package switching

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/money"
)

// modelStore is the database of the model: compare and set over payments and their records, the queue of reversals, the books of each
// payment. The world's lock is held over each use.
type modelStore struct {
	payments map[Key]*modelPayment
	queue    map[Key]*modelReversal
	days     map[ledger.Book]calendar.Date
	swept    map[pass]time.Time
	open     map[Key]time.Time    // payments that were left for others to end, and from when on
	leases   map[string]time.Time // by node: until when its lane is leased; not there if it was given back

	abandoned []time.Time // when lanes were found that their processes had not given back
}

type modelPayment struct {
	intent  *Intent
	records []Record
	times   []time.Time // of each record, by a clock that is right
	books   map[ledger.AccountID]money.Rial
}

type modelReversal struct {
	item
	nextAt, claimedUntil, queuedAt time.Time
}

func newModelStore() *modelStore {
	return &modelStore{payments: map[Key]*modelPayment{}, queue: map[Key]*modelReversal{}, days: map[ledger.Book]calendar.Date{},
		swept: map[pass]time.Time{}, open: map[Key]time.Time{}, leases: map[string]time.Time{}}
}

func (m *modelStore) payment(k Key) (Payment, bool) {
	p, ok := m.payments[k]
	if !ok {
		return Payment{}, false
	}
	return Fold(p.intent, p.records), true
}

// write records a plan as a group of the recorder does: whoever inserts a payment or a record's version first has won.
func (m *modelStore) write(e *Entry) Outcome {
	k, plan := e.Plan.Payment.Key, &e.Plan
	p := m.payments[k]
	switch {
	case plan.New && p != nil, plan.Record != nil && !plan.New && int(plan.Record.Version) != len(p.records)+1:
		return Lost
	case plan.New:
		p = &modelPayment{intent: plan.Payment.Intent, books: map[ledger.AccountID]money.Rial{}}
		m.payments[k] = p
	}
	if plan.Record != nil {
		p.records, p.times = append(p.records, *plan.Record), append(p.times, time.Now())
	}
	if plan.Journal != nil {
		for _, t := range plan.Journal.Transfers {
			p.books[t.Debit] -= t.Amount
			p.books[t.Credit] += t.Amount
		}
		m.days[plan.Journal.Book] = max(m.days[plan.Journal.Book], plan.Journal.BusinessDay)
	}
	m.task(e, k)
	return Written
}

func (m *modelStore) task(e *Entry, k Key) {
	r := m.queue[k]
	switch e.Plan.Task {
	case QueueNow, QueueLater:
		m.queue[k] = &modelReversal{item: item{Key: k, stan: e.STAN, transmission: e.At, amount: int64(e.Plan.Amount)}, nextAt: e.NextAt, queuedAt: e.At}
	case Hurry:
		if r != nil && r.nextAt.After(e.NextAt) {
			r.nextAt = e.NextAt
		}
	case WaitWindow, BackOff, BackOffHard:
		if r != nil {
			r.nextAt, r.claimedUntil = e.NextAt, time.Time{}
		}
	case Dequeue:
		delete(m.queue, k)
	}
}

// modelReads is the store as a node sees it: away while the node is cut off from the database. db holds the world's lock.
type modelReads struct {
	Store
	n *modelNode
}

func (s modelReads) db() (*modelStore, error) {
	s.n.world.mu.Lock()
	if s.n.cut || s.n.dead {
		return nil, fault.New(fault.Unavailable, "the database is away")
	}
	return s.n.world.store, nil
}

func (s modelReads) Payment(_ context.Context, k Key) (Payment, error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return Payment{}, err
	}
	p, ok := db.payment(k)
	if !ok {
		return Payment{}, fault.New(fault.NotFound, "there is no such payment")
	}
	return p, nil
}

func (s modelReads) PaymentByRRN(_ context.Context, agency int32, rrn RRN) (Payment, error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return Payment{}, err
	}
	for k, p := range db.payments {
		if k.Agency == agency && p.intent.RRN == rrn {
			return Fold(p.intent, p.records), nil
		}
	}
	return Payment{}, fault.New(fault.NotFound, "there is no such payment")
}

func (s modelReads) DayState(context.Context, ledger.Book, calendar.Date) (ledger.DayState, error) {
	_, err := s.db()
	defer s.n.world.mu.Unlock()
	return ledger.DayOpen, err
}

func (s modelReads) CurrentDay(_ context.Context, book ledger.Book, _ int) (calendar.Date, error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return 0, err
	}
	return db.days[book], nil
}

func (s modelReads) approvedDays(context.Context) (map[ledger.DayAt]bool, error) { return nil, nil }

func (s modelReads) keepClaim(context.Context, ledger.Claim) error { return nil }

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
	if err == nil && until.After(db.swept[p]) {
		db.swept[p] = until
	}
	return err
}

func (s modelReads) leave(_ context.Context, open map[Key]time.Time) error {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err == nil {
		maps.Copy(db.open, open)
	}
	return err
}

func (s modelReads) left(_ context.Context, now time.Time) (keys []Key, err error) {
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
	slices.SortFunc(keys, compareKeys)
	return keys, nil
}

func (s modelReads) ended(_ context.Context, keys []Key) error {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	for _, k := range keys {
		if err == nil {
			delete(db.open, k)
		}
	}
	return err
}

func (s modelReads) postpone(_ context.Context, keys []Key, until time.Time) error {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	for _, k := range keys {
		if _, open := db.open[k]; open && err == nil {
			db.open[k] = until
		}
	}
	return err
}

func (s modelReads) nodeEnded(_ context.Context, from time.Time) (bool, error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return false, err
	}
	for name, until := range db.leases {
		if until.Before(time.Now()) { // The watch over lanes takes it.
			delete(db.leases, name)
			db.abandoned = append(db.abandoned, time.Now())
		}
	}
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

func (s modelReads) withoutOutcome(_ context.Context, from, until time.Time) (found []Payment, err error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return nil, err
	}
	for k, p := range db.payments {
		if _, left := db.open[k]; !left && len(p.records) == 0 && !p.intent.OpenedAt.Before(from) && p.intent.OpenedAt.Before(until) {
			found = append(found, Fold(p.intent, nil))
		}
	}
	slices.SortFunc(found, func(a, b Payment) int { return compareKeys(a.Key, b.Key) })
	return found, nil
}

func (s modelReads) agenciesDue(_ context.Context, now, _ time.Time) ([]int32, error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return nil, err
	}
	for _, r := range db.queue {
		if r.due(now) {
			return []int32{r.Agency}, nil
		}
	}
	return nil, nil
}

func (r *modelReversal) due(now time.Time) bool {
	return !r.nextAt.After(now) && !r.claimedUntil.After(now)
}

func (s modelReads) claim(_ context.Context, _ int32, now, _, until time.Time) (it item, found bool, err error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return it, false, err
	}
	var keys []Key
	for k, r := range db.queue {
		if r.due(now) {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, compareKeys)
	if len(keys) == 0 {
		return it, false, nil
	}
	r := db.queue[keys[0]]
	r.claimedUntil, r.tries = until, r.tries+1
	return r.item, true, nil
}

func (s modelReads) queueLength(context.Context) (queued int64, oldest time.Time, err error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return 0, oldest, err
	}
	for _, r := range db.queue {
		if oldest.IsZero() || r.queuedAt.Before(oldest) {
			oldest = r.queuedAt
		}
	}
	return int64(len(db.queue)), oldest, nil
}

// sum is what an account holds of one payment.
func (p *modelPayment) sum(accounts ...ledger.AccountID) (total money.Rial) {
	for _, a := range accounts {
		total += p.books[a]
	}
	return total
}

// sortedPayments are all payments, in the order of their keys.
func (m *modelStore) sortedPayments() []*modelPayment {
	all := make([]*modelPayment, 0, len(m.payments))
	for _, p := range m.payments {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *modelPayment) int { return cmp.Or(compareKeys(a.intent.Key, b.intent.Key)) })
	return all
}

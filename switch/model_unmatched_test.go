package switching

import (
	"cmp"
	"context"
	"slices"
	"time"

	"treasury-switch/switch/payment"
)

// What was answered without its original, as [tables] keep it.

func (s modelReads) keepUnmatched(_ context.Context, u unmatched) error {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return err
	}
	if _, there := db.unmatched[u.Key]; !there {
		db.unmatched[u.Key] = u
	}
	db.kept[u.Key] = true
	return nil
}

func (s modelReads) unmatchedDue(_ context.Context, now time.Time) (due []unmatched, err error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return nil, err
	}
	for _, u := range db.unmatched {
		if !u.next.After(now) || u.next.After(now.Add(againMost+nodeSkew)) {
			due = append(due, u)
		}
	}
	slices.SortFunc(due, func(a, b unmatched) int { return cmp.Or(a.next.Compare(b.next), payment.CompareKeys(a.Key, b.Key)) })
	return due[:min(len(due), unmatchedBatch)], nil
}

func (s modelReads) holdUnmatched(_ context.Context, u unmatched, until time.Time) (bool, error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return false, err
	}
	there, ok := db.unmatched[u.Key]
	if !ok || !there.next.Equal(u.next) {
		return false, nil
	}
	there.next = until
	db.unmatched[u.Key] = there
	return true, nil
}

func (s modelReads) postponeUnmatched(_ context.Context, k payment.Key, until time.Time) error {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if u, ok := db.unmatched[k]; err == nil && ok {
		u.next = until
		db.unmatched[k] = u
	}
	return err
}

func (s modelReads) dropUnmatched(_ context.Context, k payment.Key) error {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err == nil {
		delete(db.unmatched, k)
	}
	return err
}

// modelCase is a case of a payment; nobody closes one but those of a reversal that may have meant it.
type modelCase struct {
	reason payment.Reason
	closed time.Time // zero: it is open
}

func (c *modelCase) open() bool { return c.closed.IsZero() }

func (s modelReads) caseOpen(_ context.Context, k payment.Key) (bool, error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(db.cases[k], func(c *modelCase) bool { return c.reason == payment.OriginalUnmatched && c.open() }), nil
}

// closeCases has two persons close the cases of reversals that may have meant a payment.
func (w *world) closeCases() {
	for _, all := range w.store.cases {
		for _, c := range all {
			if c.reason == payment.OriginalUnmatched && c.open() {
				c.closed = w.time()
				w.note("a case is closed by two persons")
			}
		}
	}
}

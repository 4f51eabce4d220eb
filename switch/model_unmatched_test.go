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

// caseOpen: nobody closes a case here.
func (s modelReads) caseOpen(_ context.Context, k payment.Key) (bool, error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return false, err
	}
	p, _ := db.payment(k)
	return p.Meant, nil
}

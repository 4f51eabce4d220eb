package switching

import (
	"context"
	"slices"
	"time"

	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// modelReversal is a reversal in the queue.
type modelReversal struct {
	recorder.DueReversal
	nextAt, claimedUntil, queuedAt time.Time
}

func (m *modelStore) task(e *recorder.Entry, k payment.Key) {
	r := m.queue[k]
	switch e.Plan.Task {
	case payment.QueueNow, payment.QueueLater:
		m.queue[k] = &modelReversal{DueReversal: recorder.DueReversal{Key: k, STAN: e.STAN, Transmission: e.At, Amount: e.Plan.Amount}, nextAt: e.NextAt, queuedAt: e.At}
	case payment.Hurry:
		if r != nil && r.nextAt.After(e.NextAt) {
			r.nextAt = e.NextAt
		}
	case payment.WaitWindow, payment.BackOff, payment.BackOffHard:
		if r == nil || e.Plan.Tries > 0 && e.Plan.Tries != r.Tries {
			return
		}
		r.nextAt, r.claimedUntil = e.NextAt, time.Time{}
		if e.Plan.Task == payment.BackOffHard {
			r.Rejects++
		}
	case payment.Dequeue:
		delete(m.queue, k)
	}
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

func (s modelReads) claim(_ context.Context, _ int32, now, _, until time.Time) (it recorder.DueReversal, found bool, err error) {
	db, err := s.db()
	defer s.n.world.mu.Unlock()
	if err != nil {
		return it, false, err
	}
	var keys []payment.Key
	for k, r := range db.queue {
		if r.due(now) {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, payment.CompareKeys)
	if len(keys) == 0 {
		return it, false, nil
	}
	r := db.queue[keys[0]]
	r.claimedUntil, r.Tries = until, r.Tries+1
	return r.DueReversal, true, nil
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

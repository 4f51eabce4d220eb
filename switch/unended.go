package switching

import (
	"context"
	"sync"
	"time"

	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// unended are the payments of this node without a recorded outcome, with the time when each was due to have one. A
// node ends its own payments, so that nobody has to search the tables for them.
type unended struct {
	mu  sync.Mutex
	due map[payment.Key]promised
}

// promised is the time when a payment is due to have an outcome, and the entry of its intent: while that is being
// written, its absence from the tables proves nothing.
type promised struct {
	at     time.Time
	intent *recorder.Entry
}

// add returns the entry of an earlier try of the same request, for restore.
func (u *unended) add(k payment.Key, p promised) (before promised) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.due == nil {
		u.due = map[payment.Key]promised{}
	}
	before = u.due[k]
	u.due[k] = p
	return before
}

// restore undoes add for a try that certainly left no record. An earlier try, which may have been recorded, stays.
func (u *unended) restore(k payment.Key, before promised) {
	if before.intent == nil {
		u.done(k)
		return
	}
	u.add(k, before)
}

func (u *unended) done(keys ...payment.Key) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, k := range keys {
		delete(u.due, k)
	}
}

// late returns the payments whose outcome is overdue.
func (u *unended) late(now time.Time) []payment.Key {
	u.mu.Lock()
	defer u.mu.Unlock()
	var keys []payment.Key
	for k, p := range u.due {
		if p.at.Before(now) && p.intent.Settled() {
			keys = append(keys, k)
		}
	}
	return keys
}

// all returns the payments without an outcome, with the time from which on they are to be ended.
func (u *unended) all() map[payment.Key]time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	open := make(map[payment.Key]time.Time, len(u.due))
	for k, p := range u.due {
		open[k] = p.at
	}
	return open
}

// endOwn reverses the payments of this node whose outcome is overdue, and counts them. A payment that is not in the
// tables was never recorded, so nothing was sent. One that cannot be ended now becomes an open payment that every
// node tries to end: this node may stop before it can, and the search for a node that has ended covers only what was
// in progress then.
func (s *Switch) endOwn(ctx context.Context) (found int, err error) {
	return s.endParts(ctx, s.unended.late(s.Now()), func(e ending) error {
		s.unended.done(e.over...)
		left := make(map[payment.Key]time.Time, len(e.stuck))
		for _, k := range e.stuck {
			left[k] = s.Now().Add(leftPause)
		}
		err := s.Store.addOpen(ctx, left)
		if err == nil {
			s.unended.done(e.stuck...)
		}
		return err
	})
}

// interrupted reverses a payment that was found without an outcome.
func (s *Switch) interrupted(ctx context.Context, p payment.Payment) error {
	_, err := s.applier.Apply(ctx, p, payment.Silence{Reason: payment.Interrupted, Today: s.Today(p.Book)}, time.Time{})
	return err
}

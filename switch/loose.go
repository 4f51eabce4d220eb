package switching

import (
	"context"
	"sync"
	"time"

	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// loose are the payments of this node that have no recorded outcome yet, with the
// time at which they should have had one. A node that lives looks after its own
// payments, so that nobody has to search the tables for them.
type loose struct {
	mu  sync.Mutex
	due map[payment.Key]promised
}

// promised is when a payment should have an outcome, and the entry with its intent: while that is being written, its absence from the
// tables says nothing.
type promised struct {
	at     time.Time
	intent *recorder.Entry
}

// add returns what an earlier try of the same request has left, for restore.
func (l *loose) add(k payment.Key, p promised) (before promised) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.due == nil {
		l.due = map[payment.Key]promised{}
	}
	before = l.due[k]
	l.due[k] = p
	return before
}

// restore takes a payment back that certainly left no record. What an earlier try may have recorded stays.
func (l *loose) restore(k payment.Key, before promised) {
	if before.intent == nil {
		l.done(k)
		return
	}
	l.add(k, before)
}

func (l *loose) done(keys ...payment.Key) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range keys {
		delete(l.due, k)
	}
}

// late are those that should have had an outcome by now.
func (l *loose) late(now time.Time) []payment.Key {
	l.mu.Lock()
	defer l.mu.Unlock()
	var keys []payment.Key
	for k, p := range l.due {
		if p.at.Before(now) && p.intent.Settled() {
			keys = append(keys, k)
		}
	}
	return keys
}

// all are the payments that have no outcome yet, with the time from which on they are to be ended.
func (l *loose) all() map[payment.Key]time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	open := make(map[payment.Key]time.Time, len(l.due))
	for k, p := range l.due {
		open[k] = p.at
	}
	return open
}

// tieLoose reverses the payments of this node whose outcome could not be recorded
// when it was time, and counts them. What is not there was never recorded, so
// nothing was sent. What cannot be ended now is left for every node to try: this one
// may end before it can, and others search only for what was under way then.
func (s *Switch) tieLoose(ctx context.Context) (found int, err error) {
	return s.endParts(ctx, s.loose.late(s.Now()), func(e ending) error {
		s.loose.done(e.over...)
		left := make(map[payment.Key]time.Time, len(e.stuck))
		for _, k := range e.stuck {
			left[k] = s.Now().Add(leftPause)
		}
		err := s.Store.leave(ctx, left)
		if err == nil {
			s.loose.done(e.stuck...)
		}
		return err
	})
}

// interrupted reverses a payment that was found without an outcome.
func (s *Switch) interrupted(ctx context.Context, p payment.Payment) error {
	_, err := s.applier.Apply(ctx, p, payment.Silence{Reason: payment.Interrupted, Today: s.Today(p.Book)}, time.Time{})
	return err
}

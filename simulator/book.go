package simulator

import (
	"hash/maphash"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// shardCount spreads the requests so that concurrent messages rarely meet.
const shardCount = 64

// book holds every purchase request that was decided, by its key.
type book struct {
	seed     maphash.Seed
	shards   [shardCount]shard
	perShard int
	last     atomic.Int64 // the last sequence number given
}

// shard is one part of the book with a lock of its own.
type shard struct {
	mu sync.Mutex
	store
	totals Totals // of the requests kept
	// oldest and latest are the ends of the chain, by the requests' later, of those
	// that were declined or reversed: they may be forgotten, the oldest first. They
	// never become live again.
	oldest, latest int32
}

// newBook makes an empty book for at most limit requests.
func newBook(limit int) *book {
	b := &book{seed: maphash.MakeSeed(), perShard: min(limit/shardCount, math.MaxInt32)}
	for i := range b.shards {
		b.shards[i].store = newStore()
	}
	return b
}

// shardOf finds the part of the book that a key belongs in.
func (b *book) shardOf(key requestKey) *shard {
	return &b.shards[maphash.Comparable(b.seed, key)%shardCount]
}

// add enters a copy of a request under the shard's lock and numbers it; false means
// that there is no room, because everything remembered is a live debit.
func (b *book) add(s *shard, r *request) bool {
	for s.count >= b.perShard {
		if s.oldest == none {
			return false
		}
		s.forgetOldest()
	}
	r.sequence = b.last.Add(1)
	place := s.keep(r)
	s.totals.count(r, 1)
	if !r.debited() {
		s.finish(place)
	}
	return true
}

// reverse marks the live debit in a place reversed, under the shard's lock.
func (s *shard) reverse(place int32, now time.Time) {
	r := s.at(place)
	s.totals.count(r, -1)
	r.reversed, r.reversedAt = true, now.UnixNano()
	s.totals.count(r, 1)
	s.finish(place)
}

// finish puts a request at the end of those that may be forgotten.
func (s *shard) finish(place int32) {
	if s.oldest == none {
		s.oldest = place
	} else {
		s.at(s.latest).later = place
	}
	s.latest = place
}

// forgetOldest forgets the request that was finished first; there must be one.
func (s *shard) forgetOldest() {
	place := s.oldest
	r := s.at(place)
	s.oldest = r.later
	s.totals.count(r, -1)
	s.drop(place)
}

// answered notes that a faithful answer was handed to the connection.
func (b *book) answered(key requestKey, now time.Time) {
	s := b.shardOf(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	place := s.find(key)
	if place == none {
		return
	}
	r := s.at(place)
	if r.answers == 0 {
		r.answeredAt = now.UnixNano()
	}
	r.answers++
}

// copyInto copies the requests of one part of the book, and the totals of the same
// instant, under its lock; see store.appendAll.
func (s *shard) copyInto(into []request) ([]request, Totals) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.appendAll(into), s.totals
}

// sum is the totals of one part of the book.
func (s *shard) sum() Totals {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.totals
}

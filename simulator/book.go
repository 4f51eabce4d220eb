package simulator

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/iso"
	"treasury-switch/money"
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
	mu       sync.Mutex
	requests map[string]*request
	// finished are the keys of declined and reversed requests, the oldest first:
	// those that may be forgotten. They never become live again.
	finished []string
}

// request is one decided purchase. All fields after code are guarded by the
// shard's lock; those before never change.
type request struct {
	sequence int64
	key      string
	card     identity.PAN
	amount   money.Rial
	stan     string
	stamp    string // F7
	terminal string
	acceptor string
	acquirer string
	rrn      string
	day      calendar.Date
	at       time.Time
	code     iso.Code

	answers    int // faithful answers handed to a connection
	answeredAt time.Time
	reversals  int // reversal messages received for it
	reversedAt time.Time
}

// name sets the key and its parts. The parts share the key's memory, of which
// there are millions.
func (r *request) name(acquirer, terminal, stan, stamp string) {
	r.key = keyOf(acquirer, terminal, stan, stamp)
	rest := r.key
	take := func(n int) string {
		part := rest[len(rest)-n:]
		rest = rest[:max(0, len(rest)-n-1)] // And the bar before it.
		return part
	}
	r.stamp, r.stan, r.terminal, r.acquirer = take(len(stamp)), take(len(stan)), take(len(terminal)), take(len(acquirer))
}

// debited says whether the card was debited, now reversed or not.
func (r *request) debited() bool { return r.code == iso.RC00Approved }

// reversed says whether the debit was reversed.
func (r *request) reversed() bool { return !r.reversedAt.IsZero() }

// live says whether the debit stands.
func (r *request) live() bool { return r.debited() && !r.reversed() }

// same says whether a request of the same key asks for the same thing.
func (r *request) same(other *request) bool {
	return r.card == other.card && r.amount == other.amount && r.acceptor == other.acceptor
}

// newBook makes an empty book for at most limit requests.
func newBook(limit int) *book {
	b := &book{seed: maphash.MakeSeed(), perShard: limit / shardCount}
	for i := range b.shards {
		b.shards[i].requests = make(map[string]*request)
	}
	return b
}

// shardOf finds the part of the book that a key belongs in.
func (b *book) shardOf(key string) *shard {
	return &b.shards[maphash.String(b.seed, key)%shardCount]
}

// find calls f with the request of a key, nil if there is none, under its lock.
func (b *book) find(key string, f func(*request)) {
	s := b.shardOf(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.requests[key])
}

// add enters a request under the shard's lock; false means that there is no room,
// because everything remembered is a live debit.
func (b *book) add(s *shard, r *request) bool {
	for len(s.requests) >= b.perShard {
		if len(s.finished) == 0 {
			return false
		}
		delete(s.requests, s.finished[0])
		s.finished = s.finished[1:]
	}
	r.sequence = b.last.Add(1)
	s.requests[r.key] = r
	if !r.debited() {
		s.finished = append(s.finished, r.key)
	}
	return true
}

// reverse marks a live debit reversed, under the shard's lock.
func (s *shard) reverse(r *request, now time.Time) {
	r.reversedAt = now
	s.finished = append(s.finished, r.key)
}

// answered notes that a faithful answer was handed to the connection.
func (b *book) answered(key string, now time.Time) {
	b.find(key, func(r *request) {
		if r == nil {
			return
		}
		if r.answers == 0 {
			r.answeredAt = now
		}
		r.answers++
	})
}

// keyOf is a request's identity on the network: acquirer, terminal, STAN and
// transmission time. The acquirer is filled up with zeros as in F90, so that an
// original's F32 and a reversal's F90 give one key.
func keyOf(acquirer, terminal, stan, stamp string) string {
	const zeros = "00000000000"
	if len(acquirer) < len(zeros) {
		acquirer = zeros[len(acquirer):] + acquirer
	}
	return acquirer + "|" + terminal + "|" + stan + "|" + stamp
}

package network

import (
	"sync"
	"sync/atomic"
	"time"

	"treasury-switch/iso"
)

// The stages of an exchange. Who moves it out of queued decides whether it counts as
// sent: the writer just before write, or the caller who gives up.
const (
	queued int32 = iota
	sent
	abandoned
)

// exchange is one request in flight.
type exchange struct {
	key        Key
	frame      []byte
	sendBefore time.Time // monotonic; zero for no limit
	session    *session
	stage      atomic.Int32
	untrusted  atomic.Bool // an answer came that cannot be trusted
	done       chan result // holds one
}

// result ends an exchange.
type result struct {
	answer *iso.Message
	err    error
}

// memory is what is remembered of an exchange that has ended.
type memory struct {
	answered bool
	serial   uint64 // tells it from an older one with the same key
}

// ending is the place of a memory in the order of time.
type ending struct {
	key    Key
	serial uint64
	at     time.Time // monotonic
}

// table knows the requests in flight on all links of a pool, and for a while those
// that have ended, so that a late or duplicate answer is told from a foreign one.
type table struct {
	most int           // bound of the memories
	age  time.Duration // and of how old they get

	mu      sync.Mutex
	pending map[Key]*exchange
	ended   map[Key]memory
	order   []ending // oldest first
	serial  uint64
}

// newTable makes an empty table.
func newTable(most int, age time.Duration) *table {
	return &table{most: most, age: age, pending: make(map[Key]*exchange), ended: make(map[Key]memory)}
}

// add enters a request; false means that its key is taken.
func (t *table) add(x *exchange) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, taken := t.pending[x.key]; taken {
		return false
	}
	t.pending[x.key] = x
	delete(t.ended, x.key) // A repeat: what comes now answers it.
	return true
}

// remove takes a request out that was not sent; false means that it has ended.
func (t *table) remove(x *exchange) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pending[x.key] != x {
		return false
	}
	delete(t.pending, x.key)
	return true
}

// expire ends a request that was sent and not answered; false means that it was
// answered just before.
func (t *table) expire(x *exchange) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pending[x.key] != x {
		return false
	}
	delete(t.pending, x.key)
	t.remember(x.key, false)
	return true
}

// answer gives a trusted answer to the request that waits for it, and returns 0. If
// none does, it returns which event the answer is.
func (t *table) answer(key Key, m *iso.Message) EventKind {
	t.mu.Lock()
	defer t.mu.Unlock()
	if x := t.pending[key]; x != nil && x.stage.Load() == sent {
		delete(t.pending, key)
		t.remember(key, true)
		x.done <- result{answer: m}
		return 0
	}
	t.forget()
	before, known := t.ended[key]
	switch {
	case !known:
		return Unmatched
	case before.answered:
		return Duplicate
	}
	t.remember(key, true)
	return Late
}

// distrust notes that the answer to a request cannot be trusted.
func (t *table) distrust(key Key) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if x := t.pending[key]; x != nil {
		x.untrusted.Store(true)
	}
}

// remember notes how a request ended. The caller holds the lock.
func (t *table) remember(key Key, answered bool) {
	t.serial++
	t.ended[key] = memory{answered: answered, serial: t.serial}
	t.order = append(t.order, ending{key: key, serial: t.serial, at: time.Now()})
	t.forget()
}

// forget drops the memories that are too many or too old. The caller holds the lock.
func (t *table) forget() {
	for len(t.order) > 0 {
		oldest := t.order[0]
		if len(t.order) <= t.most && time.Since(oldest.at) < t.age {
			return
		}
		if t.ended[oldest.key].serial == oldest.serial {
			delete(t.ended, oldest.key)
		}
		t.order = t.order[1:]
	}
}

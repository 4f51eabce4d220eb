package network

import (
	"sync"
	"sync/atomic"
	"time"

	"treasury-switch/iso"
)

// The stages of an exchange. Whoever moves it out of queued decides whether it counts as sent: the writer just before
// write, or the caller who gives up.
const (
	queued int32 = iota
	sent
	abandoned
)

// exchange is one request in flight.
type exchange struct {
	key        Key
	request    *iso.Message
	sendBefore time.Time // monotonic; zero for no limit
	session    *session
	stage      atomic.Int32
	untrusted  atomic.Bool // an answer came that cannot be trusted, or contradicts the request
	*waiter
}

// waiter is what the caller of an exchange waits on. It is reused once the exchange has ended, which can happen only
// once.
type waiter struct {
	done  chan result // holds one
	timer *time.Timer // stopped between uses
}

// newWaiter makes a waiter.
func newWaiter() any {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return &waiter{done: make(chan result, 1), timer: timer}
}

// newExchange makes an exchange outside the table.
func (s *session) newExchange(key Key, m *iso.Message, sendBefore time.Time) *exchange {
	return &exchange{key: key, request: m, sendBefore: sendBefore, session: s, waiter: s.link.pool.waiters.Get().(*waiter)}
}

// result ends an exchange.
type result struct {
	answer *iso.Message
	err    error
}

// entry is the state of a key in the table: the request in flight, or how the last one ended.
type entry struct {
	pending  *exchange // nil: it has ended
	answered bool
	serial   uint64 // of an ended one, to distinguish older ones with the same key
}

// ending is an ended request, in the order of time.
type ending struct {
	key    Key
	serial uint64
	at     time.Duration // since the table was made
}

// table holds the requests in flight on all links of a pool, and for a while those that have ended, to tell a late or
// duplicate answer from a foreign one.
type table struct {
	most int           // limit of ended requests
	age  time.Duration // limit of their age
	born time.Time     // monotonic

	mu       sync.Mutex
	requests map[Key]entry
	order    endings
	serial   uint64
}

// newTable makes an empty table.
func newTable(most int, age time.Duration) *table {
	return &table{most: most, age: age, born: time.Now(), requests: make(map[Key]entry)}
}

// add enters a request; false if its key is taken. A repeat replaces its ended original: further answers belong to
// the repeat.
func (t *table) add(x *exchange) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.requests[x.key].pending != nil {
		return false
	}
	t.requests[x.key] = entry{pending: x}
	return true
}

// remove takes out a request that was not sent; false if it has ended.
func (t *table) remove(x *exchange) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.requests[x.key].pending != x {
		return false
	}
	delete(t.requests, x.key)
	return true
}

// expire ends a request that was sent and not answered; false if it was just answered.
func (t *table) expire(x *exchange) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.requests[x.key].pending != x {
		return false
	}
	t.remember(x.key, false)
	return true
}

// answer delivers a trusted answer to the request that waits for it, and returns an event of no kind. If none waits,
// it returns the kind of event. An answer that has the key of a request and contradicts it is not its answer: the
// request goes on waiting.
func (t *table) answer(key Key, m *iso.Message) Event {
	t.mu.Lock()
	defer t.mu.Unlock()
	known, found := t.requests[key]
	if x := known.pending; x != nil && x.stage.Load() == sent {
		if differs := Differences(x.request, m); differs != "" {
			x.untrusted.Store(true)
			return Event{Kind: Contradicts, Request: x.request, Differs: differs}
		}
		t.remember(key, true)
		x.done <- result{answer: m}
		return Event{}
	}
	if !found || known.pending != nil || t.forgotten(known, time.Since(t.born)) {
		return Event{Kind: Unmatched}
	}
	if known.answered {
		return Event{Kind: Duplicate}
	}
	t.remember(key, true)
	return Event{Kind: Late}
}

// distrust notes that an untrusted answer to a request came.
func (t *table) distrust(key Key) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if x := t.requests[key].pending; x != nil {
		x.untrusted.Store(true)
	}
}

// remember stores how a request ended. The caller holds the lock.
func (t *table) remember(key Key, answered bool) {
	t.serial++
	t.requests[key] = entry{answered: answered, serial: t.serial}
	now := time.Since(t.born)
	t.order.push(ending{key: key, serial: t.serial, at: now})
	t.forget(now)
}

// forgotten drops the entries that are too old, and reports whether this one was among them. The caller holds the
// lock.
func (t *table) forgotten(e entry, now time.Duration) bool {
	t.forget(now)
	return t.order.len() == 0 || e.serial < t.order.oldest().serial
}

// forget drops the ended requests that are too many or too old. The caller holds the lock.
func (t *table) forget(now time.Duration) {
	for t.order.len() > 0 {
		oldest := t.order.oldest()
		if t.order.len() <= t.most && now-oldest.at < t.age {
			return
		}
		if known := t.requests[oldest.key]; known.pending == nil && known.serial == oldest.serial {
			delete(t.requests, oldest.key)
		}
		t.order.drop()
	}
}

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
	request    *iso.Message
	sendBefore time.Time // monotonic; zero for no limit
	session    *session
	stage      atomic.Int32
	untrusted  atomic.Bool // an answer came that cannot be trusted, or contradicts the request
	*waiter
}

// waiter is what the caller of an exchange waits with. It is used again when the
// exchange has ended, which nobody else then can end once more.
type waiter struct {
	done  chan result // holds one
	timer *time.Timer // stopped between two uses
}

// newWaiter makes a waiter.
func newWaiter() any {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return &waiter{done: make(chan result, 1), timer: timer}
}

// newExchange makes an exchange that is not in the table yet.
func (s *session) newExchange(key Key, m *iso.Message, sendBefore time.Time) *exchange {
	return &exchange{key: key, request: m, sendBefore: sendBefore, session: s, waiter: s.link.pool.waiters.Get().(*waiter)}
}

// result ends an exchange.
type result struct {
	answer *iso.Message
	err    error
}

// entry is what the table knows of a key: the request in flight, or how the last one
// has ended.
type entry struct {
	pending  *exchange // nil: it has ended
	answered bool
	serial   uint64 // of an ended one, tells it from an older one with the same key
}

// ending is the place of an ended request in the order of time.
type ending struct {
	key    Key
	serial uint64
	at     time.Duration // since the table was made
}

// table knows the requests in flight on all links of a pool, and for a while those
// that have ended, so that a late or duplicate answer is told from a foreign one.
type table struct {
	most int           // bound of the ended ones
	age  time.Duration // and of how old they get
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

// add enters a request; false means that its key is taken. A repeat takes the place of
// its original that has ended: what comes now answers it.
func (t *table) add(x *exchange) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.requests[x.key].pending != nil {
		return false
	}
	t.requests[x.key] = entry{pending: x}
	return true
}

// remove takes a request out that was not sent; false means that it has ended.
func (t *table) remove(x *exchange) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.requests[x.key].pending != x {
		return false
	}
	delete(t.requests, x.key)
	return true
}

// expire ends a request that was sent and not answered; false means that it was
// answered just before.
func (t *table) expire(x *exchange) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.requests[x.key].pending != x {
		return false
	}
	t.remember(x.key, false)
	return true
}

// answer gives a trusted answer to the request that waits for it, and returns an event
// of no kind. If none does, it returns which event the answer is. An answer that has the
// key of a request and contradicts it is not its answer: the request goes on waiting.
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

// distrust notes that the answer to a request cannot be trusted.
func (t *table) distrust(key Key) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if x := t.requests[key].pending; x != nil {
		x.untrusted.Store(true)
	}
}

// remember notes how a request ended. The caller holds the lock.
func (t *table) remember(key Key, answered bool) {
	t.serial++
	t.requests[key] = entry{answered: answered, serial: t.serial}
	now := time.Since(t.born)
	t.order.push(ending{key: key, serial: t.serial, at: now})
	t.forget(now)
}

// forgotten drops what is too old, and says whether the entry was among it. The caller
// holds the lock.
func (t *table) forgotten(e entry, now time.Duration) bool {
	t.forget(now)
	return t.order.len() == 0 || e.serial < t.order.oldest().serial
}

// forget drops the ended requests that are too many or too old. The caller holds the
// lock.
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

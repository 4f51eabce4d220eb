package switching

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"treasury-switch/internal/await"
	"treasury-switch/switch/payment"
)

// receipt is the time when a request came: in database time, which is recorded, and on this process's monotonic
// clock, for its timers.
type receipt struct {
	at    time.Time
	clock time.Time
}

func (s *Switch) received() receipt { return receipt{at: s.Now(), clock: time.Now()} }

// took returns the time since receipt.
func (r receipt) took() time.Duration { return time.Since(r.clock) }

// within limits work on the request to one step of the timer ladder.
func (r receipt) within(ctx context.Context, step time.Duration) (context.Context, context.CancelFunc) {
	return context.WithDeadline(ctx, r.clock.Add(step))
}

// flights are the purchases in progress on this node. Every request for one, the first and each repeat, waits for its
// flight up to the switch timer. The flight itself goes on until its outcome is durable.
type flights struct {
	mu  sync.Mutex
	all map[payment.Key]*flight
}

// flight is one purchase in progress.
type flight struct {
	identity    payment.Identity
	fingerprint [16]byte
	intent      atomic.Pointer[payment.Intent] // set once it is durable, for an answer that cannot wait for the outcome
	sending     atomic.Bool                    // the recorder has the intent: a debit is possible from here on
	done        chan struct{}
	answer      Answer
	unrecorded  bool // no record supports the answer
}

// join returns the flight for the key, and whether it is new.
func (f *flights) join(k payment.Key, i payment.Identity, fingerprint [16]byte) (*flight, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if there, ok := f.all[k]; ok {
		return there, false
	}
	mine := &flight{identity: i, fingerprint: fingerprint, done: make(chan struct{})}
	f.all[k] = mine
	return mine, true
}

// of returns the flight for a key, or nil.
func (f *flights) of(k payment.Key) *flight {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.all[k]
}

// about returns the identity of a purchase in progress that a message may name by field 90. A match of F90's time to
// the second wins over one within a minute, which counts only for a message whose F12 and F13 are its own.
func (f *flights) about(n named, now time.Time) (payment.Identity, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var near payment.Identity
	found, orNear := false, n.whose(now) == ofMessage
	for _, fl := range f.all {
		i := fl.identity
		switch {
		case i.Terminal != n.original.Terminal || i.STAN != n.original.STAN:
		case n.exactly(i, now):
			return i, true
		case orNear && n.fits(i, now):
			near, found = i, true
		}
	}
	return near, found
}

func (f *flights) finish(k payment.Key, fl *flight) {
	f.mu.Lock()
	delete(f.all, k)
	f.mu.Unlock()
	close(fl.done)
}

// wait waits for the flight to finish, up to d.
func (fl *flight) wait(d time.Duration) (finished bool) {
	select {
	case <-fl.done: // also if d is zero or negative
		return true
	default:
		return !await.Pause(fl.done, d)
	}
}

// runFlight works on a purchase until its outcome is durable. A panic raises an alarm and is answered 96 if no debit
// was possible yet; otherwise 09, because 96 would promise that nothing was done.
func (s *Switch) runFlight(f *flight, k payment.Key, work func() (a Answer, recorded bool)) {
	defer s.work.end()
	defer s.flights.finish(k, f)
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		s.brokeOff(p)
		if f.answer = refuse(payment.InProgress); !f.sending.Load() {
			f.answer, f.unrecorded = refuse(payment.SystemError), true
		}
	}()
	a, recorded := work()
	f.answer, f.unrecorded = a, !recorded
}

// inProgress is the answer while the outcome is not durable.
func (s *Switch) inProgress(f *flight) Answer {
	if i := f.intent.Load(); i != nil {
		return s.answerOf(&payment.Payment{Intent: i, Status: payment.Pending}, payment.InProgress)
	}
	return refuse(payment.InProgress)
}

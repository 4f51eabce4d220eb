package switching

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"treasury-switch/internal/await"
	"treasury-switch/switch/payment"
)

// receipt is when a request came: in database time, which is recorded with it, and on this process's monotonic clock, on which its timers
// are measured.
type receipt struct {
	at    time.Time
	clock time.Time
}

func (s *Switch) received() receipt { return receipt{at: s.Now(), clock: time.Now()} }

// took is how long ago that was.
func (r receipt) took() time.Duration { return time.Since(r.clock) }

// within bounds work on the request to a step of the ladder of timers.
func (r receipt) within(ctx context.Context, step time.Duration) (context.Context, context.CancelFunc) {
	return context.WithDeadline(ctx, r.clock.Add(step))
}

// flights are the purchases that this node is working on. Whoever asks for one, first or by a repeat, waits for its flight as long as the
// switch timer lets him. The flight itself goes on until its outcome is durable.
type flights struct {
	mu  sync.Mutex
	all map[payment.Key]*flight
}

// flight is the work on one purchase.
type flight struct {
	identity    payment.Identity
	fingerprint [16]byte
	intent      atomic.Pointer[payment.Intent] // once it is durable, for an answer that cannot wait for the outcome
	sending     atomic.Bool                    // the recorder has the intent: from here on a debit is possible
	done        chan struct{}
	answer      Answer
	unrecorded  bool // the answer rests on no record
}

// join returns the flight of the key and whether the caller is its first.
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

// of is the flight of a key, nil if there is none.
func (f *flights) of(k payment.Key) *flight {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.all[k]
}

// about is the identity of a purchase under way that a message may name by field 90; false if there is none. One of F90's time to the second
// goes before one of the minute about it, which only a message whose F12 and F13 are its own can mean.
func (f *flights) about(n named, now time.Time) (payment.Identity, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var near payment.Identity
	found, loosely := false, n.whose(now) == ofMessage
	for _, fl := range f.all {
		i := fl.identity
		switch {
		case i.Terminal != n.original.Terminal || i.STAN != n.original.STAN:
		case n.exactly(i, now):
			return i, true
		case loosely && n.fits(i, now):
			near, found = i, true
		}
	}
	return near, found
}

func (f *flights) land(k payment.Key, fl *flight) {
	f.mu.Lock()
	delete(f.all, k)
	f.mu.Unlock()
	close(fl.done)
}

// wait waits for a flight until the switch timer of the one who asks.
func (fl *flight) wait(d time.Duration) (landed bool) {
	select {
	case <-fl.done: // also where no time is left
		return true
	default:
		return !await.Pause(fl.done, d)
	}
}

// fly works on a purchase until its outcome is durable. A bug is an alarm. Before a debit was possible it is 96; after that 96 would say too
// much, and it is 09.
func (s *Switch) fly(f *flight, k payment.Key, work func() (a Answer, recorded bool)) {
	defer s.work.end()
	defer s.flights.land(k, f)
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

package switching

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/dbclock"
	"treasury-switch/internal/fault"
	"treasury-switch/registry"
	"treasury-switch/tariffs"
)

// modelNode is a switch as it is run, with a recorder and links that wait for the schedule's word before anything happens.
type modelNode struct {
	*Switch
	world    *world
	name     string
	life     int
	cut      bool // the database cannot be reached
	dead     bool // killed, or stopped
	busy     bool // turns new payments away
	clock    *dbclock.Clock
	queue    []*Entry // of the recorder, in the order in which they were handed over
	doubtful []*Entry // written, and the node does not know it yet
}

func (w *world) start(name string) *modelNode {
	n := &modelNode{world: w, name: name, life: w.lives}
	w.lives++
	var err error
	n.clock, err = dbclock.Start(context.Background(), func(context.Context) (time.Time, error) { return time.Now(), nil }, slog.New(slog.DiscardHandler))
	if err != nil {
		panic(err)
	}
	s, err := New(Config{Timers: modelTimers, Limits: DefaultLimits, Currency: "364", Forward: modelForward}, Parts{
		Store: modelReads{n: n}, Recorder: modelRecorder{n}, Numbers: modelSerials{n}, Vault: modelVault{}, Network: modelLinks{n},
		Directory: func() *registry.Directory { return w.directory() }, Tariffs: func() *tariffs.Set { return w.tariffs },
		Observe: Silent{}, Log: slog.New(slog.DiscardHandler), Now: n.now,
	})
	if err != nil {
		panic(err)
	}
	n.Switch = s
	w.set(func() { w.store.leases[name] = time.Now().Add(DefaultLease) })
	return n
}

// now is database time, reckoned from what the database said when the node started.
func (n *modelNode) now() time.Time { return n.clock.Now() }

// modelTimers are the ladder of the field.
var modelTimers = DefaultTimers

var modelForward = ForwardConfig{Workers: 1, Rate: 1e6, First: time.Second, Most: 10 * time.Second, Look: time.Second, Answer: 25 * time.Second}

// modelRecorder holds plans until the schedule has them written, and keeps to the contract of Recorder: what was handed over is written,
// lost, or given up in a way that says which.
type modelRecorder struct{ n *modelNode }

func (r modelRecorder) Record(ctx context.Context, e *Entry) (Outcome, error) {
	if e.done == nil {
		e.done = make(chan struct{})
	}
	if !r.n.enqueue(e) {
		return 0, errDown
	}
	return e.Wait(ctx)
}

func (n *modelNode) enqueue(e *Entry) bool {
	n.world.mu.Lock()
	defer n.world.mu.Unlock()
	if n.cut && e.Plan.New || n.dead {
		return false
	}
	n.queue = append(n.queue, e)
	return true
}

func (r modelRecorder) Late(int32) (busy bool) {
	r.n.world.set(func() { busy = r.n.busy })
	return busy
}

// Abandon does nothing: a node that stops so keeps its lease, which runs out.
func (r modelRecorder) Abandon() {}

func (r modelRecorder) Watching() error { return nil }

// flush writes the oldest plan that waits at the node. Its node learns of it at once, or not yet.
func (n *modelNode) flush(confirmed bool) (e *Entry, o Outcome) {
	n.world.mu.Lock()
	defer n.world.mu.Unlock()
	for len(n.queue) > 0 {
		e, n.queue = n.queue[0], n.queue[1:]
		if !e.progress.CompareAndSwap(waiting, taken) {
			continue
		}
		if o = n.world.store.write(e); confirmed || o == Lost {
			e.settle(o, nil)
		} else {
			n.doubtful = append(n.doubtful, e)
		}
		return e, o
	}
	return nil, 0
}

// learn has the node read back what it was in doubt about.
func (n *modelNode) learn() (learned int) {
	n.world.mu.Lock()
	defer n.world.mu.Unlock()
	for _, e := range n.doubtful {
		e.settle(Written, nil)
	}
	learned, n.doubtful = len(n.doubtful), nil
	return learned
}

// end gives up what waits at the node, as a recorder that closes does.
func (n *modelNode) end() {
	n.world.mu.Lock()
	defer n.world.mu.Unlock()
	n.dead = true
	for _, e := range n.queue {
		if e.progress.CompareAndSwap(waiting, taken) {
			e.settle(0, errClosing)
		}
	}
	for _, e := range n.doubtful {
		e.settle(0, fault.New(fault.Unknown, "the node ends in doubt"))
	}
	n.queue, n.doubtful = nil, nil
}

// modelSerials are numbers of all nodes together.
type modelSerials struct{ n *modelNode }

func (s modelSerials) Next(context.Context, int32, calendar.Date, time.Time) (int32, error) {
	s.n.world.mu.Lock()
	defer s.n.world.mu.Unlock()
	if s.n.cut || s.n.dead {
		return 0, fault.New(fault.Unavailable, "the database is away")
	}
	s.n.world.serial++
	return s.n.world.serial, nil
}

// modelVault keeps card numbers as they are.
type modelVault struct{}

func (modelVault) Digest(parts ...string) (d [16]byte) {
	sum := sha256.Sum256(fmt.Append(nil, parts))
	return [16]byte(sum[:16])
}
func (v modelVault) Token(p identity.PAN) [16]byte { return v.Digest(p.Reveal()) }
func (modelVault) Seal(_ context.Context, _ calendar.Date, p identity.PAN, _ []byte) ([]byte, error) {
	return []byte(p.Reveal()), nil
}
func (modelVault) Unseal(_ context.Context, _ calendar.Date, sealed, _ []byte) (identity.PAN, error) {
	return identity.ParsePAN(string(sealed))
}
func (modelVault) Prepare(context.Context, calendar.Date) error    { return nil }
func (modelVault) Refresh(context.Context) error                   { return nil }
func (modelVault) Past(context.Context) ([]calendar.Date, error)   { return nil, nil }
func (modelVault) DestroyDay(context.Context, calendar.Date) error { return nil }

// modelLinks carry a node's messages into the model's network.
type modelLinks struct{ n *modelNode }

func (l modelLinks) Ready() bool {
	l.n.world.mu.Lock()
	defer l.n.world.mu.Unlock()
	return !l.n.dead
}

func (l modelLinks) Authorise(ctx context.Context, d Debit) (Answered, error) {
	m := &message{from: l.n, intent: d.Intent, sent: time.Now(), answer: make(chan Answered, 1)}
	if !l.n.world.take(m) {
		return Answered{}, fault.New(fault.Unavailable, "too late to send")
	}
	select {
	case a := <-m.answer:
		return a, nil
	case <-ctx.Done():
		l.n.world.giveUp(m)
		return Answered{}, ctx.Err()
	}
}

func (l modelLinks) Reverse(ctx context.Context, r Reversal) (ReversalAnswered, error) {
	l.n.world.mu.Lock()
	defer l.n.world.mu.Unlock()
	if l.n.dead {
		return ReversalAnswered{}, errors.New("no link")
	}
	return l.n.world.network.reverse(r, l.n.world.loseReversals)
}

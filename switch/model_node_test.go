package switching

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/dbclock"
	"treasury-switch/internal/fault"
	"treasury-switch/registry"
	"treasury-switch/switch/recorder"
	"treasury-switch/tariffs"
)

// modelNode is a switch as it is run, with a recorder and links that wait for the schedule's word before anything happens.
type modelNode struct {
	*Switch
	world    *world
	name     string
	life     int
	cut      bool          // the database cannot be reached
	dead     bool          // killed, or stopped
	busy     bool          // turns new payments away
	stopped  chan struct{} // the process is paused until this is closed; nil: it runs
	clock    *dbclock.Clock
	queue    []*recorder.Entry // of the recorder, in the order in which they were handed over
	doubtful []*recorder.Entry // written, and the node does not know it yet
}

func (w *world) start(name string) *modelNode {
	n := &modelNode{world: w, name: name, life: w.lives}
	w.lives++
	var err error
	n.clock, err = dbclock.Start(context.Background(), func(context.Context) (time.Time, error) { return w.time(), nil }, slog.New(slog.DiscardHandler))
	if err != nil {
		panic(err)
	}
	s, err := New(Config{Timers: modelTimers, Limits: DefaultLimits, Forward: modelForward}, Parts{
		Store: modelReads{n: n}, Recorder: modelRecorder{n}, Numbers: modelSerials{n}, Vault: modelVault{}, Network: modelLinks{n},
		Directory: func() *registry.Directory { return w.directory() }, Tariffs: func() *tariffs.Set { return w.tariffs },
		Observe: Silent{}, Log: slog.New(slog.DiscardHandler), Now: n.now,
	})
	if err != nil {
		panic(err)
	}
	n.Switch = s
	w.set(func() { w.store.leases[name] = w.time().Add(recorder.DefaultLease) })
	return n
}

// now is database time, reckoned from what the database said last.
func (n *modelNode) now() time.Time { return n.clock.Now() }

// told gives the node a word about the time: the database's when the lane writes or beats, or another one.
func (n *modelNode) told(at time.Time) {
	n.clock.Observe(dbclock.Sample{Asked: n.clock.Steady(), Answered: n.clock.Steady(), At: at})
}

// runs waits until the node's process goes on, if it is paused. Everything that a node does to the world outside begins and ends with it.
func (n *modelNode) runs() {
	for {
		var stopped chan struct{}
		if n.world.set(func() { stopped = n.stopped }); stopped == nil {
			return
		}
		<-stopped
	}
}

// goOn ends a pause. The node learns first of what was written meanwhile.
func (n *modelNode) goOn() {
	n.learn()
	n.world.mu.Lock()
	defer n.world.mu.Unlock()
	if n.stopped != nil {
		close(n.stopped)
		n.stopped = nil
	}
}

// writes reports whether the node's recorder has a database and runs.
func (n *modelNode) writes() bool { return !n.dead && !n.cut && n.stopped == nil }

func (n *modelNode) ended() (dead bool) {
	n.world.set(func() { dead = n.dead })
	return dead
}

// modelTimers are the ladder of the field.
var modelTimers = DefaultTimers

var modelForward = ForwardConfig{Workers: 1, Rate: 1e6, First: time.Second, Most: 10 * time.Second, Look: time.Second, Answer: 25 * time.Second}

// errAway says that a plan was certainly not written.
var errAway = fault.New(fault.Unavailable, "the database is away, or the node ends")

// modelRecorder holds plans until the schedule has them written, and keeps to the contract of Recorder: what was handed over is written,
// lost, or given up in a way that says which.
type modelRecorder struct{ n *modelNode }

func (r modelRecorder) Record(ctx context.Context, e *recorder.Entry) (recorder.Outcome, error) {
	r.n.runs()
	if !r.n.enqueue(e) {
		return 0, errAway
	}
	select {
	case <-e.Done():
	case <-ctx.Done():
	}
	r.n.runs() // After a pause in which its time ran out it may have been recorded nevertheless.
	return e.Wait(ctx)
}

func (n *modelNode) enqueue(e *recorder.Entry) bool {
	n.world.mu.Lock()
	defer n.world.mu.Unlock()
	if n.cut && e.Plan.New || n.dead {
		return false
	}
	if now := n.world.time(); e.At.Sub(now).Abs() > aDay || e.NextAt.Sub(now) > aDay {
		n.world.broken("%s is dated %s, to go on at %s: by the database it is %s", e.Plan.Payment.RRN, e.At, e.NextAt, now)
	}
	n.queue = append(n.queue, e)
	return true
}

func (r modelRecorder) Late(int32) (busy bool) {
	r.n.world.set(func() { busy = r.n.busy })
	return busy
}

// Abandon does nothing: a node that cannot write down what it leaves keeps its lease, which runs out.
func (r modelRecorder) Abandon() {}

func (r modelRecorder) Watching() error { return nil }

// flush writes the oldest plan that waits at the node. Its node learns of it at once, or not yet. Where the lane was taken over meanwhile, what
// cannot be sent any more is given up, as [lane.fenced] does.
func (n *modelNode) flush(confirmed bool) (e *recorder.Entry, o recorder.Outcome) {
	n.world.mu.Lock()
	defer n.world.mu.Unlock()
	store := n.world.store
	store.takeOver()
	_, leased := store.leases[n.name]
	store.leases[n.name] = store.time().Add(recorder.DefaultLease)
	n.told(store.time())
	for len(n.queue) > 0 {
		e, n.queue = n.queue[0], n.queue[1:]
		if !e.Take() {
			continue
		}
		if !leased && e.Plan.New && !store.time().Before(e.Plan.Payment.SendBefore) {
			e.Settle(0, errAway)
			return e, 0
		}
		if o = store.write(e); confirmed || o != recorder.Written {
			e.Settle(o, nil)
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
		e.Settle(recorder.Written, nil)
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
		if e.Take() {
			e.Settle(0, errAway)
		}
	}
	for _, e := range n.doubtful {
		e.Settle(0, fault.New(fault.Unknown, "the node ends in doubt"))
	}
	n.queue, n.doubtful = nil, nil
}

// modelSerials are numbers of all nodes together.
type modelSerials struct{ n *modelNode }

func (s modelSerials) Next(context.Context, int32, calendar.Date, time.Time) (int32, error) {
	s.n.runs()
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

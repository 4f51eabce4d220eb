package recorder

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"treasury-switch/internal/dbclock"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// Recorder writes plans in groups: a few lanes, each one connection, collect whatever is ready and write it in one
// transaction. Agencies are assigned to lanes, so that concurrent groups rarely touch the same rows.
type Recorder struct {
	lanes   []*lane
	watch   *laneWatch
	commits *commitWatch
}

// Submit hands an entry to its lane and returns at once: fault.Unavailable if the lane's queue is full, if the node
// is stopping, or if the database is down and the entry is a new payment, which must be refused before anything is
// sent.
func (r *Recorder) Submit(e *Entry) error {
	if e.done == nil {
		return fault.New(fault.Bug, "the entry was not made by NewEntry: its outcome could not be delivered")
	}
	l := r.of(e.Plan.Payment.Agency)
	if e.Plan.New && l.down.Load() {
		return errDown
	}
	return l.hand(e)
}

// Abandon gives the lanes back as those of a crashed node: other nodes search the tables for what it has left open.
func (r *Recorder) Abandon() {
	for _, l := range r.lanes {
		l.unclean.Store(true)
	}
}

// Late reports whether a new payment of the agency would wait too long for its group. It is then better refused
// before any work: accepted payments keep their time, and the queue stays short.
func (r *Recorder) Late(agency int32) bool {
	l := r.of(agency)
	late := l.late()
	if late {
		l.shed.Store(max(1, int64(l.steady())))
	}
	return late
}

func (r *Recorder) of(agency int32) *lane { return r.lanes[int(agency)%len(r.lanes)] }

// Record submits a plan and waits for its outcome.
func (r *Recorder) Record(ctx context.Context, e *Entry) (Outcome, error) {
	if err := r.Submit(e); err != nil {
		return 0, err
	}
	return e.Wait(ctx)
}

// Limits of readiness.
const (
	hungAfter  = 5 * time.Second // a lane that writes one group for longer hangs
	shedMemory = 5 * time.Second // how long a turned-away payment makes the node unready
)

// Ready reports whether every lane takes payments: it has a database that takes writes, does not hang, and turns
// nothing away.
func (r *Recorder) Ready() bool { return r.Hindrance() == nil }

// Hindrance returns why some or all payments cannot be recorded now; nil if they can.
func (r *Recorder) Hindrance() error {
	for i, l := range r.lanes {
		switch wrote := l.writing(); {
		case l.down.Load():
			return fault.New(fault.Unavailable, "lane %d has lost its connection and is getting a new one", i)
		case l.refused.Load():
			return fault.New(fault.Bug, "the database refuses the statements of lane %d", i)
		case wrote > hungAfter:
			return fault.New(fault.Unavailable, "lane %d has been writing one group for %s", i, wrote.Round(time.Second))
		case l.shedding():
			return fault.New(fault.Unavailable, "lane %d turns payments away, because those before them wait too long", i)
		}
	}
	if len(r.lanes) == 0 {
		return fault.New(fault.Unavailable, "there is no lane")
	}
	return nil
}

// DefaultPatience is longer than a group or a slow disk takes, and short enough for a customer at a counter.
const DefaultPatience = 400 * time.Millisecond

// How soon the end of a node is detected. A living node whose lanes are taken over loses a little time and nothing
// else.
const (
	DefaultLease = 30 * time.Second
	DefaultBeat  = 5 * time.Second
	MaxLease     = 2 * time.Minute // the sweep must know of a node's end before its mark passes what the node left
	beatsInLease = 3
)

// DefaultAskAfter is longer than a standby takes to confirm, and shorter than customers wait.
const DefaultAskAfter = 15 * time.Second

// DefaultDrain is longer than the groups of full queues take.
const DefaultDrain = 10 * time.Second

// Config configures a recorder.
type Config struct {
	Address string // the database's
	Node    string // the name of this process; a restart under the same name takes its lanes back at once
	Lanes   int    // 1 to 4, each a connection
	// Patience is how long a new payment may wait for its group before others are refused, half of it while there is
	// a standing queue; DefaultPatience if zero.
	Patience time.Duration
	// Lease is how long the beat of a lane must stay unchanged before its process is taken to have ended;
	// DefaultLease if zero, at most MaxLease.
	Lease time.Duration
	// Beat is how often an idle lane renews its lease; DefaultBeat if zero, at most a third of the lease.
	Beat time.Duration
	// AskAfter is how long a COMMIT may take before the recorder asks whether its server is still the primary;
	// DefaultAskAfter if zero.
	AskAfter time.Duration
	// DrainFor is how long a stop may take to write what is queued; DefaultDrain if zero.
	DrainFor time.Duration
	// Check, if set, may refuse the server of a connection, such as a former primary.
	Check   postgres.Check
	Observe Observer
	Log     *slog.Logger
	Now     func() time.Time // database time
	// Steady is a monotonic clock that measures waits and groups; the process's own if nil.
	Steady func() time.Duration
	// Sampled receives the database's time with every group, in readings of Steady; may be nil.
	Sampled func(dbclock.Sample)
}

// check completes the configuration and refuses what cannot work (fault.Invalid).
func (c *Config) check() error {
	c.Patience, c.Lease, c.Beat = cmp.Or(c.Patience, DefaultPatience), cmp.Or(c.Lease, DefaultLease), cmp.Or(c.Beat, DefaultBeat)
	c.AskAfter, c.DrainFor = cmp.Or(c.AskAfter, DefaultAskAfter), cmp.Or(c.DrainFor, DefaultDrain)
	if c.Steady == nil {
		began := time.Now()
		c.Steady = func() time.Duration { return time.Since(began) }
	}
	if c.Sampled == nil {
		c.Sampled = func(dbclock.Sample) {}
	}
	if c.AskAfter < 0 {
		return fault.New(fault.Invalid, "a COMMIT is asked for after a time above zero, not %s", c.AskAfter)
	}
	if c.Lanes < 1 || c.Lanes > 4 {
		return fault.New(fault.Invalid, "a node has 1 to 4 lanes, not %d", c.Lanes)
	}
	return CheckLease(c.Lease, c.Beat)
}

// CheckLease refuses a lease and a beat that do not fit each other (fault.Invalid).
func CheckLease(lease, beat time.Duration) error {
	if beat <= 0 || lease < beatsInLease*beat || lease > MaxLease {
		return fault.New(fault.Invalid, "a lane's lease of %s must be %d beats of %s at least, and %s at most", lease, beatsInLease, beat, MaxLease)
	}
	return nil
}

// Open leases lanes and connects them. Call Run to begin.
func Open(ctx context.Context, c Config) (*Recorder, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	r := &Recorder{watch: newLaneWatch(c)}
	for i := range c.Lanes {
		l := newLane(c, fmt.Sprintf("%s/%d", c.Node, i))
		r.lanes = append(r.lanes, l)
		r.watch.own = append(r.watch.own, l.incarnation)
		if err := l.start(ctx); err != nil {
			r.release()
			return nil, err
		}
	}
	r.commits = newCommitWatch(c, r.lanes)
	return r, nil
}

func newLane(c Config, name string) *lane {
	l := &lane{
		owner: name, intents: make(chan *Entry, intentLimit), others: make(chan *Entry, othersLimit), beatEvery: c.Beat, drainFor: c.DrainFor, limit: statementLimit,
		patience: c.Patience, observe: c.Observe, log: c.Log, now: c.Now, steady: c.Steady, sampled: c.Sampled,
		connect: func(ctx context.Context) (*session, error) {
			return openSession(ctx, c.Address, laneSession+name, c.Check)
		},
	}
	l.toldTime = l.tell
	_, _ = rand.Read(l.incarnation[:]) // It never fails.
	return l
}

// laneSession is the prefix of a lane connection's application name.
const laneSession = "lane "

// Run records until ctx ends, then writes what is queued, as far as DrainFor allows, and gives the lanes back.
func (r *Recorder) Run(ctx context.Context) {
	var running sync.WaitGroup
	running.Go(func() { r.watch.run(ctx) })
	running.Go(func() { r.commits.run(ctx) })
	for _, l := range r.lanes {
		running.Go(func() { l.run(ctx) })
	}
	running.Wait()
}

func (r *Recorder) release() {
	for _, l := range r.lanes {
		l.close()
	}
}

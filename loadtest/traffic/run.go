package traffic

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"treasury-switch/loadtest/measure"
	"treasury-switch/loadtest/wire"
)

// Plan is one run of a load.
type Plan struct {
	Address     string // where the switch serves terminals
	Connections int
	Schedule    *Schedule
	Mix         Mix
	// Wait is how long a terminal waits for an answer.
	Wait time.Duration
	// Repeats is how often a purchase without answer is sent again, Reversals how often its reversal is sent, Pause what is
	// waited before each.
	Repeats, Reversals int
	Pause              time.Duration
	// MaxInFlight bounds the messages that wait for an answer. Messages beyond it are counted as not sent.
	MaxInFlight int
	// Turn is how often the schedule checks what is due. All messages due within a turn are sent together, up to a turn
	// late.
	Turn time.Duration
	// Scatter chooses the connection of every message anew. Otherwise all messages of a turn take
	// the same one, as concentrators do that forward what has come in: it costs the generator, the kernel and the switch less.
	Scatter bool
	// Drain bounds the time after the last payment until every exchange is through.
	Drain time.Duration
}

// Paces of the schedule's goroutine, what a terminal waits before it repeats or reverses what was answered, and the wait for
// connections.
const (
	coarsest    = 5 * time.Millisecond // it wakes up no less often
	afterwards  = 700 * time.Millisecond
	connectTime = 15 * time.Second
)

// Run is a run of a load while it goes.
type Run struct {
	plan  Plan
	fleet *Fleet
	seen  *measure.Recorder
	lines []*line
	began time.Time
	now   time.Duration // of this turn of the schedule
	stamp wire.Stamp

	serial        uint64
	turn          int // of the connections
	life, retries queue
	inFlight      atomic.Int64
	strangers     atomic.Int64
	lost          int64 // purchases given up
	connected     sync.WaitGroup
}

// Start opens the connections and returns when all are up. Drive then begins the run.
func (f *Fleet) Start(ctx context.Context, plan Plan, seen *measure.Recorder) (*Run, func(), error) {
	r := &Run{plan: plan, fleet: f, seen: seen}
	for i := range f.tills {
		f.tills[i].line = i % plan.Connections
	}
	lives, hangUp := context.WithCancel(ctx)
	var reading sync.WaitGroup
	for range plan.Connections {
		l := newLine()
		r.lines = append(r.lines, l)
		r.connected.Add(1)
		first := sync.OnceFunc(r.connected.Done)
		reading.Go(func() {
			defer first()
			l.run(lives, plan.Address, first, r.answer)
		})
	}
	stop := func() {
		hangUp()
		reading.Wait()
	}
	up := make(chan struct{})
	go func() {
		r.connected.Wait()
		close(up)
	}()
	limit := time.NewTimer(connectTime)
	defer limit.Stop()
	select {
	case <-up:
		return r, stop, ctx.Err()
	case <-limit.C:
		stop()
		return nil, func() {}, errors.New("the switch does not take all connections (its limits: --terminal-conns, --terminal-per-host)")
	}
}

// InFlight is the number of messages that wait for an answer.
func (r *Run) InFlight() int64 { return r.inFlight.Load() }

// GivenUp is, after Drive, the number of purchases whose terminal ended its trying before they were through.
func (r *Run) GivenUp() int64 { return r.lost }

// Drive keeps the schedule from began on until it and every exchange of it are through, the drain's bound is reached, or ctx ends.
func (r *Run) Drive(ctx context.Context, began time.Time) {
	r.began = began
	next, more := r.plan.Schedule.Next()
	ended := time.Duration(0)
	for ctx.Err() == nil {
		r.now = time.Since(r.began)
		if r.now >= 0 {
			r.stampNow()
		}
		r.turn++
		for more && next <= r.now {
			r.arrive(next)
			next, more = r.plan.Schedule.Next()
			ended = r.now
		}
		r.followUp()
		for _, l := range r.lines {
			l.flush()
		}
		if !more && (r.idle() || r.now > ended+r.plan.Drain) {
			break
		}
		pause := coarsest
		if more {
			pause = max(min(next-r.now, coarsest), r.plan.Turn)
		}
		time.Sleep(pause)
	}
	r.giveUp()
}

// stampNow keeps the second's stamp.
func (r *Run) stampNow() {
	if now := r.began.Add(r.now).Unix(); now != r.stamp.Unix() {
		r.stamp = wire.At(now)
	}
}

// idle reports whether nothing is under way.
func (r *Run) idle() bool {
	return r.inFlight.Load() == 0 && r.life.len() == 0 && r.retries.len() == 0 && r.handedBack() == 0
}

func (r *Run) handedBack() (n int) {
	for _, l := range r.lines {
		l.mu.Lock()
		n += len(l.broken) + len(l.answered)
		l.mu.Unlock()
	}
	return n
}

// giveUp counts what is still under way when a run ends.
func (r *Run) giveUp() {
	for _, l := range r.lines {
		l.mu.Lock()
		for k, x := range l.pending {
			if !x.missed {
				r.seen.Fail(x.kind, measure.NoAnswer, x.due)
			}
			delete(l.pending, k)
			r.inFlight.Add(-1)
		}
		l.mu.Unlock()
	}
}

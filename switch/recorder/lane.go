package recorder

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"treasury-switch/internal/dbclock"
	"treasury-switch/internal/fault"
)

// Bounds of a lane. Groups larger than 500 payments gain nothing more.
const (
	intentLimit = 8192
	othersLimit = 32_768 // plans about money that has moved are never turned away
	askedPart   = 4      // the part of it open to requests of terminals; the rest exceeds what can be in flight
	groupLimit  = 500
	groupTries  = 6
	downBeat    = 250 * time.Millisecond
	maxReopen   = 2 * time.Second
	firstReopen = 20 * time.Millisecond
)

// lane is one recorder: a goroutine with one connection. Its row in table lane carries its epoch, and every group
// begins by writing that row, so that a lane that was taken over cannot write.
type lane struct {
	id          int16
	owner       string
	incarnation [16]byte // of this run of the process; the row of a lane names its holder's
	epoch       int64    // 0: no row leased yet
	sure        bool     // the epoch was read back on this connection, and no fence has failed since
	counter     uint32
	beatEvery   time.Duration
	drainFor    time.Duration // longest time that a stop may spend on the queue
	connect     func(context.Context) (*session, error)
	observe     Observer
	log         *slog.Logger
	now         func() time.Time     // database time
	steady      func() time.Duration // a monotonic clock, on which the lane's waits are measured
	sampled     func(dbclock.Sample) // receives samples of the database's time
	asked       time.Duration        // when the current pipeline was sent, by steady
	toldTime    func([][]byte)       // receives the row of the fence

	conn      *session
	left      *session // the previous session, which may still lock the lane's row
	current   atomic.Pointer[session]
	commits   atomic.Int64  // since when the lane waits for COMMIT, by steady; 0: it does not
	limit     time.Duration // of a group's statements before COMMIT
	closing   sync.RWMutex  // read-locked while an entry is submitted; closed is written under the write lock
	closed    bool
	intents   chan *Entry // new payments, which are written last
	others    chan *Entry // outcomes, reversals, evidence: money has moved, and somebody waits for the answer
	spill     []*Entry    // plans of payments that already have one in the group
	lookFirst int         // groups still to be written after a look-up
	down      atomic.Bool
	unclean   atomic.Bool // payments are left open, and other nodes must search for them
	refused   atomic.Bool // the database refused a statement of the lane

	busy     atomic.Int64  // when the current group was begun, in nanoseconds by steady; 0 between groups
	trying   atomic.Int64  // the same for the first group since the last success; 0 if the last group succeeded
	oldest   atomic.Int64  // no new payment in the queue was queued before this time
	pace     pace          // at which new payments leave the queue
	shed     atomic.Int64  // when a new payment was last turned away, by steady; 0: never
	standing standingQueue // whether the queue has been too long for a while

	patience time.Duration // how long a new payment may wait

	writer   writer
	openings openings
}

// run records groups until ctx ends, then empties the queue and gives the lane back.
func (l *lane) run(ctx context.Context) {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(l.drainFor, cancel) })()
	defer l.close()
	beat := time.NewTicker(l.beatEvery)
	defer beat.Stop()
	for {
		var first *Entry
		if len(l.spill) > 0 {
			first, l.spill = l.spill[0], l.spill[1:]
		} else {
			select {
			case <-ctx.Done():
				l.drain(working)
				return
			case <-beat.C:
			case <-l.retry():
			case first = <-l.others:
			case first = <-l.intents:
			}
		}
		l.write(working, first)
	}
}

// write records the group that begins with an entry, or a beat if there is none.
func (l *lane) write(ctx context.Context, first *Entry) {
	began := max(1, int64(l.steady()))
	l.busy.Store(began)
	l.trying.CompareAndSwap(0, began)
	l.recordNext(ctx, first)
	l.busy.Store(0)
	if !l.down.Load() {
		l.trying.Store(0)
	}
}

// recordNext collects a group and records it. A panic costs this group alone.
func (l *lane) recordNext(ctx context.Context, first *Entry) {
	var members []*Entry
	defer func() {
		if p := recover(); p != nil {
			l.outlive(members, p)
		}
	}()
	g := l.collect(first)
	members = slices.Clone(g.entries)
	l.record(ctx, g)
}

// drain writes what is still queued when the node stops: money has moved, and no other node knows of it. What the
// time limit cuts off is repaired as after a crash.
func (l *lane) drain(ctx context.Context) {
	for ctx.Err() == nil && len(l.spill)+len(l.others)+len(l.intents) > 0 {
		l.write(ctx, nil)
	}
}

// retry fires soon while the database is down, so that an idle lane notices when it is back: new payments are refused
// until then.
func (l *lane) retry() <-chan time.Time {
	if !l.down.Load() {
		return nil
	}
	return time.After(downBeat)
}

// close gives the lane back and refuses the entries that were not written. Later ones are refused by hand.
func (l *lane) close() {
	if l.conn != nil {
		if l.epoch > 0 {
			l.giveBack()
		}
		l.conn.close()
	}
	l.down.Store(true)
	l.closing.Lock()
	l.closed = true
	l.closing.Unlock()
	for _, e := range l.spill {
		e.Settle(0, errClosing)
	}
	l.spill = nil
	for {
		select {
		case e := <-l.others:
			e.Settle(0, errClosing)
		case e := <-l.intents:
			e.Settle(0, errClosing)
		default:
			return
		}
	}
}

// hand puts an entry into its queue.
func (l *lane) hand(e *Entry) error {
	l.closing.RLock()
	defer l.closing.RUnlock()
	if l.closed {
		return errClosing
	}
	e.queuedAt = l.steady()
	queue := l.others
	switch {
	case e.Plan.New:
		queue = l.intents
	case e.Asked && len(l.others) >= cap(l.others)/askedPart:
		return fault.New(fault.Unavailable, "the queue of lane %d has room for outcomes only", l.id)
	}
	select {
	case queue <- e:
		return nil
	default:
		return fault.New(fault.Unavailable, "the queue of lane %d is full", l.id)
	}
}

// collect takes whatever is ready, at most one plan per payment, without waiting for more: on an idle system a group
// is one plan and nobody waits for a timer. New payments come last: under load they wait, and half-done ones go on.
func (l *lane) collect(first *Entry) *group {
	l.lookFirst = max(l.lookFirst-1, 0)
	g := newGroup(l)
	g.collected = l.steady()
	spill := l.spill
	l.spill = nil
	for _, e := range append([]*Entry{first}, spill...) {
		l.take(g, e)
	}
	l.fill(g, l.others)
	l.fill(g, l.intents)
	l.look(g)
	return g
}

// look notes how long new payments have waited, and the longest possible wait of those left in the queue.
func (l *lane) look(g *group) {
	now := g.collected
	left := len(l.intents) > 0
	switch {
	case !left:
		l.oldest.Store(int64(now))
	case g.fresh > 0:
		l.oldest.Store(int64(g.youngest))
	}
	waited := g.waited
	if left {
		waited = max(waited, now-time.Duration(l.oldest.Load()))
	}
	l.standing.note(now, waited, l.patience/standingPart)
	l.pace.note(now, g.fresh, left)
}

// fill takes entries from a queue, as far as there is room.
func (l *lane) fill(g *group, queue <-chan *Entry) {
	for len(g.entries) < groupLimit && len(l.spill) < groupLimit {
		select {
		case e := <-queue:
			l.take(g, e)
		default:
			return
		}
	}
}

// take puts an entry into the group, or behind it. One that breaks the rules, or causes a panic, is refused alone.
func (l *lane) take(g *group, e *Entry) {
	defer func() {
		if p := recover(); p != nil {
			_ = BrokeOff(l.observe, l.log, p) // the panic is logged
			e.Settle(Rejected, nil)
		}
	}()
	switch {
	case e == nil:
	case g.has(e.Plan.Payment.Key):
		l.spill = append(l.spill, e)
	case !e.Take():
	case e.Plan.Check() != nil:
		l.log.Error("a plan breaks the rules", "payment", e.Plan.Payment.RRN.String(), "error", e.Plan.Check())
		e.Settle(Rejected, nil)
	default:
		l.counter++
		e.planID = int64(l.id)<<52 | (l.epoch&0xFFFFF)<<32 | int64(l.counter)
		if e.Plan.New {
			g.fresh++
			g.waited, g.youngest = max(g.waited, g.collected-e.queuedAt), e.queuedAt
		}
		g.add(e)
	}
}

package switching

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// Bounds of a lane. A group of 500 payments is where a larger one stops to pay.
const (
	intentLimit = 8192
	othersLimit = 32_768 // more than may be in flight: what happened to money is never turned away
	groupLimit  = 500
	groupTries  = 6
	idleBeat    = 5 * time.Second
	downBeat    = 250 * time.Millisecond
	maxReopen   = 2 * time.Second
	firstReopen = 20 * time.Millisecond
	laneLease   = 30 * time.Second
)

// lane is one recorder: a goroutine with one connection. Its row in table lane
// carries its epoch, and every group begins by writing that row, so that a lane
// that was taken over cannot write.
type lane struct {
	id      int16
	owner   string
	epoch   int64 // 0: to be leased
	counter uint32
	connect func(context.Context) (*session, error)
	observe Observer
	log     *slog.Logger
	now     func() time.Time

	conn    *session
	intents chan *Entry // new payments, which wait until everything else is written
	others  chan *Entry // outcomes, reversals, evidence: money has moved, and somebody waits for the answer
	spill   []*Entry    // of a payment that already has a plan in the group
	wary    int         // groups that are still to be written warily
	down    atomic.Bool

	born   time.Time    // begins the time that the next three are reckoned in, which no change of the clock moves
	busy   atomic.Int64 // when the group that is being written was begun, in nanoseconds of the lane's life; 0 between groups
	oldest atomic.Int64 // no new payment in the queue came before this time
	pace   pace         // at which new payments leave the queue
	stands standing     // whether the queue has been too long for a while

	patience time.Duration // how long a new payment may wait

	takeovers atomic.Int64 // how often a row was leased that somebody had not given back

	writer   writer
	openings openings
}

// run records groups until ctx ends, then refuses what is left in the queue.
func (l *lane) run(ctx context.Context) {
	defer l.close()
	beat := time.NewTicker(idleBeat)
	defer beat.Stop()
	for {
		var first *Entry
		if len(l.spill) > 0 {
			first, l.spill = l.spill[0], l.spill[1:]
		} else {
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
			case <-l.retry():
			case first = <-l.others:
			case first = <-l.intents:
			}
		}
		l.busy.Store(1 + int64(l.now().Sub(l.born)))
		l.record(ctx, l.collect(first))
		l.busy.Store(0)
	}
}

// retry fires soon while the database is away, so that a lane without work finds
// out when it is back: new payments are refused until then.
func (l *lane) retry() <-chan time.Time {
	if !l.down.Load() {
		return nil
	}
	return time.After(downBeat)
}

func (l *lane) close() {
	if l.conn != nil {
		if l.epoch > 0 {
			l.giveBack()
		}
		l.conn.close()
	}
	l.down.Store(true)
	for {
		select {
		case e := <-l.others:
			e.settle(0, errClosing)
		case e := <-l.intents:
			e.settle(0, errClosing)
		default:
			return
		}
	}
}

// collect takes whatever is ready, at most one plan a payment, without waiting
// for more: on an idle system a group is one plan and nobody waits for a timer.
// New payments come last: under load they wait, and not what is half done.
func (l *lane) collect(first *Entry) *group {
	l.wary = max(l.wary-1, 0)
	g := newGroup(l)
	g.collected = l.now()
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

// look notes how long new payments have waited, and how long those may have that the group has left behind.
func (l *lane) look(g *group) {
	now := g.collected.Sub(l.born)
	left := len(l.intents) > 0
	switch {
	case !left:
		l.oldest.Store(int64(now))
	case !g.youngest.IsZero():
		l.oldest.Store(int64(g.youngest.Sub(l.born)))
	}
	waited := g.waited
	if left {
		waited = max(waited, now-time.Duration(l.oldest.Load()))
	}
	l.stands.note(now, waited, l.patience/standingPart)
	l.pace.note(now, g.fresh, left)
}

// fill takes what waits in a queue, as far as there is room.
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

func (l *lane) take(g *group, e *Entry) {
	switch {
	case e == nil:
	case g.has(e.Plan.Payment.Key):
		l.spill = append(l.spill, e)
	case !e.progress.CompareAndSwap(waiting, taken):
	case e.Plan.check() != nil:
		l.log.Error("a plan breaks the rules", "payment", e.Plan.Payment.RRN.String(), "error", e.Plan.check())
		e.settle(Rejected, nil)
	default:
		l.counter++
		e.planID = int64(l.id)<<52 | (l.epoch&0xFFFFF)<<32 | int64(l.counter)
		if e.Plan.New {
			g.fresh++
			g.waited, g.youngest = max(g.waited, g.collected.Sub(e.queuedAt)), e.queuedAt
		}
		g.add(e)
	}
}

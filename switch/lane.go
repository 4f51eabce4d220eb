package switching

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"treasury-switch/ledger"
)

// Bounds of a lane. A group of 500 payments is where a larger one stops to pay.
const (
	queueLimit  = 8192
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

	conn  *session
	queue chan *Entry
	spill []*Entry // of a payment that already has a plan in the group
	down  atomic.Bool
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
			case first = <-l.queue:
			}
		}
		l.record(ctx, l.collect(first))
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
		case e := <-l.queue:
			e.settle(0, errClosing)
		default:
			return
		}
	}
}

// collect takes whatever is ready, at most one plan a payment, without waiting
// for more: on an idle system a group is one plan and nobody waits for a timer.
func (l *lane) collect(first *Entry) *group {
	g := newGroup(l)
	spill := l.spill
	l.spill = nil
	for _, e := range append([]*Entry{first}, spill...) {
		l.take(g, e)
	}
	for len(g.entries) < groupLimit && len(l.spill) < groupLimit {
		select {
		case e := <-l.queue:
			l.take(g, e)
		default:
			return g
		}
	}
	return g
}

func (l *lane) take(g *group, e *Entry) {
	switch {
	case e == nil:
	case g.has(e.Plan.Payment.Key):
		l.spill = append(l.spill, e)
	case !e.progress.CompareAndSwap(waiting, taken):
	case e.Plan.Journal != nil && ledger.Check(*e.Plan.Journal) != nil:
		l.log.Error("the ledger's rules refuse a plan", "payment", e.Plan.Payment.RRN.String(), "error", ledger.Check(*e.Plan.Journal))
		e.settle(Rejected, nil)
	default:
		l.counter++
		e.planID = int64(l.id)<<52 | (l.epoch&0xFFFFF)<<32 | int64(l.counter)
		g.add(e)
	}
}

// record writes a group and tells its entries, whatever it takes: repeats what
// may be repeated, splits a group that one member spoils, and after a lost
// connection asks the database what became of it.
func (l *lane) record(ctx context.Context, g *group) {
	pause := firstReopen
	for try := 0; ; try++ {
		err := l.attempt(ctx, g)
		if err == nil {
			l.down.Store(false)
			return
		}
		switch classify(err) {
		case spoiled:
			l.split(ctx, g, err)
			return
		case repeatable:
			if try < groupTries {
				continue
			}
			g.fail(unavailable(err))
			return
		case fencedOff:
			l.log.Error("lane was taken over by another node", "lane", l.id, "epoch", l.epoch)
			l.epoch = 0
			g.fail(unavailable(err))
			return
		}
		if !l.reopen(ctx, g, err, &pause) {
			return
		}
	}
}

// attempt writes the group once. An error before COMMIT was written means that
// nothing is there; g.doubtful says that COMMIT was written.
func (l *lane) attempt(ctx context.Context, g *group) error {
	if l.conn == nil {
		conn, err := l.connect(ctx)
		if err != nil {
			return lost{err}
		}
		l.conn = conn
	}
	if l.epoch == 0 {
		if err := l.lease(ctx); err != nil {
			return lost{err}
		}
	}
	began := l.now()
	err := g.write(ctx, l.conn)
	if err == nil {
		l.observe.Group(len(g.entries), l.now().Sub(began))
		g.settle()
		return nil
	}
	if rolled := l.conn.rollback(); rolled != nil {
		err = errors.Join(err, lost{rolled})
	}
	return err
}

// reopen drops the connection and waits a little. While the database is away,
// new payments are refused; other plans stay with the lane until those who wait
// for them give up, because the money they speak of has moved.
func (l *lane) reopen(ctx context.Context, g *group, cause error, pause *time.Duration) bool {
	if !l.down.Swap(true) {
		l.log.Warn("database connection lost", "lane", l.id, "error", cause)
	}
	if l.conn != nil {
		l.conn.close()
		l.conn = nil
	}
	g.failNew(unavailable(cause))
	l.refuseNew()
	if g.empty() && len(l.queue) == 0 && len(l.spill) == 0 {
		return false
	}
	select {
	case <-ctx.Done():
		g.fail(errClosing)
		return false
	case <-time.After(*pause):
	}
	*pause = min(*pause*2, maxReopen)
	return true
}

// refuseNew empties the queue of payments whose debit was not sent yet.
func (l *lane) refuseNew() {
	for range len(l.queue) {
		select {
		case e := <-l.queue:
			if e.Plan.New {
				e.settle(0, errDown)
				continue
			}
			l.spill = append(l.spill, e)
		default:
			return
		}
	}
}

// split writes the halves of a group that one member spoils, down to the
// culprit, whose neighbours are unaffected.
func (l *lane) split(ctx context.Context, g *group, cause error) {
	if len(g.entries) <= 1 {
		l.log.Error("the database refused a plan", "lane", l.id, "error", cause, "payment", g.first())
		g.reject()
		return
	}
	half := len(g.entries) / 2
	for _, part := range [][]*Entry{g.entries[:half], g.entries[half:]} {
		h := newGroup(l)
		for _, e := range part {
			h.add(e)
		}
		l.record(ctx, h)
	}
}

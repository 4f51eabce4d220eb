package recorder

import (
	"context"
	"errors"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment"
)

// Bounds of waiting for locked rows; each try takes the session's lock timeout.
const (
	lockTries = 1  // of the whole group, after the first
	mostWaits = 12 // of parts of the group: enough to isolate one member of the largest group
)

// record writes a group and settles its entries, whatever it takes: it repeats what may be repeated, splits a group
// that one member spoils, and after a lost connection asks the database for the outcome.
func (l *lane) record(ctx context.Context, g *group) {
	pause := firstReopen
	for try := 0; ; try++ {
		err := l.attempt(ctx, g)
		if err == nil {
			l.down.Store(false)
			l.refused.Store(false)
			return
		}
		next := classify(err)
		l.observe.GroupFailed(failures[next])
		switch next {
		case overtaken:
			if l.lookFirst = lookFirstGroups; !g.lookFirst || try < groupTries {
				g.lookFirst = true
				continue
			}
			l.split(ctx, g, err)
			return
		case spoiled:
			l.split(ctx, g, err)
			return
		case wrongStatement:
			l.log.Error("a bug: the database refuses a statement of the recorder", "lane", l.id, "error", err)
			l.observe.Alarm(payment.StatementRefused)
			l.refused.Store(true)
			g.fail(fault.New(fault.Bug, "record in the database: %w", err))
			return
		case repeatable:
			switch locked := lockedByOthers(err) && len(g.entries) > 1; {
			case locked && try >= lockTries:
				l.spare(ctx, g, err)
				return
			case try < groupTries:
				continue
			}
			g.fail(unavailable(err))
			return
		case fencedOff:
			if l.fenced(g, unavailable(err)); g.empty() {
				return
			}
			if try < groupTries {
				continue
			}
		}
		if !l.reopen(ctx, g, err, &pause) {
			return
		}
	}
}

// fenced prepares a group to be written again after a failed fence. Everything written for it before was written
// before the lane was taken over, so it can be read back. Payments that could not be sent any more are given up.
func (l *lane) fenced(g *group, cause error) {
	l.sure, g.lookFirst = false, true
	g.leave(cause, func(e *Entry) bool { return e.Plan.New && !g.doubtful && !g.sendable(e) })
}

// attempt writes the group once. After an error g.doubtful tells whether it may have been written nevertheless. The
// connection is then lost, and the next one first fences off whatever the server may still have to execute for the
// old one.
func (l *lane) attempt(ctx context.Context, g *group) error {
	if l.conn == nil {
		if err := l.dial(ctx); err != nil {
			return lost{err}
		}
	}
	if !l.sure || l.epoch == 0 {
		if err := l.claim(ctx); err != nil {
			return orLost(err)
		}
	}
	began := l.steady()
	err := g.write(ctx, l.conn)
	if err == nil {
		l.observe.Group(GroupWritten{
			Size: len(g.entries), Waited: g.waited, Statements: g.committing - began, Commit: l.steady() - g.committing,
		})
		g.settle()
		return nil
	}
	if rolled := l.conn.rollback(); rolled != nil {
		err = errors.Join(err, lost{rolled})
	}
	return err
}

// reopen drops the connection and waits a little. While the database is down, new payments are refused; other plans
// stay in the lane, because their money has moved.
func (l *lane) reopen(ctx context.Context, g *group, cause error, pause *time.Duration) bool {
	if !l.down.Swap(true) {
		l.log.Warn("database connection lost", "lane", l.id, "error", cause)
	}
	l.drop()
	g.failNew(unavailable(cause))
	l.refuseNew()
	if g.empty() && len(l.others) == 0 && len(l.spill) == 0 {
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

// drop gives the connection up. The next one first fences off what is still running on it.
func (l *lane) drop() {
	if l.conn == nil {
		return
	}
	l.left = l.conn
	l.conn.close()
	l.conn = nil
	l.current.Store(nil)
}

// refuseNew empties the queue of new payments, whose debits were not sent.
func (l *lane) refuseNew() {
	for range len(l.intents) {
		select {
		case e := <-l.intents:
			e.Settle(0, errDown)
		default:
			return
		}
	}
}

// split writes the halves of a group that one member spoils, down to that member, whose neighbours are unaffected.
func (l *lane) split(ctx context.Context, g *group, cause error) {
	if len(g.entries) <= 1 {
		l.log.Error("the database refused a plan", "lane", l.id, "error", cause, "payment", g.first())
		g.reject()
		return
	}
	for _, h := range g.halves() {
		l.record(ctx, h)
	}
}

// spare writes a group with a member that waits for a locked row: in halves, the failing ones last, so that its
// neighbours are recorded first. If many wait for such rows, they are given up when the lane has waited long enough.
func (l *lane) spare(ctx context.Context, g *group, cause error) {
	parts := g.halves()
	for waited := 0; len(parts) > 0; {
		h := parts[0]
		if parts = parts[1:]; waited == mostWaits {
			h.fail(unavailable(cause))
			continue
		}
		switch err := l.attempt(ctx, h); {
		case err == nil:
		case !lockedByOthers(err):
			l.record(ctx, h)
		case len(h.entries) > 1:
			waited++
			parts = append(parts, h.halves()...)
		default:
			waited++
			l.log.Error("a payment's row is locked", "lane", l.id, "payment", h.first(), "error", err)
			h.fail(unavailable(err))
		}
	}
}

// outlive lets the lane go on after a panic in the work on a group. Its members are told that they may have been
// written. The connection is dropped, because its state is unknown.
func (l *lane) outlive(members []*Entry, cause any) {
	err := fault.New(fault.Unknown, "whether it was recorded is not known: %w", BrokeOff(l.observe, l.log, cause))
	for _, e := range members {
		if !e.Settled() {
			e.Settle(0, err)
		}
	}
	l.commits.Store(0)
	l.lookFirst = lookFirstGroups
	l.drop()
}

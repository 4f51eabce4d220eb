package switching

import (
	"context"
	"errors"
	"sync"
	"time"

	"treasury-switch/switch/recorder"
)

// Bounds of the sweep. Every node ends its own payments. The tables are searched, from the mark on, for those of a node
// that has ended. While no node ends, the mark trails by markSlack: many times what a living node takes to end a due
// payment, and little enough that a start after a busy time has not much to search.
const (
	markSlack  = recorder.MaxLease
	nodeSkew   = time.Minute     // largest difference between the clocks of two nodes
	sweepBatch = 4096            // payments read at once
	recoverFor = 5 * time.Second // how long a start works on the payments in doubt before it serves terminals
)

// SweepConfig sets how often payments without an outcome are looked for.
type SweepConfig struct {
	Every time.Duration // own payments, and nodes that have ended; 5 s
	Again time.Duration // after this long a time is searched again, and once more after 24 times as long; 1 h
}

// DefaultSweep suits every node.
var DefaultSweep = SweepConfig{Every: 5 * time.Second, Again: time.Hour}

// Recover ends the payments without an outcome that an earlier run of this node, or another node, has left, before
// the first payment is accepted. It is limited in time: the sweep ends the rest while terminals are served. A payment
// that cannot be ended, or a database that does not answer, does not keep a node from starting.
func (s *Switch) Recover(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, recoverFor)
	defer cancel()
	if err := s.SweepOnce(limited, 0); err != nil && ctx.Err() == nil {
		s.searched.behind = true
		s.Log.Warn("payments in doubt are still being reversed while terminals are served", "error", err)
	}
	left, cancel := context.WithTimeout(ctx, recoverFor)
	defer cancel()
	s.complain(left, "payments left open not ended", s.endOpen)
}

// Sweep finds payments whose process died before it recorded an outcome, and queues their reversal. Any node may do
// it: one winner decides. It runs until ctx ends. Its jobs do not wait for each other: a long search delays neither
// this node's own payments nor those of a node that has just ended.
func (s *Switch) Sweep(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	job := func(every time.Duration, what string, do func(context.Context) error) {
		running.Go(func() { s.repeatedly(ctx, every, false, what, do) })
	}
	job(s.cfg.Sweep.Every, "payments without outcome not ended", s.quickSweep)
	job(s.cfg.Sweep.Every, "payments of nodes that have ended not searched", s.searchEnded)
	job(s.cfg.Sweep.Every, "originals of what was answered without them not looked for", s.lookAgain)
	job(max(s.cfg.Sweep.Every, s.cfg.Sweep.Again/60), "payments that became visible late not searched", s.searchAgain)
	job(s.cfg.Sweep.Every, "business days not refreshed", s.days.Refresh)
}

// quickSweep ends this node's own payments and the open payments.
func (s *Switch) quickSweep(ctx context.Context) error {
	found, err := s.endOwn(ctx)
	s.found.Add(int64(found))
	return errors.Join(err, s.endOpen(ctx))
}

// searching is the state of searchEnded between runs; Recover sets it first.
type searching struct {
	behind bool // the search at the start has not finished
	ended  bool // a node has ended, and its payments were searched for
}

// searchEnded searches the tables for the payments of a node that has ended: an earlier run of this one, one whose
// lane was taken over, or one whose lease has run out. The first search begins a little behind the mark, which a
// search for another node may have moved past a payment that was not visible yet.
func (s *Switch) searchEnded(ctx context.Context) error {
	from, err := s.Store.swept(ctx, atOnce)
	if err != nil {
		return err
	}
	if err := s.Recorder.Watching(); err != nil {
		return err
	}
	ended, err := s.Store.nodeEnded(ctx, from)
	if err != nil {
		return err
	}
	if ended || s.searched.behind {
		back := time.Duration(0)
		if ended && !s.searched.ended {
			back = markSlack
		}
		err := s.SweepOnce(ctx, back)
		if err == nil {
			s.searched = searching{ended: ended}
		}
		return err
	}
	s.searched.ended = false
	if err := s.Store.mark(ctx, atOnce, s.outcomesUntil().Add(-markSlack)); err != nil {
		return err
	}
	s.Observe.Swept(int(s.found.Swap(0)), s.Now())
	return nil
}

// outcomesUntil is the time before which every payment should have an outcome.
func (s *Switch) outcomesUntil() time.Time {
	return s.Now().Add(-s.cfg.Timers.Switch - s.cfg.Timers.Grace)
}

// nodeEnded reports whether a process has ended without giving a lane back, and the mark has not yet passed what it
// may have left.
func (t tables) nodeEnded(ctx context.Context, from time.Time) (ended bool, err error) {
	err = t.db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM lane WHERE id > 0 AND abandoned_at > $1)`, from.Add(-nodeSkew)).Scan(&ended)
	return ended, err
}

package recorder

import (
	"sync/atomic"
	"time"
)

// Depth describes how full a lane is.
type Depth struct {
	// Queued is the number of plans in the lane's queues; at Limit new payments are refused.
	Queued, Limit int
	// Ready reports whether the lane has a database that takes writes.
	Ready bool
	// Writing is how long the lane has been trying to write: the current group or, while the database is down,
	// everything since the first group that it did not take; 0 between groups. Every queued plan waits at least until
	// the end of it.
	Writing time.Duration
}

// Depths returns the depth of every lane, in their order.
func (r *Recorder) Depths() []Depth {
	depths := make([]Depth, len(r.lanes))
	for i, l := range r.lanes {
		depths[i] = Depth{Queued: len(l.intents) + len(l.others), Limit: cap(l.intents), Ready: !l.down.Load(), Writing: l.writing()}
	}
	return depths
}

// writing is how long the database has not taken what the lane writes.
func (l *lane) writing() time.Duration {
	began := l.trying.Load()
	if began == 0 {
		return 0
	}
	return max(0, l.steady()-time.Duration(began))
}

// wait is an upper bound of the wait of the oldest new payment in the queue: it was queued after the current group
// was collected or, if that has left others behind, after the group's youngest.
func (l *lane) wait() time.Duration {
	if l.busy.Load() == 0 {
		return 0
	}
	return max(0, l.steady()-time.Duration(l.oldest.Load()))
}

// shedding reports whether new payments are turned away now, or were a moment ago.
func (l *lane) shedding() bool {
	shed := l.shed.Load()
	return l.late() || shed > 0 && l.steady()-time.Duration(shed) < shedMemory
}

// late reports whether the expected wait of a new payment, by the waits of others or by the queue's length, exceeds
// the lane's patience, or the target while there is a standing queue.
func (l *lane) late() bool {
	wait := max(l.wait(), l.pace.of(len(l.intents)))
	return wait > l.patience || wait > l.patience/standingPart && l.standing.persists(l.steady())
}

// A queue that is long for a moment is a burst, which waiting absorbs. One that stays long serves nobody: it only
// adds its length to the latency of everything that is accepted. Controlled Delay (RFC 8289) tells them apart by how
// long the wait has not fallen below a target; so does a lane, and in a standing queue it turns new payments away
// from that target on.
const (
	standingPart = 2               // the target, as a part of the patience
	standingTime = 2 * time.Second // how long a queue must be long to count as standing, and short to count no longer
)

// standingQueue tells whether there is a standing queue. One goroutine notes, any may ask. Times are on the lane's
// steady clock.
type standingQueue struct{ since, last atomic.Int64 }

// note records how long the oldest member of a group had waited when it was taken.
func (s *standingQueue) note(at, waited, target time.Duration) {
	if waited < target {
		return
	}
	if last := s.last.Load(); last == 0 || at-time.Duration(last) > standingTime {
		s.since.Store(int64(at))
	}
	s.last.Store(int64(at))
}

// persists reports whether the wait has stayed above the target for standingTime.
func (s *standingQueue) persists(at time.Duration) bool {
	since, last := time.Duration(s.since.Load()), time.Duration(s.last.Load())
	return last > 0 && at-last <= standingTime && last-since >= standingTime
}

// paceMemory is the number of groups that the mean pace covers: a group may take many new payments and the next few,
// because other plans go first.
const paceMemory = 4

// pace measures how fast new payments leave a queue that never empties. The wait of the oldest shows too late that
// arrivals have tripled; with the pace it follows from the queue's length (Little's law). One goroutine notes, any
// may ask.
type pace struct {
	each  atomic.Int64  // nanoseconds per new payment; 0 while unknown, because the queue empties
	since time.Duration // start of the next sample
	taken int           // new payments taken at that time
	full  bool          // others were left behind then
}

// note records how many new payments were taken at a time, and whether others were left behind.
func (p *pace) note(at time.Duration, fresh int, left bool) {
	switch {
	case !left:
		p.each.Store(0)
	case p.full && p.taken > 0 && fresh > 0:
		sample, before := int64(at-p.since)/int64(p.taken), p.each.Load()
		if before > 0 {
			sample = before + (sample-before)/paceMemory
		}
		p.each.Store(sample)
	}
	if fresh > 0 || !left || !p.full {
		p.since, p.taken = at, fresh
	}
	p.full = left
}

// of returns how long that many payments will take; 0 if the pace is unknown.
func (p *pace) of(waiting int) time.Duration { return time.Duration(p.each.Load() * int64(waiting)) }

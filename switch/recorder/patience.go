package recorder

import (
	"sync/atomic"
	"time"
)

// Depth is how full a lane is now.
type Depth struct {
	// Queued plans wait for the lane's next group, new payments and everything else; at Limit new payments are refused.
	Queued, Limit int
	// Ready says that the lane has a database that takes writes.
	Ready bool
	// Writing is how long the lane has been trying to write a group: the one that is being written, or, while the database is away, the
	// first that it did not take and every one since; 0 between groups. Whoever waits in the queue waits at least for the end of it.
	Writing time.Duration
}

// Depths looks at every lane, in their order.
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

// wait is how long the oldest new payment in the queue has waited at most: it came
// after those were taken that are being written, or after the last of them had come,
// where they have left others behind.
func (l *lane) wait() time.Duration {
	if l.busy.Load() == 0 {
		return 0
	}
	return max(0, l.steady()-time.Duration(l.oldest.Load()))
}

// shedding says whether new payments are being turned away: one would be now, or was a moment ago.
func (l *lane) shedding() bool {
	shed := l.shed.Load()
	return l.late() || shed > 0 && l.steady()-time.Duration(shed) < shedMemory
}

// late says whether a new payment would wait for too long, by what others have waited or by how many are before it: longer than the lane's
// patience, or than a part of it while the queue stands.
func (l *lane) late() bool {
	wait := max(l.wait(), l.pace.of(len(l.intents)))
	return wait > l.patience || wait > l.patience/standingPart && l.stands.stands(l.steady())
}

// A queue that is long for a moment is a burst, which waiting absorbs. One that stays long serves nobody: it only adds its length to the
// latency of everything that is accepted. Controlled Delay (RFC 8289) tells them apart by how long the wait has not fallen below a target;
// so does a lane, and turns new payments away from that target on.
const (
	standingPart = 2               // the target, as a part of the patience
	standingTime = 2 * time.Second // how long a queue must be long to stand, and short to stand no longer
)

// standing follows whether a queue stands. One goroutine notes, any may ask. Times are reckoned from the lane's birth.
type standing struct{ since, last atomic.Int64 }

// note says that the oldest member of a group had waited for so long when it was taken.
func (s *standing) note(at, waited, target time.Duration) {
	if waited < target {
		return
	}
	if last := s.last.Load(); last == 0 || at-time.Duration(last) > standingTime {
		s.since.Store(int64(at))
	}
	s.last.Store(int64(at))
}

// stands says whether the wait has been too long again and again.
func (s *standing) stands(at time.Duration) bool {
	since, last := time.Duration(s.since.Load()), time.Duration(s.last.Load())
	return last > 0 && at-last <= standingTime && last-since >= standingTime
}

// paceMemory is over how many groups the pace is a mean: what happens to payments goes first, so one group takes many new ones and the next few.
const paceMemory = 4

// pace is how fast new payments leave a queue that never becomes empty. The wait of the oldest says too late that thrice as many come as before;
// with the pace it follows from how many are waiting (Little's law). One goroutine notes, any may ask.
type pace struct {
	each  atomic.Int64  // nanoseconds a new payment; 0 while the queue is not kept full, so that the pace is not known
	since time.Duration // when the time began that the next sample is of
	taken int           // new payments taken then
	full  bool          // and others were left behind
}

// note says that so many new payments were taken at a time, and whether others were left behind.
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

// of is how long so many will take; 0 if the pace is not known.
func (p *pace) of(waiting int) time.Duration { return time.Duration(p.each.Load() * int64(waiting)) }

package recorder

import (
	"sync/atomic"
	"time"
)

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

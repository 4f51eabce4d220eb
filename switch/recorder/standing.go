package recorder

import (
	"sync/atomic"
	"time"
)

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

package switching

import (
	"context"
	"fmt"
	"time"
)

// Depth is how full a lane is now.
type Depth struct {
	// Queued plans wait for the lane's next group; at Limit the lane refuses more.
	Queued, Limit int
	// Ready says that the lane has a database that takes writes.
	Ready bool
	// Writing is how long the group that is being written has been; 0 between groups. Whoever waits in the queue waits
	// at least for the end of it.
	Writing time.Duration
}

// Depths looks at every lane, in their order.
func (r *Recorder) Depths() []Depth {
	depths := make([]Depth, len(r.lanes))
	for i, l := range r.lanes {
		depths[i] = Depth{Queued: len(l.queue), Limit: cap(l.queue), Ready: !l.down.Load(), Writing: l.writing()}
	}
	return depths
}

// writing is how long the present group has been under way.
func (l *lane) writing() time.Duration {
	began := l.busy.Load()
	if began == 0 {
		return 0
	}
	return max(0, l.now().Sub(time.Unix(0, began)))
}

// InFlight is how many purchases are being worked on, and how many may be at most.
func (s *Switch) InFlight() (now, limit int) { return len(s.inFlight), cap(s.inFlight) }

// Reversals is how many reversals wait for the network's answer, and near how many new purchases are refused.
func (s *Switch) Reversals() (queued, limit int) { return int(s.queued.Load()), s.cfg.Limits.Forward }

// ChannelOf is the channel of a terminal; "" if it is in no list.
func (s *Switch) ChannelOf(terminal string) Channel {
	t, ok := s.Directory().Terminal(terminal)
	if !ok {
		return ""
	}
	return channelOf(t.Type)
}

// countCases tells those who watch how many cases wait for persons.
func (s *Switch) countCases(ctx context.Context) error {
	var open int
	var oldest *time.Time
	err := s.DB.QueryRow(ctx, `SELECT count(*), min(since) FROM (`+selectCases+`) AS cases) AS waiting`, onlyOpen(false)).
		Scan(&open, &oldest)
	if err != nil {
		return fmt.Errorf("count cases: %w", err)
	}
	var age time.Duration
	if oldest != nil {
		age = max(0, s.Now().Sub(*oldest))
	}
	s.Observe.Cases(open, age)
	return nil
}

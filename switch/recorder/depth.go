package recorder

import "time"

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

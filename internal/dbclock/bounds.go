package dbclock

import "time"

// drift is how far two clocks may run apart: one part in drift. Each may be slewed by 500 parts in a million, the most that
// Linux allows (adjtimex(2)).
const drift = 1000

// precision is that of PostgreSQL's times, which are cut to microseconds.
const precision = time.Microsecond

// Sample is a reading of the database's clock.
type Sample struct {
	// Asked and Answered are readings of the monotonic clock: when the question was sent at the latest that it can have been sent, and
	// when the answer was there.
	Asked, Answered time.Duration
	// At is the database's time somewhere between the two.
	At time.Time
}

// bounds are what is known of the offset of the database's clock from the monotonic one: it lies between low and high, in nanoseconds, as of
// a reading of the monotonic clock. As time passes, they drift apart.
type bounds struct {
	low, high int64
	asOf      time.Duration
}

// of is the bounds of one sample, as of its arrival.
func of(s Sample) bounds {
	at := s.At.UnixNano()
	return bounds{low: at - int64(s.Answered), high: at + int64(precision) - int64(s.Asked), asOf: s.Asked}.at(s.Answered)
}

// at is the bounds at a later time, widened by the drift.
func (b bounds) at(now time.Duration) bounds {
	if now <= b.asOf {
		return b
	}
	widened := int64((now-b.asOf)/drift) + 1 // Rounded up.
	return bounds{low: b.low - widened, high: b.high + widened, asOf: now}
}

// meet intersects two bounds; step is then zero. If they contradict each other the newer ones are returned, and step is the
// least by which the database's clock was set.
func (b bounds) meet(newer bounds) (both bounds, step time.Duration) {
	older := b.at(newer.asOf)
	both = bounds{low: max(older.low, newer.low), high: min(older.high, newer.high), asOf: older.asOf}
	if both.low <= both.high {
		return both, 0
	}
	if newer.low > older.high {
		return newer, time.Duration(newer.low - older.high)
	}
	return newer, -time.Duration(older.low - newer.high)
}

// nearest is the offset within the bounds that is nearest to another one, so that the computed time moves no more than
// it must.
func (b bounds) nearest(offset int64) int64 { return min(max(offset, b.low), b.high) }

// middle is the offset with the smallest possible error.
func (b bounds) middle() int64 { return b.low + (b.high-b.low)/2 }

// width is how far apart they are.
func (b bounds) width() time.Duration { return time.Duration(b.high - b.low) }

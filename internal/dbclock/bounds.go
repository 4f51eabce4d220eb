package dbclock

import "time"

// drift is by how much two clocks may run apart in a time, as one part of so many: each of them may be steered by 500 parts in a million, the
// most that Linux allows (adjtimex(2)).
const drift = 1000

// precision is that of PostgreSQL's times, which are cut to microseconds.
const precision = time.Microsecond

// Sample is an answer of the database to the question what time it is.
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

// of is what a sample says by itself, as of its arrival.
func of(s Sample) bounds {
	at := s.At.UnixNano()
	return bounds{low: at - int64(s.Answered), high: at + int64(precision) - int64(s.Asked), asOf: s.Asked}.at(s.Answered)
}

// at is what the bounds still say at a later time.
func (b bounds) at(now time.Duration) bounds {
	if now <= b.asOf {
		return b
	}
	widened := int64((now-b.asOf)/drift) + 1 // Rounded up.
	return bounds{low: b.low - widened, high: b.high + widened, asOf: now}
}

// meet is what two bounds say together. step is zero then; where they contradict each other the newer ones hold alone, and step is by how
// much at least the database's clock was set.
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

// nearest is the offset within the bounds that is nearest to another one, so that a reckoned time moves no more than it must.
func (b bounds) nearest(offset int64) int64 { return min(max(offset, b.low), b.high) }

// middle is the offset that is wrong by the least.
func (b bounds) middle() int64 { return b.low + (b.high-b.low)/2 }

// width is how far apart they are.
func (b bounds) width() time.Duration { return time.Duration(b.high - b.low) }

package network

import (
	"sync/atomic"
	"time"
)

// RoundTripBounds are the upper bounds of the histogram of round trips.
var RoundTripBounds = [...]time.Duration{
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond,
	50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second,
	2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second,
}

// RoundTrips counts how long answered requests took, from their place in the link's queue to the trusted answer.
type RoundTrips struct {
	// Counts are the round trips up to each of RoundTripBounds and above the one before; the last count has no upper
	// bound.
	Counts [len(RoundTripBounds) + 1]uint64
	Sum    time.Duration
}

// Total is the number of round trips.
func (r *RoundTrips) Total() uint64 {
	var n uint64
	for _, c := range r.Counts {
		n += c
	}
	return n
}

// Within is the bound within which so many percent of the round trips ended, so it is never too short. Zero means
// that there were none, or that they took longer than the last bound.
func (r *RoundTrips) Within(percent uint64) time.Duration {
	need, seen := (r.Total()*percent+99)/100, uint64(0)
	for i, bound := range RoundTripBounds {
		seen += r.Counts[i]
		if need > 0 && seen >= need {
			return bound
		}
	}
	return 0
}

// roundTrips are the running counters behind RoundTrips.
type roundTrips struct {
	counts [len(RoundTripBounds) + 1]atomic.Uint64
	sum    atomic.Int64
}

// add counts one round trip.
func (r *roundTrips) add(took time.Duration) {
	place := len(RoundTripBounds)
	for i, bound := range RoundTripBounds {
		if took <= bound {
			place = i
			break
		}
	}
	r.counts[place].Add(1)
	r.sum.Add(int64(took))
}

// snapshot reads the counters one by one.
func (r *roundTrips) snapshot() RoundTrips {
	s := RoundTrips{Sum: time.Duration(r.sum.Load())}
	for i := range r.counts {
		s.Counts[i] = r.counts[i].Load()
	}
	return s
}

package traffic

import (
	"math"
	"math/rand/v2"
	"time"
)

// Segment is a part of a run in which the rate changes evenly from one value to another, in payments a second.
type Segment struct {
	Length   time.Duration
	From, To float64
}

// arrivals is how many payments fall into the first t of the segment: the integral of its rate.
func (s Segment) arrivals(t time.Duration) float64 {
	x := t.Seconds()
	return s.From*x + (s.To-s.From)/s.Length.Seconds()*x*x/2
}

// when is the inverse: how far into the segment its n-th payment is.
func (s Segment) when(n float64) time.Duration {
	slope := (s.To - s.From) / s.Length.Seconds()
	// x solves slope/2 x² + From x - n = 0. This form of the solution holds for a slope of zero as well.
	x := 2 * n / (s.From + math.Sqrt(max(0, s.From*s.From+2*slope*n)))
	return time.Duration(x * float64(time.Second))
}

// Schedule gives the times of payments, one after the other, since the start of a run. Each time follows from the payment's
// number and not from the time before it, so that no error of rounding adds up.
type Schedule struct {
	segments []Segment
	began    time.Duration // of the current segment
	before   float64       // payments before it
	number   float64       // of the last payment, whole unless arrivals are random
	random   *rand.Rand    // nil: evenly spaced
	left     int64
	last     time.Duration // of the last payment
	cut      bool          // the bound in count has ended it
}

// NewSchedule makes a schedule of segments one after the other. It ends with them, or after count payments if that is positive.
// Where random is given the payments arrive independently of each other (a Poisson process), otherwise evenly spaced.
func NewSchedule(segments []Segment, count int64, random *rand.Rand) *Schedule {
	if count <= 0 {
		count = math.MaxInt64
	}
	return &Schedule{segments: segments, random: random, left: count}
}

// Next is the time of the next payment; false is the end.
func (s *Schedule) Next() (time.Duration, bool) {
	if s.left == 0 {
		s.cut = true
		return 0, false
	}
	s.left--
	step := 1.0
	if s.random != nil {
		step = s.random.ExpFloat64()
	}
	s.number += step
	for len(s.segments) > 0 {
		now := s.segments[0]
		all := now.arrivals(now.Length)
		if n := s.number - s.before; n <= all {
			s.last = s.began + now.when(n)
			return s.last, true
		}
		s.segments, s.began, s.before = s.segments[1:], s.began+now.Length, s.before+all
	}
	return 0, false
}

// Cut is the time of the last payment, if the bound in count has ended the schedule before its time.
func (s *Schedule) Cut() (at time.Duration, cut bool) { return s.last, s.cut }

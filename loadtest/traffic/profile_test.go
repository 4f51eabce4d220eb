package traffic

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// times are all times of a schedule.
func times(s *Schedule) []time.Duration {
	var all []time.Duration
	for at, more := s.Next(); more; at, more = s.Next() {
		all = append(all, at)
	}
	return all
}

// TestScheduleIsExact checks every time of a long steady load against its number: an error of rounding must not add up.
func TestScheduleIsExact(t *testing.T) {
	const rate, length = 3000.0, 5 * time.Minute
	all := times(NewSchedule([]Segment{{Length: length, From: rate, To: rate}}, 0, nil))
	if want := int(rate * length.Seconds()); len(all) != want {
		t.Fatalf("%d payments, want %d", len(all), want)
	}
	for i, at := range all {
		want := time.Duration(float64(i+1) / rate * float64(time.Second))
		if (at - want).Abs() > time.Microsecond {
			t.Fatalf("payment %d at %s, want %s", i+1, at, want)
		}
	}
}

// TestScheduleFollowsItsRates counts payments of ramps: half the rate times their length, and as many before as after a middle.
func TestScheduleFollowsItsRates(t *testing.T) {
	segments := []Segment{{10 * time.Second, 0, 1000}, {20 * time.Second, 1000, 1000}, {4 * time.Second, 1000, 0}, {5 * time.Second, 10, 30}}
	for _, c := range []struct {
		name      string
		random    *rand.Rand
		tolerance float64
	}{{"even", nil, 1}, {"poisson", rand.New(rand.NewPCG(7, 7)), 500}} {
		t.Run(c.name, func(t *testing.T) {
			all := times(NewSchedule(segments, 0, c.random))
			count := func(from, to float64) (n float64) {
				for i, at := range all {
					if i > 0 && at < all[i-1] {
						t.Fatalf("payment %d comes before the one before it", i)
					}
					if at.Seconds() > from && at.Seconds() <= to {
						n++
					}
				}
				return n
			}
			for _, part := range []struct{ from, to, want float64 }{
				{0, 5, 1250}, {5, 10, 3750}, {10, 30, 20000}, {30, 32, 1500}, {32, 34, 500}, {34, 39, 100}, {0, 39, 27100},
			} {
				if n := count(part.from, part.to); math.Abs(n-part.want) > c.tolerance {
					t.Errorf("%g payments from %g s to %g s, want %g", n, part.from, part.to, part.want)
				}
			}
		})
	}
}

// TestScheduleEndsAtItsCount bounds a load by the number of payments.
func TestScheduleEndsAtItsCount(t *testing.T) {
	bound := NewSchedule([]Segment{{time.Hour, 100, 100}}, 17, nil)
	if n := len(times(bound)); n != 17 {
		t.Errorf("%d payments, want 17", n)
	}
	if at, cut := bound.Cut(); !cut || at != 170*time.Millisecond {
		t.Errorf("cut %v at %v, want 170ms", cut, at)
	}
	whole := NewSchedule([]Segment{{time.Second, 100, 100}}, 170, nil)
	times(whole)
	if _, cut := whole.Cut(); cut {
		t.Error("a schedule that came to its end is cut")
	}
}

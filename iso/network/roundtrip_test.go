package network

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestRoundTripsAreCountedByTheirBounds(t *testing.T) {
	var r roundTrips
	for _, took := range []time.Duration{time.Millisecond, 2 * time.Millisecond, 2 * time.Millisecond, 60 * time.Second} {
		r.add(took)
	}
	got := r.snapshot()
	if got.Counts[0] != 1 || got.Counts[1] != 2 || got.Counts[len(RoundTripBounds)] != 1 || got.Total() != 4 {
		t.Errorf("counts %v", got.Counts)
	}
	if got.Sum != 60*time.Second+5*time.Millisecond {
		t.Errorf("sum %v", got.Sum)
	}
	for percent, want := range map[uint64]time.Duration{25: time.Millisecond, 50: 2500 * time.Microsecond, 75: 2500 * time.Microsecond, 99: 0} {
		if within := got.Within(percent); within != want {
			t.Errorf("%d%% within %v, want %v", percent, within, want)
		}
	}
	if none := (&RoundTrips{}).Within(50); none != 0 {
		t.Errorf("without round trips: %v", none)
	}
}

// A link times what was answered, and only that.
func TestLinkTimesItsRoundTrips(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, nil)
		done := r.exchange(purchase(1), time.Time{})
		request := <-w.requests
		time.Sleep(40 * time.Millisecond)
		w.trySend(answerTo(request))
		expect(t, done, nil)
		done = r.exchange(purchase(2), time.Time{})
		<-w.requests
		expect(t, done, ErrNoAnswer)
		trips := r.Status()[0].RoundTrips
		if trips.Total() != 1 || trips.Sum != 40*time.Millisecond {
			t.Errorf("%d round trips in %v", trips.Total(), trips.Sum)
		}
	})
}

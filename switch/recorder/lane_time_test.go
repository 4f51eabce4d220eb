package recorder

import (
	"sync"
	"testing"
	"time"

	"treasury-switch/internal/dbclock"
)

// Whatever a lane writes brings the database's time: a lease, a usual group in its one write, one after a look-up in turns, a beat, a raise. It lies
// between the question and its answer.
func TestEveryWriteTellsTheTime(t *testing.T) {
	r := newRig(t)
	l := r.own()
	var mu sync.Mutex
	var samples []dbclock.Sample
	l.sampled = func(s dbclock.Sample) { mu.Lock(); defer mu.Unlock(); samples = append(samples, s) }
	began := time.Now()
	l.steady = func() time.Duration { return time.Since(began) }
	for _, step := range []struct {
		what string
		do   func()
		want int
	}{
		{"the lease and its first group, which asks", func() { r.writes(l, r.intent()) }, 2},
		{"a usual group", func() { r.writes(l, r.intent()) }, 1},
		{"a group after a look-up", func() { l.lookFirst = 2; r.writes(l, r.intent()); l.lookFirst = 0 }, 1},
		{"a beat", func() { l.record(t.Context(), newGroup(l)) }, 1},
		{"a raise and a usual group", func() { l.sure = false; r.writes(l, r.intent()) }, 2},
	} {
		samples = nil
		step.do()
		if len(samples) != step.want {
			t.Errorf("%s: %d samples, want %d", step.what, len(samples), step.want)
		}
		for _, s := range samples {
			// The database and this test share a machine and its clock.
			earliest, latest := began.Add(s.Asked-time.Millisecond), began.Add(s.Answered+time.Millisecond)
			if s.Asked >= s.Answered || s.At.Before(earliest) || s.At.After(latest) {
				t.Errorf("%s: %s is not between %s and %s", step.what, s.At, earliest, latest)
			}
		}
	}
}

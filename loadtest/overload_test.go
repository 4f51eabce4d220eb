package main

import (
	"testing"
	"time"

	"treasury-switch/loadtest/report"
)

// TestRecovered finds the second from which a series is calm for long enough.
func TestRecovered(t *testing.T) {
	const p99 = 100.0
	calm := report.Second{P99: 90}
	for _, c := range []struct {
		name  string
		after []report.Second
		want  float64
	}{
		{"at once", []report.Second{calm, calm, calm, calm, calm}, 0},
		{"after two seconds of shedding", []report.Second{{Shed: 5, P99: 90}, {Shed: 1, P99: 90}, calm, calm, calm, calm, calm}, 2},
		{"after errors in the middle", []report.Second{calm, calm, calm, calm, {Errors: 1, P99: 90}, calm, calm, calm, calm, calm}, 5},
		{"a hiccup long after", []report.Second{{Shed: 1}, calm, calm, calm, calm, calm, {P99: 300}, calm}, 1},
		{"latency a little worse is well", []report.Second{{P99: 149}, calm, calm, calm, calm}, 0},
		{"latency much worse is not", []report.Second{{P99: 151}, calm, calm, calm, calm, calm}, 1},
		{"too late to be sure", []report.Second{{Shed: 1}, {Shed: 1}, calm, calm, calm, calm}, -1},
		{"never", []report.Second{{Shed: 1}, {Shed: 1}, {Shed: 1}}, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			series := []report.Second{{Phase: "over", Shed: 9, At: 10}}
			for i, s := range c.after {
				s.Phase, s.At = "after", 11+float64(i)
				series = append(series, s)
			}
			if got := recovered(series, 10*time.Second, p99); got != c.want {
				t.Errorf("recovered after %g s, want %g", got, c.want)
			}
		})
	}
}

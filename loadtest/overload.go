package main

import (
	"context"
	"time"

	"treasury-switch/loadtest/measure"
	"treasury-switch/loadtest/report"
	"treasury-switch/loadtest/traffic"
)

// Recovered means calmSeconds in a row without errors and sheds, with p99 at most a multiple of the first phase's, or a
// fixed time above it.
const (
	calmSeconds = 5
	calmTimes   = 1.5
	calmMore    = 10.0 // ms
)

// phases is their number: before, during and after the overload.
const phases = 3

// overload runs three phases: the rate, a multiple of it, and the rate again.
func (s *session) overload(ctx context.Context) error {
	over := s.Rate * s.Factor
	rates := []float64{s.Rate, over, s.Rate}
	var segments []traffic.Segment
	if s.RampUp > 0 {
		segments = append(segments, traffic.Segment{Length: s.RampUp, To: s.Rate})
	}
	var windows []*measure.Window
	at := s.RampUp
	for i, name := range []string{"before", "over", "after"} {
		segments = append(segments, traffic.Segment{Length: s.Duration, From: rates[i], To: rates[i]})
		windows = append(windows, measure.NewWindow(name, at, at+s.Duration))
		at += s.Duration
	}
	if s.RampDown > 0 {
		segments = append(segments, traffic.Segment{Length: s.RampDown, From: s.Rate})
	}
	d, err := s.drive(ctx, segments, windows, nil)
	if err != nil {
		return err
	}
	s.fill(d, 1)
	for _, w := range windows {
		s.result.Phases = append(s.result.Phases, report.PhaseOf(w))
	}
	s.result.Phases[2].RecoveredAfterS = recovered(d.series, windows[2].From, s.result.Phases[0].Latency["purchase"].P99)
	return nil
}

// recovered is the number of seconds from the start of the last phase until the series is calm for calmSeconds; -1 is
// never. Later disturbances come from the machine, not from the overload; the phase's p99 shows them.
func recovered(series []report.Second, began time.Duration, p99 float64) float64 {
	limit := max(p99*calmTimes, p99+calmMore)
	calm, since := 0, -1.0
	for _, second := range series {
		if second.Phase != "after" {
			continue
		}
		if second.Shed > 0 || second.Errors > 0 || second.P99 > limit {
			calm = 0
			continue
		}
		if calm++; calm == 1 {
			since = max(0, second.At-1-began.Seconds())
		}
		if calm == calmSeconds {
			return since
		}
	}
	return -1
}

// overloaded is the exit code of an overload: accepted payments, echoes and reversals must be answered without errors, and
// the switch must recover.
func (s *session) overloaded() int {
	for _, p := range s.result.Phases {
		for _, n := range p.Errors {
			if n > 0 {
				return exitNotSustained
			}
		}
	}
	if s.result.Phases[2].RecoveredAfterS < 0 {
		return exitNotSustained
	}
	return exitHolds
}

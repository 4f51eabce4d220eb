package main

import (
	"context"
	"time"

	"treasury-switch/loadtest/measure"
	"treasury-switch/loadtest/report"
)

// soak runs a load during which the switch is killed at intervals and started again.
func (s *session) soak(ctx context.Context) error {
	segments, windows := s.steady(s.Rate, s.Duration)
	down, kills := measure.NewLatency(), 0
	var failed error
	d, err := s.drive(ctx, segments, windows, func(ctx context.Context) {
		until := time.Now().Add(s.RampUp + s.Duration)
		tick := time.NewTicker(s.KillEvery)
		defer tick.Stop()
		for failed == nil {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			began := time.Now()
			if began.After(until) {
				return
			}
			// The restart goes on if the load ends meanwhile: the checks afterwards need the switch.
			failed = s.system.restart(context.WithoutCancel(ctx))
			kills++
			down.Add(time.Since(began))
			s.say("killed        the switch takes payments again after %s", time.Since(began).Round(10*time.Millisecond))
		}
	})
	if failed != nil {
		return failed
	}
	if err != nil {
		return err
	}
	s.fill(d, 0)
	s.result.Soak = &report.Soak{Kills: kills, DownMS: report.Percentiles(down, false), Unanswered: windows[0].Failed(), GivenUp: d.lost}
	return nil
}

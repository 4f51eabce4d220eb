package main

import (
	"context"
	"sync"
	"time"

	"treasury-switch/loadtest/measure"
	"treasury-switch/loadtest/report"
)

// soak runs a load during which the switch is killed at intervals and started again.
func (s *session) soak(ctx context.Context) error {
	segments, windows := s.steady(s.Rate, s.Duration)
	down := measure.NewLatency()
	kills := 0
	var failed error
	var once sync.Mutex
	until := time.Now().Add(s.RampUp + s.Duration)
	d, err := s.drive(ctx, segments, windows, func(ctx context.Context) {
		tick := time.NewTicker(s.KillEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if time.Now().After(until) {
				return
			}
			once.Lock()
			began := time.Now()
			s.system.stage.Switch.Kill()
			failed = s.system.stage.StartSwitch(context.WithoutCancel(ctx))
			kills++
			down.Add(time.Since(began))
			once.Unlock()
			if failed != nil {
				return
			}
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
	s.result.Soak = &report.Soak{Kills: kills, DownMS: report.Percentiles(down, false), Unanswered: windows[0].Failed()}
	return nil
}

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"treasury-switch/internal/stage"
	"treasury-switch/loadtest/report"
	"treasury-switch/loadtest/traffic"
	"treasury-switch/simulator"
)

// session is one load test from beginning to verdict.
type session struct {
	options
	system *system
	fleet  *traffic.Fleet
	out    io.Writer // what people read
	since  time.Time // payments opened before are not of this test
	result report.Result
}

func (s *session) say(format string, arguments ...any) { fmt.Fprintf(s.out, format+"\n", arguments...) }

// run does everything but the writing of the result.
func (s *session) run(ctx context.Context) (err error) {
	s.since = time.Now()
	s.result = report.Result{Mode: s.mode(), Began: s.since, Machine: machine(), Settings: s.settings(), Exit: exitNotStarted}
	if s.fleet, err = s.system.prepare(ctx); err != nil {
		return err
	}
	faults, err := s.faults()
	if err != nil {
		return err
	}
	if s.Faults != "" {
		if err := stage.SetFaults(ctx, s.system.control, faults); err != nil {
			return err
		}
	}
	if err := s.load(ctx); err != nil {
		return err
	}
	if s.Faults != "" {
		if err := stage.SetFaults(ctx, s.system.control, simulator.Faults{}); err != nil {
			return err
		}
	}
	s.result.Exit = s.sustained()
	if s.NoCheck {
		return nil
	}
	s.result.Invariants, err = s.system.judge(ctx, s.since, s.fleet.Told, s.say)
	if err != nil {
		s.result.Exit = exitBroken
		return err
	}
	if !s.result.Invariants.OK {
		s.result.Exit = exitBroken
	}
	return nil
}

// load runs the load of the mode.
func (s *session) load(ctx context.Context) error {
	switch s.mode() {
	case "find-max":
		return s.findMax(ctx)
	case "overload":
		return s.overload(ctx)
	case "soak":
		return s.soak(ctx)
	}
	segments, windows := s.steady(s.Rate, s.Duration)
	d, err := s.drive(ctx, segments, windows, nil)
	if err != nil {
		return err
	}
	s.fill(d, 0)
	return nil
}

// fill puts the figures of a window into the result.
func (s *session) fill(d *driven, window int) {
	w := d.windows[window]
	s.result.Fill(w, true)
	s.result.Generator = report.Percentiles(d.behind, false)
	s.result.Series, s.result.Examples = d.series, d.examples
	between(&s.result, d.marks[2*window], d.marks[2*window+1], w.Completed, d.series, s.Soak)
}

// sustained is the exit code of the load itself. Errors do not count in a soak, which provokes them.
func (s *session) sustained() int {
	failed := int64(0)
	for _, n := range s.result.Errors {
		failed += n
	}
	switch s.mode() {
	case "soak":
		return exitHolds
	case "find-max":
		if s.result.FindMax.Rate == 0 {
			return exitNotSustained
		}
		return exitHolds
	case "overload":
		return s.overloaded()
	}
	if s.result.Payments == 0 || failed > 0 || s.result.Shed > 0 || s.result.RateAchieved < .99*s.result.RateOffered {
		return exitNotSustained
	}
	return exitHolds
}

// settings are the flags by name, without addresses.
func (s *session) settings() map[string]any {
	return map[string]any{
		"rate": s.Rate, "duration_s": s.Duration.Seconds(), "ramp_up_s": s.RampUp.Seconds(), "ramp_down_s": s.RampDown.Seconds(),
		"count": s.Count, "poisson": s.Poisson, "scatter": s.Scatter, "turn_ms": report.Milliseconds(s.Turn), "seed": s.Seed, "terminals": s.Terminals, "connections": s.Connections,
		"max_in_flight": s.MaxInFlight, "mix": s.mix(), "mix_name": s.Mix, "faults": s.Faults, "timers": s.Timers, "staged": s.To == "",
		"switch_flags": strings.Join(s.system.switchFlags(), " "), "offers": offerNames(), "p99_ms": report.Milliseconds(s.P99),
		"step_duration_s": s.StepDuration.Seconds(), "factor": s.Factor, "kill_every_s": s.KillEvery.Seconds(),
	}
}

func offerNames() []string {
	var names []string
	for _, o := range traffic.Offers() {
		names = append(names, fmt.Sprintf("%d %s (%d shares)", o.Agency, o.Service(), o.Shares))
	}
	return names
}

// machine describes this machine.
func machine() report.Machine {
	m := report.Machine{CPUs: runtime.NumCPU(), OS: runtime.GOOS + "/" + runtime.GOARCH}
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return m // For information only.
	}
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			m.Model = strings.TrimSpace(value)
			return m
		}
	}
	return m
}

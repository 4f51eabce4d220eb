package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/pprof"
	"sync"
	"time"

	"treasury-switch/loadtest/measure"
	"treasury-switch/loadtest/report"
	"treasury-switch/loadtest/traffic"
)

// lead is the time between connecting and the first message.
const lead = 200 * time.Millisecond

// driven is the result of one run of a load.
type driven struct {
	windows  []*measure.Window
	series   []report.Second
	behind   measure.Latency
	marks    []sample // at the begin and the end of every window
	examples []string
	lost     int64
}

// drive runs segments of a load and counts in windows. Beside runs at the same time, such as kills; it may be nil.
func (s *session) drive(ctx context.Context, segments []traffic.Segment, windows []*measure.Window, beside func(context.Context)) (*driven, error) {
	seen := measure.NewRecorder(windows...)
	var random *rand.Rand
	if s.Poisson {
		random = rand.New(rand.NewPCG(s.Seed, 2))
	}
	wait := ladders[s.Timers].wait
	plan := traffic.Plan{
		Address: s.system.terminals, Connections: s.Connections, Schedule: traffic.NewSchedule(segments, s.Count, random), Mix: s.mix(),
		Wait: wait, Repeats: 2, Reversals: 20, Pause: 500 * time.Millisecond, MaxInFlight: s.MaxInFlight,
		Turn: s.Turn, Scatter: s.Scatter, Drain: 2*wait + 20*time.Second,
	}
	if s.Soak {
		plan.Repeats, plan.Reversals = 60, 240
	}
	run, hangUp, err := s.fleet.Start(ctx, plan, seen)
	if err != nil {
		return nil, err
	}
	began := time.Now().Add(lead)
	watch := &sampler{system: s.system, seen: seen, began: began, inside: run.InFlight, tell: s.tell, phase: func(at time.Duration) string {
		for _, w := range windows {
			if at >= w.From && at < w.To {
				return w.Name
			}
		}
		return ""
	}}
	around, end := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { watch.run(around) })
	marks := make([]sample, 2*len(windows))
	running.Go(func() { watch.mark(around, windows, marks) })
	if beside != nil {
		running.Go(func() { beside(around) })
	}
	// One thread is enough for tens of thousands of messages a second, and saves the waking of others for each of them.
	threads := runtime.GOMAXPROCS(1)
	err = profiled(s.CPUProfile, func() { run.Drive(ctx, began) })
	runtime.GOMAXPROCS(threads)
	end()
	running.Wait()
	hangUp()
	if at, cut := plan.Schedule.Cut(); cut {
		for _, w := range windows {
			w.End(at)
		}
	}
	return &driven{windows: windows, series: watch.all(), behind: seen.Behind(), marks: marks, examples: seen.Examples(), lost: run.GivenUp()}, cmp.Or(ctx.Err(), err)
}

// profiled calls a function, with a CPU profile of this process if a file for it is named.
func profiled(file string, do func()) error {
	if file == "" {
		do()
		return nil
	}
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("write the CPU profile: %w", err)
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return fmt.Errorf("write the CPU profile: %w", err)
	}
	do()
	pprof.StopCPUProfile()
	return nil
}

// mark takes all readings at the beginning and end of every window.
func (s *sampler) mark(ctx context.Context, windows []*measure.Window, marks []sample) {
	for i := range marks {
		at := windows[i/2].From
		if i%2 == 1 {
			at = windows[i/2].To
		}
		timer := time.NewTimer(time.Until(s.began.Add(at)))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop() // The bound on payments has ended the run early.
			marks[i] = s.read(context.WithoutCancel(ctx))
			continue
		}
		marks[i] = s.read(ctx)
	}
}

// steady are the segments of a load with ramps around a steady window.
func (s *session) steady(rate float64, length time.Duration) ([]traffic.Segment, []*measure.Window) {
	segments := []traffic.Segment{{Length: s.RampUp, From: 0, To: rate}, {Length: length, From: rate, To: rate}, {Length: s.RampDown, From: rate, To: 0}}
	var used []traffic.Segment
	for _, one := range segments {
		if one.Length > 0 {
			used = append(used, one)
		}
	}
	return used, []*measure.Window{measure.NewWindow("steady", s.RampUp, s.RampUp+length)}
}

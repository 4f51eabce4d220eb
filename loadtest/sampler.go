package main

import (
	"context"
	"os"
	"sync"
	"time"

	"treasury-switch/loadtest/measure"
	"treasury-switch/loadtest/report"
)

// sample is the readings of one moment.
type sample struct {
	at    time.Duration
	usage map[string]measure.Usage
	wal   int64
	of    measure.Scraped
}

// sampler reads every second what the processes use, what the database writes, and what the load sees.
type sampler struct {
	system *system
	seen   *measure.Recorder
	began  time.Time
	phase  func(time.Duration) string
	inside func() int64 // messages in flight
	tell   func(report.Second)

	mu     sync.Mutex
	series []report.Second
	last   sample
}

// read takes all readings now. Those that fail, as of a killed switch, are left out.
func (s *sampler) read(ctx context.Context) sample {
	now := sample{at: time.Since(s.began), usage: map[string]measure.Usage{}}
	put := func(name string, pid int, of func(int) (measure.Usage, error)) {
		if pid == 0 {
			return
		}
		if u, err := of(pid); err == nil {
			now.usage[name] = u
		}
	}
	put("generator", os.Getpid(), measure.Process)
	put("postgres", s.system.postmaster, measure.Family)
	put("switch", int(s.system.switchPID.Load()), measure.Process)
	put("simulator", s.system.simulatorPID(), measure.Process)
	var err error
	if now.of, err = measure.Scrape(ctx, s.system.admin); err == nil {
		if _, known := now.usage["switch"]; !known {
			now.usage["switch"] = measure.Usage{CPU: now.of.CPU, RSS: now.of.RSS}
		}
	}
	if wal, err := measure.WAL(ctx, s.system.pool); err == nil {
		now.wal = wal
	}
	return now
}

func (s *system) simulatorPID() int {
	if s.stage != nil && s.stage.Simulator != nil {
		return s.stage.Simulator.PID()
	}
	return s.SimulatorPID
}

// run samples every second until ctx ends.
func (s *sampler) run(ctx context.Context) {
	s.last = s.read(ctx)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.second(ctx)
		}
	}
}

// second makes one entry of the series.
func (s *sampler) second(ctx context.Context) {
	now, seen := s.read(ctx), s.seen.Second()
	if ctx.Err() != nil {
		return
	}
	of := report.Second{
		At: now.at.Seconds(), Phase: s.phase(now.at - time.Second/2), Offered: seen.Offered, Answered: seen.Answered, Shed: seen.Shed, Errors: seen.Errors,
		P50: report.Milliseconds(seen.P50), P99: report.Milliseconds(seen.P99), Max: report.Milliseconds(seen.Max),
		EchoP99: report.Milliseconds(seen.EchoP99), InFlight: s.inside(), CPU: map[string]float64{}, RSS: map[string]float64{}, Forward: now.of.Forward,
	}
	passed := (now.at - s.last.at).Seconds()
	for name, u := range now.usage {
		of.RSS[name] = megabytes(u.RSS)
		if before, known := s.last.usage[name]; known && u.CPU >= before.CPU {
			of.CPU[name] = (u.CPU - before.CPU).Seconds() / passed
		}
	}
	if s.last.wal > 0 && now.wal > 0 {
		of.WALMB = megabytes(now.wal-s.last.wal) / passed
	}
	of.GroupSize, of.CommitMS = groups(s.last.of, now.of, 50)
	s.mu.Lock()
	s.series = append(s.series, of)
	s.last = now
	s.mu.Unlock()
	s.tell(of)
}

// groups are the mean size of the groups recorded between two readings, and a percentile of the time of their commit in
// milliseconds.
func groups(before, after measure.Scraped, percentile float64) (size, commit float64) {
	return after.GroupSize.Since(before.GroupSize).Mean(), after.GroupTime.Since(before.GroupTime).Quantile(percentile/100) * 1000
}

func megabytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// all returns the series so far.
func (s *sampler) all() []report.Second {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.series
}

// between puts the usage between two readings, in which n payments were answered, into a result. Anew is true if a process
// may have restarted meanwhile.
func between(r *report.Result, before, after sample, payments int64, series []report.Second, anew bool) {
	passed := (after.at - before.at).Seconds()
	r.Processes = map[string]report.Process{}
	used := func(name string) (cpu time.Duration) {
		if cpu = after.usage[name].CPU - before.usage[name].CPU; cpu >= 0 && before.usage[name].CPU > 0 && !anew {
			return cpu
		}
		// It was started anew and counts from zero again: what it used in each second is known.
		cpu = 0
		for _, second := range series {
			if second.At > before.at.Seconds() && second.At <= after.at.Seconds() {
				cpu += time.Duration(second.CPU[name] * float64(time.Second))
			}
		}
		return cpu
	}
	total := time.Duration(0)
	for name := range after.usage {
		total += used(name)
	}
	for name, u := range after.usage {
		cpu := used(name)
		p := report.Process{CPUCores: cpu.Seconds() / passed, RSSMBMax: megabytes(u.RSS)}
		if payments > 0 {
			p.CPUUSPerPayment = float64(cpu.Microseconds()) / float64(payments)
		}
		if total > 0 {
			p.Share = float64(cpu) / float64(total)
		}
		for _, second := range series {
			p.RSSMBMax = max(p.RSSMBMax, second.RSS[name])
		}
		r.Processes[name] = p
	}
	if payments > 0 && before.wal > 0 && after.wal > 0 {
		r.WALBytesPerPayment = float64(after.wal-before.wal) / float64(payments)
	}
	r.GroupSizeMean, r.CommitMSP50 = groups(before.of, after.of, 50)
	_, r.CommitMSP99 = groups(before.of, after.of, 99)
}

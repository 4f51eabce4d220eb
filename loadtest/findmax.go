package main

import (
	"context"
	"fmt"
	"time"

	"treasury-switch/loadtest/report"
)

// Precision and bounds of the search.
const (
	closeEnough = 1.05 // the rate that fails is at most so many times the one that holds
	mostSteps   = 30
	searches    = 3
	confirmings = 8
	backOff     = .9
	doubts      = 2
	above       = 1.15
	highest     = 100_000
)

// attempt is the result of trying a rate.
type attempt int

const (
	holds   attempt = iota
	fails           // by little: a hiccup of a shared machine may have been the reason
	failing         // by so much that another try is a waste of time
)

// trial tries a rate, and a confirming one for longer.
type trial func(rate float64, confirming bool) (attempt, error)

// search finds the highest rate that holds, or 0. If rates held but none was confirmed, the search starts again from half
// of its first rate.
func search(first float64, try trial) (rate float64, err error) {
	for range searches {
		held, err := climb(first, try)
		if err != nil || held == 0 {
			return 0, err
		}
		if rate, err = confirm(held, try); err != nil || rate > 0 {
			break
		}
		first /= 2
	}
	if err == nil && rate > 0 {
		rate, err = doubted(rate, try)
	}
	return rate, err
}

// climb doubles a rate until it fails, then halves the gap until it is small enough.
func climb(first float64, try trial) (float64, error) {
	low, high := 0.0, 0.0
	for steps, next := 0, first; steps < mostSteps; steps++ {
		went, err := try(next, false)
		if went == fails && err == nil {
			went, err = try(next, false)
		}
		if err != nil {
			return low, err
		}
		if went == holds {
			low = next
		} else {
			high = next
		}
		switch {
		case high == 0:
			next = low * 2
		case low == 0:
			next = high / 2
		default:
			next = (low + high) / 2
		}
		if low > 0 && high > 0 && high <= low*closeEnough || next < 1 || next > highest {
			break
		}
	}
	return low, nil
}

// confirm holds a rate for longer, or one a little lower.
func confirm(rate float64, try trial) (float64, error) {
	for range confirmings {
		if went, err := try(rate, true); went == holds || err != nil {
			return rate, err
		}
		rate *= backOff
	}
	return 0, nil
}

// doubted tries rates above a confirmed one: a step may have failed only because something else ran on the machine.
func doubted(rate float64, try trial) (float64, error) {
	for range doubts {
		next := rate * above
		if next > highest {
			break
		}
		if went, err := try(next, true); went != holds || err != nil {
			return rate, err
		}
		rate = next
	}
	return rate, nil
}

// findMax searches for the highest rate, and takes the figures from the run that confirmed it.
func (s *session) findMax(ctx context.Context) error {
	s.result.FindMax = &report.FindMax{P99LimitMS: report.Milliseconds(s.P99)}
	found, confirmed := s.result.FindMax, s.result
	var err error
	found.Rate, err = search(s.FindFrom, func(rate float64, confirming bool) (attempt, error) {
		length := s.StepDuration
		if confirming {
			length *= 2
		}
		step, err := s.step(ctx, rate, length)
		if err != nil {
			return fails, err
		}
		found.Steps = append(found.Steps, step)
		s.say("step          %s", step)
		if confirming && step.Holds {
			confirmed = s.result
		}
		return outcome(step), nil
	})
	if found.Confirmed = found.Rate > 0; found.Confirmed {
		s.result = confirmed
	}
	return err
}

// hopeless is the share of failed payments above which a rate is not tried again.
const hopeless = .1

// outcome is the result of a step.
func outcome(step report.Step) attempt {
	switch {
	case step.Holds:
		return holds
	case float64(step.Errors+step.Shed) > hopeless*step.Rate*step.DurationS || step.Achieved < (1-hopeless)*step.Rate:
		return failing
	}
	return fails
}

// step tries one rate.
func (s *session) step(ctx context.Context, rate float64, length time.Duration) (report.Step, error) {
	segments, windows := s.steady(rate, length)
	d, err := s.drive(ctx, segments, windows, nil)
	if err != nil {
		return report.Step{}, err
	}
	s.fill(d, 0)
	r := &s.result
	step := report.Step{Rate: rate, Achieved: r.RateAchieved, P99MS: r.Latency["purchase"].P99, Errors: windows[0].Failed(), Shed: r.Shed,
		DurationS: length.Seconds()}
	switch {
	case step.Errors > 0:
		step.Why = fmt.Sprintf("%d errors", step.Errors)
	case step.Shed > 0:
		step.Why = fmt.Sprintf("%d payments shed", step.Shed)
	case step.P99MS > report.Milliseconds(s.P99):
		step.Why = fmt.Sprintf("p99 %.1f ms", step.P99MS)
	case step.Achieved < .99*r.RateOffered:
		step.Why = fmt.Sprintf("%.0f/s answered", step.Achieved)
	default:
		step.Holds = true
	}
	return step, nil
}

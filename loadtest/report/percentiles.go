package report

import (
	"time"

	"treasury-switch/loadtest/measure"
)

// Milliseconds is a duration as results show it.
func Milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// curve are the percents at which a latency curve is drawn.
var curve = []float64{0, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.9, 99.95, 99.99, 99.999}

// Percentiles sums up a histogram, with its curve where asked.
func Percentiles(l measure.Latency, withCurve bool) Latency {
	p := Latency{Count: l.Count(), Mean: Milliseconds(l.Mean()), Max: Milliseconds(l.Max())}
	if p.Count == 0 {
		return p
	}
	for percent, into := range map[float64]*float64{50: &p.P50, 90: &p.P90, 99: &p.P99, 99.9: &p.P999} {
		*into = Milliseconds(l.Percentile(percent))
	}
	if withCurve {
		for _, percent := range curve {
			p.Curve = append(p.Curve, [2]float64{percent, Milliseconds(l.Percentile(percent))})
		}
	}
	return p
}

// Fill sets the numbers of a result that a window has counted.
func (r *Result) Fill(w *measure.Window, curves bool) {
	r.DurationS = w.Length().Seconds()
	r.Payments, r.Shed, r.ShedRest = w.Offered, w.Shed, w.ShedOthers
	r.RateOffered, r.RateAchieved = w.PerSecond(w.Offered), w.PerSecond(w.Completed)
	r.Errors, r.ErrorsOf, r.Latency = failures(w), failuresOf(w), latencies(w, curves)
	r.Codes = map[string]int64{}
	for code, n := range w.Codes {
		r.Codes[string(code[:])] = n
	}
}

// failures are a window's errors by kind.
func failures(w *measure.Window) map[string]int64 {
	all := map[string]int64{}
	for f, n := range w.Errors {
		all[measure.Fault(f).String()] = n
	}
	return all
}

// failuresOf are a window's errors by the kind of message, as far as there are any.
func failuresOf(w *measure.Window) map[string]int64 {
	all := map[string]int64{}
	for k, n := range w.ErrorsOf {
		if n > 0 {
			all[measure.Kind(k).String()] = n
		}
	}
	return all
}

// latencies are a window's percentiles by the kind of message.
func latencies(w *measure.Window, curves bool) map[string]Latency {
	all := map[string]Latency{}
	for k, l := range w.Latency {
		if kind := measure.Kind(k); l.Count() > 0 || kind <= measure.Echo {
			all[kind.String()] = Percentiles(l, curves)
		}
	}
	return all
}

// PhaseOf sums up a window as a phase.
func PhaseOf(w *measure.Window) Phase {
	return Phase{Name: w.Name, DurationS: w.Length().Seconds(), RateOffered: w.PerSecond(w.Offered), RateAccepted: w.PerSecond(w.Answered),
		ShedRate: w.PerSecond(w.Shed), Errors: failures(w), ErrorsOf: failuresOf(w), Latency: latencies(w, true)}
}

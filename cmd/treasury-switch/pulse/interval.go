package pulse

import (
	"math"
	"slices"
)

// Times says how long things took in an interval, in seconds.
type Times struct {
	Count float64 `json:"count"`
	Mean  float64 `json:"mean_seconds"`
	Half  float64 `json:"half_within_seconds"` // the median
	Most  float64 `json:"most_within_seconds"` // the 99th percentile
}

// interval is the time between two samples.
type interval struct{ before, after *Sample }

func (i interval) seconds() float64 { return i.after.At.Sub(i.before.At).Seconds() }

// grown is by how much a counter has grown. One that has become smaller began again at zero, with its node.
func grown(before, after float64) float64 {
	if after < before {
		return after
	}
	return after - before
}

// counted is by how much a metric's counters have grown in all.
func (i interval) counted(name string, w where) float64 {
	sum := 0.0
	for _, p := range i.after.points[name] {
		if p.has(w) {
			sum += grown(i.before.same(name, p).value, p.value)
		}
	}
	return sum
}

// rate is counted, a second.
func (i interval) rate(name string, w where) float64 {
	if i.seconds() <= 0 {
		return 0
	}
	return i.counted(name, w) / i.seconds()
}

// by is the rate of each value of a label, without those that did not grow.
func (i interval) by(label, name string, w where) map[string]float64 {
	rates := map[string]float64{}
	for _, p := range i.after.points[name] {
		if n := grown(i.before.same(name, p).value, p.value); p.has(w) && n > 0 && i.seconds() > 0 {
			rates[p.labels[label]] += n / i.seconds()
		}
	}
	return rates
}

// same finds the series of a point in another sample.
func (s *Sample) same(name string, p point) point {
	for _, q := range s.points[name] {
		if len(q.labels) == len(p.labels) && q.has(p.labels) {
			return q
		}
	}
	return point{}
}

// times puts the histograms of a metric together.
func (i interval) times(name string, w where) Times {
	var t Times
	var bounds, within []float64
	for _, p := range i.after.points[name] {
		if !p.has(w) {
			continue
		}
		q := i.before.same(name, p)
		if q.value > p.value {
			q = point{}
		}
		t.Count += p.value - q.value
		t.Mean += p.sum - q.sum
		if bounds == nil {
			bounds, within = p.bounds, make([]float64, len(p.bounds))
		}
		for k := range min(len(within), len(p.within)) {
			within[k] += p.within[k]
			if k < len(q.within) {
				within[k] -= q.within[k]
			}
		}
	}
	if t.Count == 0 {
		return Times{}
	}
	t.Mean /= t.Count
	t.Half, t.Most = quantile(.5, bounds, within), quantile(.99, bounds, within)
	return t
}

// quantile is the value below which that share of what was counted lies, straight between the bounds as Prometheus has it;
// of what lies above the last bound it says that bound.
func quantile(share float64, bounds, within []float64) float64 {
	last := slices.IndexFunc(bounds, func(b float64) bool { return math.IsInf(b, 1) })
	if last < 0 {
		last = len(bounds)
	}
	if len(within) == 0 || last == 0 {
		return 0
	}
	rank := share * within[len(within)-1]
	k := slices.IndexFunc(within, func(n float64) bool { return n >= rank })
	if k < 0 || k >= last {
		return bounds[last-1]
	}
	low, below := 0.0, 0.0
	if k > 0 {
		low, below = bounds[k-1], within[k-1]
	}
	if within[k] == below {
		return bounds[k]
	}
	return low + (bounds[k]-low)*(rank-below)/(within[k]-below)
}

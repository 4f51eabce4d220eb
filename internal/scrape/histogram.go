package scrape

import "slices"

// Histogram is what was observed since a node's start, or between two readings.
type Histogram struct {
	Count, Sum float64
	// Bounds are the upper bounds of the buckets, the last one infinite, and Within says how many observations were at most each.
	Bounds, Within []float64
}

// Since is what was observed after an earlier reading. One that counts more is of a node that has been started again since,
// and counts from zero.
func (h Histogram) Since(earlier Histogram) Histogram {
	if earlier.Count > h.Count || len(earlier.Within) != len(h.Within) {
		return h
	}
	d := Histogram{Count: h.Count - earlier.Count, Sum: h.Sum - earlier.Sum, Bounds: h.Bounds, Within: slices.Clone(h.Within)}
	for i := range d.Within {
		d.Within[i] -= earlier.Within[i]
	}
	return d
}

// Plus puts two histograms of one metric together: all its series have the same bounds.
func (h Histogram) Plus(other Histogram) Histogram {
	if len(h.Within) != len(other.Within) {
		if len(h.Within) > 0 {
			return h
		}
		return other
	}
	sum := Histogram{Count: h.Count + other.Count, Sum: h.Sum + other.Sum, Bounds: h.Bounds, Within: slices.Clone(h.Within)}
	for i := range sum.Within {
		sum.Within[i] += other.Within[i]
	}
	return sum
}

// Mean is the mean of what was observed, 0 of nothing.
func (h Histogram) Mean() float64 {
	if h.Count == 0 {
		return 0
	}
	return h.Sum / h.Count
}

// Quantile is the value below which a share of what was observed lies, 0 of nothing: straight between the bounds, as
// Prometheus has it. What lies above the last finite bound is known to be above it and no more, so it is that bound.
func (h Histogram) Quantile(share float64) float64 {
	last := len(h.Bounds) - 1
	if last < 1 || h.Within[last] == 0 {
		return 0
	}
	rank := share * h.Within[last]
	k := slices.IndexFunc(h.Within, func(n float64) bool { return n >= rank })
	if k < 0 || k == last {
		return h.Bounds[last-1]
	}
	low, below := 0.0, 0.0
	if k > 0 {
		low, below = h.Bounds[k-1], h.Within[k-1]
	}
	if h.Within[k] == below {
		return h.Bounds[k]
	}
	return low + (h.Bounds[k]-low)*(rank-below)/(h.Within[k]-below)
}

package pulse

import "treasury-switch/internal/scrape"

// Times are durations within an interval, in seconds.
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
	for _, one := range i.after.page[name] {
		if one.Has(w) {
			sum += grown(i.before.page.Same(name, one.Labels).Value, one.Value)
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
func (i interval) by(label, name string) map[string]float64 {
	rates := map[string]float64{}
	for _, one := range i.after.page[name] {
		if n := grown(i.before.page.Same(name, one.Labels).Value, one.Value); n > 0 && i.seconds() > 0 {
			rates[one.Labels[label]] += n / i.seconds()
		}
	}
	return rates
}

// times puts the histograms of a metric together.
func (i interval) times(name string, w where) Times {
	var all scrape.Histogram
	for _, one := range i.after.page[name] {
		if one.Has(w) {
			all = all.Plus(one.Histogram.Since(i.before.page.Same(name, one.Labels).Histogram))
		}
	}
	return Times{Count: all.Count, Mean: all.Mean(), Half: all.Quantile(.5), Most: all.Quantile(.99)}
}

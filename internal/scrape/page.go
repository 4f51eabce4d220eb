// Package scrape reads the metrics that a node serves on its admin address, in Prometheus' text format.
package scrape

import (
	"fmt"
	"io"
	"math"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Page is what a node has served at a moment: the series of each metric by its name.
type Page map[string][]Series

// Kind is the kind of a series.
type Kind int

// The kinds of series. Counters, gauges and untyped ones have one value each.
const (
	Value Kind = iota
	Distribution
	Quantiles // a summary: nothing but its count and sum is read
)

// Labels are names with values. As a condition they are those that a series must have; nil is none.
type Labels map[string]string

// Series is one series of a metric.
type Series struct {
	Kind   Kind
	Labels Labels
	Value  float64 // of a histogram or a summary: the number of its observations
	// Histogram is empty for a series with one value.
	Histogram Histogram
}

// Has reports whether a series has all of some labels.
func (s Series) Has(where Labels) bool {
	for label, value := range where {
		if s.Labels[label] != value {
			return false
		}
	}
	return true
}

// Read reads a page.
func Read(text io.Reader) (Page, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(text)
	if err != nil {
		return nil, fmt.Errorf("the metrics cannot be read: %w", err)
	}
	page := make(Page, len(families))
	for name, family := range families {
		for _, m := range family.GetMetric() {
			page[name] = append(page[name], seriesOf(m))
		}
	}
	return page, nil
}

func seriesOf(m *dto.Metric) Series {
	s := Series{Labels: Labels{}, Value: m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue()}
	for _, l := range m.GetLabel() {
		s.Labels[l.GetName()] = l.GetValue()
	}
	if h := m.GetHistogram(); h != nil {
		s.Kind, s.Histogram = Distribution, histogramOf(h)
	}
	if q := m.GetSummary(); q != nil {
		s.Kind, s.Histogram = Quantiles, Histogram{Count: float64(q.GetSampleCount()), Sum: q.GetSampleSum()}
	}
	if s.Kind != Value {
		s.Value = s.Histogram.Count
	}
	return s
}

func histogramOf(m *dto.Histogram) Histogram {
	h := Histogram{Count: float64(m.GetSampleCount()), Sum: m.GetSampleSum()}
	for _, b := range m.GetBucket() {
		h.Bounds = append(h.Bounds, b.GetUpperBound())
		h.Within = append(h.Within, float64(b.GetCumulativeCount()))
	}
	if n := len(h.Bounds); n == 0 || !math.IsInf(h.Bounds[n-1], 1) {
		h.Bounds, h.Within = append(h.Bounds, math.Inf(1)), append(h.Within, h.Count)
	}
	return h
}

// Sum adds up the series of a metric that have some labels, 0 where there is none.
func (p Page) Sum(name string, where Labels) float64 {
	sum := 0.0
	for _, s := range p[name] {
		if s.Has(where) {
			sum += s.Value
		}
	}
	return sum
}

// Histogram puts the histograms of a metric together, of the series that have some labels.
func (p Page) Histogram(name string, where Labels) Histogram {
	var all Histogram
	for _, s := range p[name] {
		if s.Has(where) {
			all = all.Plus(s.Histogram)
		}
	}
	return all
}

// Same finds the series of a metric with exactly these labels. One that is not there has no value yet.
func (p Page) Same(name string, labels Labels) Series {
	for _, s := range p[name] {
		if len(s.Labels) == len(labels) && s.Has(labels) {
			return s
		}
	}
	return Series{}
}

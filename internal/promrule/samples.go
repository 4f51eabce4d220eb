package promrule

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Labels are those of a series, its name among them.
type Labels map[string]string

// key is the same for equal labels.
func (l Labels) key() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(l)) {
		fmt.Fprintf(&b, "%q=%q,", name, l[name])
	}
	return b.String()
}

// without is a copy without some labels.
func (l Labels) without(names ...string) Labels {
	less := maps.Clone(l)
	for _, name := range names {
		delete(less, name)
	}
	return less
}

// only is a copy with some labels alone.
func (l Labels) only(names []string) Labels {
	some := Labels{}
	for _, name := range names {
		if value, there := l[name]; there {
			some[name] = value
		}
	}
	return some
}

// Samples are what was scraped. They are not safe for concurrent use.
type Samples struct {
	series map[string]*series
}

type series struct {
	labels Labels
	points []point
}

type point struct {
	at    time.Time
	value float64
}

// Add adds a sample. Those of a series are added in the order of time.
func (s *Samples) Add(at time.Time, labels Labels, value float64) {
	if s.series == nil {
		s.series = map[string]*series{}
	}
	k := labels.key()
	if s.series[k] == nil {
		s.series[k] = &series{labels: labels}
	}
	s.series[k].points = append(s.series[k].points, point{at, value})
}

// Scrape adds what an instance serves as text, and that it could be asked (up). Empty text says that it could not.
func (s *Samples) Scrape(at time.Time, job, instance, text string) error {
	up := 0.0
	if text != "" {
		up = 1
	}
	s.Add(at, Labels{"__name__": "up", "job": job, "instance": instance}, up)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		return fmt.Errorf("read what %s serves: %w", instance, err)
	}
	for name, family := range families {
		for _, m := range family.GetMetric() {
			labels := Labels{"__name__": name, "job": job, "instance": instance}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			s.metric(at, labels, m)
		}
	}
	return nil
}

// metric adds the samples of one metric: of a histogram those of its buckets, their sum and their count.
func (s *Samples) metric(at time.Time, labels Labels, m *dto.Metric) {
	part := func(suffix string, value float64, le ...string) {
		l := maps.Clone(labels)
		l["__name__"] += suffix
		for _, bound := range le {
			l["le"] = bound
		}
		s.Add(at, l, value)
	}
	switch h := m.GetHistogram(); {
	case m.Counter != nil:
		part("", m.GetCounter().GetValue())
	case m.Gauge != nil:
		part("", m.GetGauge().GetValue())
	case m.Untyped != nil:
		part("", m.GetUntyped().GetValue())
	case h != nil:
		for _, b := range h.GetBucket() {
			part("_bucket", float64(b.GetCumulativeCount()), model.SampleValue(b.GetUpperBound()).String())
		}
		if buckets := h.GetBucket(); len(buckets) == 0 || model.SampleValue(buckets[len(buckets)-1].GetUpperBound()).String() != "+Inf" {
			part("_bucket", float64(h.GetSampleCount()), "+Inf")
		}
		part("_sum", h.GetSampleSum())
		part("_count", float64(h.GetSampleCount()))
	}
}

// bound is the number of a label le.
func bound(l Labels) (float64, error) { return strconv.ParseFloat(l["le"], 64) }

package promrule

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"treasury-switch/internal/scrape"
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

// Scrape adds what an instance serves, and that it could be asked (up). No page says that it could not.
func (s *Samples) Scrape(at time.Time, job, instance string, page scrape.Page) {
	up := 0.0
	if page != nil {
		up = 1
	}
	s.Add(at, Labels{"__name__": "up", "job": job, "instance": instance}, up)
	for name, all := range page {
		for _, one := range all {
			labels := Labels{"__name__": name, "job": job, "instance": instance}
			maps.Copy(labels, one.Labels)
			s.enter(at, labels, one)
		}
	}
}

// enter adds the samples of one series as it was read: of a histogram those of its buckets, their sum and their count.
func (s *Samples) enter(at time.Time, labels Labels, one scrape.Series) {
	part := func(suffix string, value float64, le ...string) {
		l := maps.Clone(labels)
		l["__name__"] += suffix
		for _, bound := range le {
			l["le"] = bound
		}
		s.Add(at, l, value)
	}
	switch h := one.Histogram; one.Kind {
	case scrape.Value:
		part("", one.Value)
	case scrape.Distribution:
		for i, b := range h.Bounds {
			part("_bucket", h.Within[i], model.SampleValue(b).String())
		}
		part("_sum", h.Sum)
		part("_count", h.Count)
	}
}

// bound is the number of a label le.
func bound(l Labels) (float64, error) { return strconv.ParseFloat(l["le"], 64) }

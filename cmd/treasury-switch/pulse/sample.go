// Package pulse reads the metrics of a running node twice and says what happened in between: what `treasury-switch top`
// shows. It asks /metrics and nothing else, so it says what the dashboards say.
package pulse

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"treasury-switch/internal/fault"
)

// Bounds of the question to the node.
const (
	askLimit   = 5 * time.Second
	replyLimit = 16 << 20
)

// Sample is the metrics of a node at a moment.
type Sample struct {
	At     time.Time
	points map[string][]point
}

// point is one series at that moment.
type point struct {
	labels map[string]string
	value  float64 // of a counter or gauge; a histogram's count
	sum    float64
	bounds []float64 // a histogram's upper bounds, and how many were within each
	within []float64
}

// Ask reads the metrics of the node with that admin address. fault.Unavailable if it does not answer.
func Ask(ctx context.Context, address string, now func() time.Time) (*Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%q is no address such as 127.0.0.1:9464", address)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "no switch answers on %s (is `treasury-switch serve` running?): %w", address, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, replyLimit))
	if err != nil || response.StatusCode != http.StatusOK {
		return nil, fault.New(fault.Unavailable, "%s does not answer like a treasury switch (status %d)", address, response.StatusCode)
	}
	return Read(text, now())
}

// Read reads metrics in Prometheus' text format, taken at a moment. fault.Unavailable if they are not those of a switch.
func Read(text []byte, at time.Time) (*Sample, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return nil, fault.New(fault.Unavailable, "the metrics cannot be read: %w", err)
	}
	s := &Sample{At: at, points: make(map[string][]point, len(families))}
	for name, family := range families {
		for _, m := range family.GetMetric() {
			s.points[name] = append(s.points[name], pointOf(m))
		}
	}
	if len(s.points["treasury_build_info"]) == 0 {
		return nil, fault.New(fault.Unavailable, "these are not the metrics of a treasury switch")
	}
	return s, nil
}

func pointOf(m *dto.Metric) point {
	p := point{labels: map[string]string{}, value: m.GetCounter().GetValue() + m.GetGauge().GetValue()}
	for _, l := range m.GetLabel() {
		p.labels[l.GetName()] = l.GetValue()
	}
	if h := m.GetHistogram(); h != nil {
		p.value, p.sum = float64(h.GetSampleCount()), h.GetSampleSum()
		for _, b := range h.GetBucket() {
			p.bounds = append(p.bounds, b.GetUpperBound())
			p.within = append(p.within, float64(b.GetCumulativeCount()))
		}
	}
	return p
}

// where are labels that a series must have.
type where map[string]string

func (p *point) has(w where) bool {
	for label, value := range w {
		if p.labels[label] != value {
			return false
		}
	}
	return true
}

// value adds up the series of a metric.
func (s *Sample) value(name string, w where) float64 {
	sum := 0.0
	for _, p := range s.points[name] {
		if p.has(w) {
			sum += p.value
		}
	}
	return sum
}

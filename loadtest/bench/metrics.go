package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"treasury-switch/iso"
)

// Bounds of a question to the switch's metrics.
const (
	scrapeLimit = 10 * time.Second
	scrapeBytes = 8 << 20
)

// samples are a node's metrics by their names.
type samples map[string]*dto.MetricFamily

// scrape reads the metrics that a node's admin listener serves.
func scrape(ctx context.Context, admin string) (samples, error) {
	ctx, cancel := context.WithTimeout(ctx, scrapeLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+admin+"/metrics", nil)
	if err != nil {
		return nil, fmt.Errorf("read the switch's metrics: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("read the switch's metrics: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("read the switch's metrics: %s", response.Status)
	}
	return parseSamples(io.LimitReader(response.Body, scrapeBytes))
}

// parseSamples reads the text form of Prometheus.
func parseSamples(text io.Reader) (samples, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	found, err := parser.TextToMetricFamilies(text)
	if err != nil {
		return nil, fmt.Errorf("read the switch's metrics: %w", err)
	}
	return found, nil
}

// The metrics of the two waits whose difference is the switch's own share: from the frame of a purchase to its answer, and
// for the network.
const (
	messageTime = "treasury_message_seconds"
	networkTime = "treasury_network_seconds"
	heapInUse   = "go_memstats_heap_inuse_bytes"
	labelMTI    = "mti"
)

// gauge is the value of a gauge without labels, 0 if it is not served.
func (s samples) gauge(name string) float64 {
	for _, one := range s[name].GetMetric() {
		return one.GetGauge().GetValue()
	}
	return 0
}

// times are the sum and the number of what a histogram has observed, over all its series in which a label has a value; no label is all.
func (s samples) times(name, label, value string) (sum float64, count uint64) {
	for _, one := range s[name].GetMetric() {
		chosen := label == "" || slices.ContainsFunc(one.GetLabel(), func(l *dto.LabelPair) bool {
			return l.GetName() == label && l.GetValue() == value
		})
		if chosen {
			sum += one.GetHistogram().GetSampleSum()
			count += one.GetHistogram().GetSampleCount()
		}
	}
	return sum, count
}

// ownShare is the mean time in milliseconds that the switch itself had purchases for between two looks at its metrics: both
// commits, the codec and the logic, without the wait for the network.
func ownShare(before, after samples) (float64, error) {
	whole, err := meanBetween(before, after, messageTime, labelMTI, iso.MTIPurchase.String())
	if err != nil {
		return 0, err
	}
	network, err := meanBetween(before, after, networkTime, "", "")
	if err != nil {
		return 0, err
	}
	return (whole - network) * 1000, nil
}

func meanBetween(before, after samples, name, label, value string) (float64, error) {
	earlier, m := before.times(name, label, value)
	later, n := after.times(name, label, value)
	if n <= m {
		return 0, fmt.Errorf("the switch observed nothing in its metric %s with %s %q", name, label, value)
	}
	return (later - earlier) / float64(n-m), nil
}

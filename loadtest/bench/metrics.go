package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Bounds of a question to the switch's metrics.
const (
	scrapeLimit = 10 * time.Second
	scrapeBytes = 8 << 20
)

// samples are the values of a node's metrics, by name and labels as they are printed.
type samples map[string]float64

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

// parseSamples reads the text form of Prometheus: a name with its labels, a space, a value.
func parseSamples(text io.Reader) (samples, error) {
	found := samples{}
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cut := strings.LastIndexByte(line, ' ')
		if cut < 0 {
			return nil, fmt.Errorf("read the switch's metrics: line %q has no value", line)
		}
		value, err := strconv.ParseFloat(line[cut+1:], 64)
		if err != nil {
			return nil, fmt.Errorf("read the switch's metrics: line %q: %w", line, err)
		}
		found[line[:cut]] = value
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the switch's metrics: %w", err)
	}
	return found, nil
}

// The metrics of the two waits whose difference is the switch's own share: from the frame of a purchase to its answer, and
// for the network.
const (
	purchaseTime = `treasury_message_seconds_%s{mti="0200"}`
	networkTime  = `treasury_network_seconds_%s`
)

// ownShare is the mean time in milliseconds that the switch itself had purchases for between two looks at its metrics: both
// commits, the codec and the logic, without the wait for the network.
func ownShare(before, after samples) (float64, error) {
	whole, err := meanBetween(before, after, purchaseTime)
	if err != nil {
		return 0, err
	}
	network, err := meanBetween(before, after, networkTime)
	if err != nil {
		return 0, err
	}
	return (whole - network) * 1000, nil
}

func meanBetween(before, after samples, name string) (float64, error) {
	sum, count := fmt.Sprintf(name, "sum"), fmt.Sprintf(name, "count")
	n := after[count] - before[count]
	if n <= 0 {
		return 0, fmt.Errorf("the switch counted nothing in its metric %s", count)
	}
	return (after[sum] - before[sum]) / n, nil
}

package measure

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Scraped is what a load test reads of the switch's own metrics.
type Scraped struct {
	Groups     float64 // groups recorded
	Plans      float64 // plans recorded in them
	GroupTimes Buckets
	CPU        time.Duration // of the process
	RSS        int64
	Forward    float64 // reversals queued
}

// Buckets is a histogram of Prometheus: how many observations were at most so many seconds.
type Buckets []Bucket

// Bucket is one bound.
type Bucket struct{ Bound, Count float64 }

// scrapeLimit bounds a scrape.
const (
	scrapeLimit = 5 * time.Second
	scrapeBytes = 4 << 20
)

// scraper takes the text as it is: packing and unpacking it would cost both sides more than sending it.
var scraper = &http.Client{Transport: &http.Transport{DisableCompression: true}}

// Scrape reads /metrics of an admin port, whose address is a URL.
func Scrape(ctx context.Context, url string) (Scraped, error) {
	ctx, cancel := context.WithTimeout(ctx, scrapeLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/metrics", nil)
	if err != nil {
		return Scraped{}, fmt.Errorf("read the switch's metrics: %w", err)
	}
	response, err := scraper.Do(request)
	if err != nil {
		return Scraped{}, fmt.Errorf("read the switch's metrics: %w", err)
	}
	defer response.Body.Close()
	s, err := parse(io.LimitReader(response.Body, scrapeBytes))
	if err != nil {
		return s, fmt.Errorf("read the switch's metrics: %w", err)
	}
	return s, nil
}

// parse reads the text format of Prometheus, as far as it is of interest.
func parse(r io.Reader) (Scraped, error) {
	var s Scraped
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		name, text, ok := strings.Cut(lines.Text(), " ")
		value, err := strconv.ParseFloat(text, 64)
		if !ok || err != nil {
			continue
		}
		if bound, is := strings.CutPrefix(name, `treasury_group_seconds_bucket{le="`); is {
			if limit, err := strconv.ParseFloat(strings.TrimSuffix(bound, `"}`), 64); err == nil {
				s.GroupTimes = append(s.GroupTimes, Bucket{limit, value})
			}
			continue
		}
		switch name {
		case "treasury_group_size_count":
			s.Groups = value
		case "treasury_group_size_sum":
			s.Plans = value
		case "treasury_forward_queued":
			s.Forward = value
		case "process_cpu_seconds_total":
			s.CPU = time.Duration(value * float64(time.Second))
		case "process_resident_memory_bytes":
			s.RSS = int64(value)
		}
	}
	slices.SortFunc(s.GroupTimes, func(a, b Bucket) int { return cmp.Compare(a.Bound, b.Bound) })
	return s, lines.Err()
}

// Since is what was counted after an earlier reading of the same process.
func (b Buckets) Since(earlier Buckets) Buckets {
	if len(earlier) != len(b) {
		return b
	}
	d := slices.Clone(b)
	for i := range d {
		d[i].Count -= earlier[i].Count
	}
	return d
}

// Percentile estimates the bound in seconds that so many percent do not exceed, by a straight line within a bucket, as
// Prometheus does. Zero means that nothing was observed.
func (b Buckets) Percentile(p float64) float64 {
	if len(b) == 0 || b[len(b)-1].Count <= 0 {
		return 0
	}
	wanted := b[len(b)-1].Count * p / 100
	lower, below := 0.0, 0.0
	for _, bucket := range b {
		if bucket.Count >= wanted {
			if bucket.Bound > 1e9 || bucket.Count == below {
				return lower // Beyond the last bound nothing is known.
			}
			return lower + (bucket.Bound-lower)*(wanted-below)/(bucket.Count-below)
		}
		lower, below = bucket.Bound, bucket.Count
	}
	return lower
}

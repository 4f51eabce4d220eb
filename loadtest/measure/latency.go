package measure

import (
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// Range and precision of latencies: 1 us to 5 minutes with 3 significant digits, so that no percentile is off by more than 0.1 %.
const (
	shortest = 1
	longest  = int64(5 * time.Minute / time.Microsecond)
	figures  = 3
)

// Latency is a histogram of durations. The zero value is not ready; make it with NewLatency.
type Latency struct{ h *hdr.Histogram }

// NewLatency makes an empty histogram.
func NewLatency() Latency { return Latency{hdr.New(shortest, longest, figures)} }

// Add counts a duration; what lies outside the range counts as its bound.
func (l Latency) Add(d time.Duration) {
	// The bounds make an error impossible.
	_ = l.h.RecordValue(min(max(int64(d/time.Microsecond), shortest), longest))
}

// Merge adds another histogram's durations.
func (l Latency) Merge(other Latency) { l.h.Merge(other.h) }

// Reset forgets everything.
func (l Latency) Reset() { l.h.Reset() }

// Count is the number of durations.
func (l Latency) Count() int64 { return l.h.TotalCount() }

// Percentile is the duration that so many percent do not exceed, zero where there is none.
func (l Latency) Percentile(p float64) time.Duration {
	return time.Duration(l.h.ValueAtPercentile(p)) * time.Microsecond
}

// Max is the longest duration, exact to three digits.
func (l Latency) Max() time.Duration { return time.Duration(l.h.Max()) * time.Microsecond }

// Mean is the mean duration.
func (l Latency) Mean() time.Duration { return time.Duration(l.h.Mean()) * time.Microsecond }

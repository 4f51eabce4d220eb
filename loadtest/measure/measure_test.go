package measure

import (
	"os"
	"strings"
	"testing"
	"time"

	"treasury-switch/internal/scrape"
)

// TestPercentiles checks a histogram against durations whose percentiles are known.
func TestPercentiles(t *testing.T) {
	l := NewLatency()
	for i := range 10_000 {
		l.Add(time.Duration(i+1) * 10 * time.Microsecond) // 10 us to 100 ms
	}
	for percent, want := range map[float64]time.Duration{50: 50 * time.Millisecond, 90: 90 * time.Millisecond, 99: 99 * time.Millisecond, 99.9: 99_900 * time.Microsecond} {
		if got := l.Percentile(percent); (got - want).Abs() > want/500 {
			t.Errorf("p%g is %s, want %s", percent, got, want)
		}
	}
	if l.Count() != 10_000 || (l.Max()-100*time.Millisecond).Abs() > 200*time.Microsecond {
		t.Errorf("%d durations, at most %s", l.Count(), l.Max())
	}
	l.Add(time.Hour)
	l.Add(-time.Second)
	if l.Count() != 10_002 || l.Max() < 4*time.Minute {
		t.Error("what lies outside the range was not counted as its bound")
	}
}

// TestWindows counts messages by the time at which they were to be sent, and throughput by the time of the answer.
func TestWindows(t *testing.T) {
	first, second := NewWindow("first", time.Second, 2*time.Second), NewWindow("second", 2*time.Second, 3*time.Second)
	r := NewRecorder(first, second)
	ok := [2]byte{'0', '0'}
	for _, due := range []time.Duration{500 * time.Millisecond, 1500 * time.Millisecond, 1900 * time.Millisecond} {
		r.Offer(due, time.Millisecond)
		r.Answer(Purchase, ok, due, due+200*time.Millisecond)
	}
	r.Answer(Shed, [2]byte{'9', '1'}, 2500*time.Millisecond, 2600*time.Millisecond)
	r.Answer(SilentCard, [2]byte{'6', '8'}, 2500*time.Millisecond, 60*time.Second)
	r.Wrong(ok, 2500*time.Millisecond)
	r.Fail(Reversal, NoAnswer, 2900*time.Millisecond)
	if first.Offered != 2 || first.Answered != 2 || first.Completed != 1 || second.Completed != 1 {
		t.Errorf("first: %d offered, %d answered, %d completed; second: %d completed", first.Offered, first.Answered, first.Completed, second.Completed)
	}
	if second.Shed != 1 || second.Failed() != 2 || second.ErrorsOf[Reversal] != 1 || second.Codes[ok] != 1 {
		t.Errorf("second: %d shed, %d failed, codes %v", second.Shed, second.Failed(), second.Codes)
	}
	if n := second.Latency[Purchase].Count(); n != 0 {
		t.Errorf("%d latencies of the second window's payments: a shed one and a silent card are none", n)
	}
	if s := r.Second(); s.Offered != 3 || s.Answered != 4 || s.Shed != 1 || s.Errors != 2 || (s.P50-200*time.Millisecond).Abs() > time.Millisecond {
		t.Errorf("the second has %+v", s)
	}
	if s := r.Second(); s != (Second{}) {
		t.Errorf("the next second begins with %+v", s)
	}
}

// TestScraped takes from a page what a load test wants to know.
func TestScraped(t *testing.T) {
	page, err := scrape.Read(strings.NewReader(`# TYPE treasury_group_seconds histogram
treasury_group_seconds_bucket{le="0.001"} 0
treasury_group_seconds_bucket{le="+Inf"} 100
treasury_group_seconds_sum 2
treasury_group_seconds_count 100
# TYPE treasury_group_size histogram
treasury_group_size_bucket{le="+Inf"} 100
treasury_group_size_sum 420
treasury_group_size_count 100
process_cpu_seconds_total 1.5
process_resident_memory_bytes 1.048576e+06
treasury_forward_queued 7
`))
	if err != nil {
		t.Fatal(err)
	}
	s := scraped(page)
	if s.GroupSize.Mean() != 4.2 || s.GroupTime.Count != 100 || s.CPU != 1500*time.Millisecond || s.RSS != 1<<20 || s.Forward != 7 {
		t.Errorf("read %+v", s)
	}
}

// TestProcesses reads this process, and its parent as a family with it in it.
func TestProcesses(t *testing.T) {
	own, err := Process(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if own.RSS < 1<<20 || own.RSS > 1<<34 {
		t.Errorf("this process has %d bytes", own.RSS)
	}
	family, err := Family(os.Getppid())
	if err != nil {
		t.Fatal(err)
	}
	if family.RSS < own.RSS/2 || family.CPU < own.CPU {
		t.Errorf("the family has %+v, this child of it %+v", family, own)
	}
	if _, err := Process(1 << 30); err == nil {
		t.Error("a process that is not there was read")
	}
}

// TestAWindowThatTheLoadDidNotReach has no length, and no rate instead of an endless one.
func TestAWindowThatTheLoadDidNotReach(t *testing.T) {
	w := NewWindow("after", 10*time.Second, 20*time.Second)
	w.End(15 * time.Second)
	if got := w.PerSecond(10); got != 2 {
		t.Errorf("%v a second in half of the window, want 2", got)
	}
	w.End(3 * time.Second)
	if w.Length() != 0 || w.PerSecond(10) != 0 {
		t.Errorf("%v long, %v a second, want neither", w.Length(), w.PerSecond(10))
	}
}

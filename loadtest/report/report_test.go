package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"treasury-switch/loadtest/measure"
)

// full is a result with something in every part.
func full() *Result {
	w := measure.NewWindow("steady", 0, 10*time.Second)
	r := measure.NewRecorder(w)
	for i := range 12_345 {
		at := time.Duration(i) * 800 * time.Microsecond
		r.Offer(at, time.Millisecond)
		r.Answer(measure.Purchase, [2]byte{'0', '0'}, at, at+time.Duration(i%100)*time.Millisecond)
	}
	r.Answer(measure.Shed, [2]byte{'9', '1'}, time.Second, 2*time.Second)
	r.Fail(measure.Reversal, measure.NoAnswer, time.Second)
	out := &Result{Mode: "find-max", Began: time.Unix(0, 0), Machine: Machine{CPUs: 2, Model: "A <fast> one"}, Settings: map[string]any{"seed": 7},
		Verdict: "Verdict of the test.", Invariants: Invariants{Checked: true, Payments: 54_321, Findings: []string{"debited & not posted"}},
		Processes:          map[string]Process{"switch": {CPUCores: 1.25, RSSMBMax: 87.5, CPUUSPerPayment: 612, Share: .5}},
		WALBytesPerPayment: 1987, GroupSizeMean: 13.5, CommitMSP50: 4.25,
		FindMax: &FindMax{P99LimitMS: 100, Rate: 2345, Steps: []Step{{Rate: 2345, P99MS: 88, Holds: true}, {Rate: 2600, P99MS: 130, Why: "p99 130.0 ms"}}},
		Phases:  []Phase{{Name: "after", RateOffered: 777, RecoveredAfterS: 3, ErrorsOf: map[string]int64{"echo": 4}, Latency: map[string]Latency{}}},
		Soak:    &Soak{Kills: 6},
	}
	out.Fill(w, true)
	for i := range 10 {
		out.Series = append(out.Series, Second{At: float64(i + 1), Phase: "steady", Offered: 1000, Answered: int64(990 + i), P50: 5, P99: 40,
			CPU: map[string]float64{"switch": 1.2}, RSS: map[string]float64{"switch": 80}})
	}
	return out
}

// TestPageShowsTheNumbers looks for what a reader must find on the page and in the table.
func TestPageShowsTheNumbers(t *testing.T) {
	var page, table bytes.Buffer
	r := full()
	if err := r.HTML(&page); err != nil {
		t.Fatal(err)
	}
	r.Table(&table)
	for _, want := range []string{"Verdict of the test.", "12,345", "2,345", "debited &amp; not posted", "A &lt;fast&gt; one", "1,987", "13.5", "612",
		"54,321", "p99 130.0 ms", "echo 4", "777", "Latency by percentile", "CPU of each process", "limit 100 ms", "6 times SIGKILL"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if strings.Contains(page.String(), "<script") || strings.Contains(page.String(), "src=") || strings.Contains(page.String(), "href=") {
		t.Error("the page needs another file or a script")
	}
	for _, want := range []string{"Verdict of the test.", "12,345", "2,345", "debited & not posted", "1,987", "612", "killed 6 times", "no answer: 1"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("the table does not show %q", want)
		}
	}
}

// TestChartsAreWellFormed reads every drawing as XML. None may hold a number that is none.
func TestChartsAreWellFormed(t *testing.T) {
	charts := append(full().charts(), chart{Title: "empty & odd <one>", Lines: []line{{Name: "a"}}},
		chart{Title: "gaps", X: []float64{1, 2, 3}, Lines: []line{{Name: "b", Y: []float64{1, math.NaN(), 3}}}},
		chart{Title: "zero", X: []float64{1, 1}, Lines: []line{{Name: "c", Y: []float64{0, 0}}}})
	if len(charts) != 12 {
		t.Errorf("%d charts, want 9 of a full result and 3", len(charts))
	}
	for _, c := range charts {
		drawn := c.SVG()
		decoder := xml.NewDecoder(strings.NewReader(drawn))
		for {
			_, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", c.Title, err)
			}
		}
		if strings.Contains(drawn, "NaN") || strings.Contains(drawn, "Inf") {
			t.Errorf("%s holds a number that is none", c.Title)
		}
	}
}

// TestNamesThatProgramsRead holds the names in JSON on which other programs rely.
func TestNamesThatProgramsRead(t *testing.T) {
	text, err := json.Marshal(full())
	if err != nil {
		t.Fatal(err)
	}
	var read map[string]any
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"rate_offered", "rate_achieved", "duration_s", "payments", "errors.no_answer", "shed", "codes.00", "latency_ms.purchase.p50",
		"latency_ms.purchase.p90", "latency_ms.purchase.p99", "latency_ms.purchase.p999", "latency_ms.purchase.max", "latency_ms.inquiry.p99",
		"latency_ms.reversal.p99", "latency_ms.echo.p99", "processes.switch.cpu_cores", "processes.switch.rss_mb_max", "processes.switch.cpu_us_per_payment",
		"wal_bytes_per_payment", "group_size_mean", "commit_ms_p50", "series", "invariants.ok", "invariants.findings", "find_max.rate", "phases", "settings"} {
		at := any(read)
		for _, name := range strings.Split(path, ".") {
			fields, _ := at.(map[string]any)
			var known bool
			if at, known = fields[name]; !known {
				t.Errorf("there is no %s", path)
				break
			}
		}
	}
}

// TestPercentilesOfAResult holds numbers that are known: 123 or 124 payments each of 0 to 99 ms.
func TestPercentilesOfAResult(t *testing.T) {
	l := full().Latency["purchase"]
	for _, c := range []struct{ got, want float64 }{{l.P50, 49}, {l.P90, 89}, {l.P99, 98}, {l.Max, 99}, {l.Mean, 49.4}} {
		if math.Abs(c.got-c.want) > 1 {
			t.Errorf("got %g ms, want %g", c.got, c.want)
		}
	}
}

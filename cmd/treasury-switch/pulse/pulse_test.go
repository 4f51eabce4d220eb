package pulse

import (
	"bytes"
	"math"
	"os"
	"testing"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/scrape"
)

// sample reads a file of metrics as if it had been asked for then.
func sample(t *testing.T, name string, at time.Time) *Sample {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	page, err := scrape.Read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	s, err := of(page, at)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var then = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

func TestReportSaysWhatHappenedBetween(t *testing.T) {
	r := Between(sample(t, "before.txt", then), sample(t, "after.txt", then.Add(2*time.Second)))
	for what, pair := range map[string][2]float64{
		"payments a second":   {r.Payments, 30},
		"answers 00":          {r.Answers["00"], 20},
		"answers 51":          {r.Answers["51"], 10},
		"codes that did not":  {float64(len(r.Answers)), 2},
		"turned away":         {r.Shed["in_flight"], 3},
		"latency, count":      {r.Latency.Count, 60},
		"latency, mean":       {r.Latency.Mean, .02},
		"latency, half":       {r.Latency.Half, .0175},
		"latency, most":       {r.Latency.Most, .02485},
		"part":                {r.Parts[2].Times.Mean, .01},
		"size of groups":      {r.Groups.Size, 6},
		"groups a second":     {r.Groups.Rate, 5},
		"groups that failed":  {r.Groups.Failed, 1},
		"lane 1":              {r.Lanes[1].Queued, 4},
		"sent":                {r.Links[0].Sent, 15},
		"unanswered":          {r.Links[0].Unanswered, 1},
		"oldest reversal":     {r.Reversals.Oldest, 90},
		"alarm":               {r.Alarms["late_approval"], 2},
		"alarms":              {float64(len(r.Alarms)), 1},
		"cpu":                 {r.Process.CPU, .5},
		"connections in use":  {r.Process.Database, 3},
		"what is missing":     {float64(len(r.Missing)), 1},
		"business day begins": {float64(r.Days["live"].Unix()), 1763670600},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-6 {
			t.Errorf("%s: %v, want %v", what, pair[0], pair[1])
		}
	}
	if r.Ready || r.Missing[0] != "network" || r.Lanes[0].Ready || !r.Links[0].SignedOn || r.Links[1].SignedOn {
		t.Errorf("%+v", r)
	}
}

// A node that was started again counts from zero; what it has counted since is what happened.
func TestRestartedNodeCountsFromZero(t *testing.T) {
	r := Between(sample(t, "after.txt", then), sample(t, "before.txt", then.Add(time.Second)))
	if r.Payments != 100 || r.Latency.Count != 100 || r.Latency.Half <= 0 {
		t.Errorf("%v payments, latency %+v", r.Payments, r.Latency)
	}
}

func TestOtherMetricsAreRefused(t *testing.T) {
	if _, err := of(scrape.Page{"go_goroutines": {{Value: 7}}}, then); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
}

package scrape

import (
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"treasury-switch/internal/fault"
)

const text = `# HELP answers_total With a brace } and a space in a label.
# TYPE answers_total counter
answers_total{code="00",kind="a purchase}"} 3
answers_total{code="51",kind="a purchase}"} 4
# TYPE wait_seconds histogram
wait_seconds_bucket{lane="0",le="0.001"} 0
wait_seconds_bucket{lane="0",le="0.01"} 50
wait_seconds_bucket{lane="0",le="0.1"} 100
wait_seconds_bucket{lane="0",le="+Inf"} 100
wait_seconds_sum{lane="0"} 3
wait_seconds_count{lane="0"} 100
wait_seconds_bucket{lane="1",le="0.001"} 0
wait_seconds_bucket{lane="1",le="0.01"} 0
wait_seconds_bucket{lane="1",le="0.1"} 100
wait_seconds_sum{lane="1"} 5
wait_seconds_count{lane="1"} 100
# TYPE pause_seconds summary
pause_seconds{quantile="0.5"} 2
pause_seconds_sum 6
pause_seconds_count 3
untyped 1.048576e+06
`

func read(t *testing.T) Page {
	t.Helper()
	page, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func TestRead(t *testing.T) {
	page := read(t)
	for what, pair := range map[string][2]float64{
		"all":                 {page.Sum("answers_total", nil), 7},
		"one code":            {page.Sum("answers_total", Labels{"code": "51"}), 4},
		"one kind":            {page.Sum("answers_total", Labels{"kind": "a purchase}"}), 7},
		"another code":        {page.Sum("answers_total", Labels{"code": "91"}), 0},
		"not served":          {page.Sum("answers", nil), 0},
		"untyped":             {page.Sum("untyped", nil), 1 << 20},
		"observations":        {page.Sum("wait_seconds", nil), 200},
		"mean":                {page.Histogram("wait_seconds", nil).Mean(), .04},
		"mean of one":         {page.Histogram("wait_seconds", Labels{"lane": "1"}).Mean(), .05},
		"mean of none":        {page.Histogram("wait_seconds", Labels{"lane": "2"}).Mean(), 0},
		"median":              {page.Histogram("wait_seconds", nil).Quantile(.5), .01 + .09/3},
		"summary":             {page["pause_seconds"][0].Histogram.Mean(), 2},
		"same":                {page.Same("answers_total", Labels{"code": "00", "kind": "a purchase}"}).Value, 3},
		"same by some labels": {page.Same("answers_total", Labels{"code": "00"}).Value, 0},
		"bounds":              {page.Same("wait_seconds", Labels{"lane": "1"}).Histogram.Bounds[3], math.Inf(1)},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-9 {
			t.Errorf("%s: %v, want %v", what, pair[0], pair[1])
		}
	}
	if page["pause_seconds"][0].Kind != Quantiles || page["wait_seconds"][0].Kind != Distribution || page["untyped"][0].Kind != Value {
		t.Errorf("%+v", page)
	}
}

func TestSince(t *testing.T) {
	page := read(t)
	early, late := page.Histogram("wait_seconds", Labels{"lane": "1"}), page.Histogram("wait_seconds", nil)
	if d := late.Since(early); d.Count != 100 || d.Mean() != .03 || math.Abs(d.Quantile(.5)-.01) > 1e-9 {
		t.Errorf("between: %+v", d)
	}
	if d := early.Since(late); d.Count != 100 {
		t.Errorf("a node that was started again has observed %+v", d)
	}
	if d := late.Since(late); d.Count != 0 || d.Mean() != 0 || d.Quantile(.5) != 0 {
		t.Errorf("nothing was observed: %+v", d)
	}
}

func TestQuantilesLieBetweenTheBounds(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		share          float64
		bounds, within []float64
		want           float64
	}{
		{.5, []float64{1, 2, inf}, []float64{10, 10, 10}, .5},
		{.5, []float64{1, 2, inf}, []float64{0, 10, 10}, 1.5},
		{.99, []float64{1, 2, inf}, []float64{0, 0, 10}, 2}, // Above the last bound that bound is all that is known.
		{.5, []float64{1, 2, inf}, []float64{5, 5, 10}, 1},
		{.5, []float64{inf}, []float64{5}, 0},
		{.5, nil, nil, 0},
	} {
		h := Histogram{Bounds: c.bounds, Within: c.within}
		if got := h.Quantile(c.share); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%v of %v within %v: %v, want %v", c.share, c.within, c.bounds, got, c.want)
		}
	}
}

// A node's page is read; any other answer is refused, with an error that says so.
func TestAsk(t *testing.T) {
	status, body := http.StatusOK, text
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/metrics" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	defer served.Close()
	if page, err := Ask(t.Context(), served.URL); err != nil || page.Sum("answers_total", nil) != 7 {
		t.Errorf("%v, %v", page, err)
	}
	for _, other := range []struct {
		status int
		body   string
	}{{http.StatusNotFound, text}, {http.StatusOK, "<html>"}, {http.StatusOK, "answers_total x\n"}} {
		status, body = other.status, other.body
		if _, err := Ask(t.Context(), served.URL); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%+v: %v", other, err)
		}
	}
	served.Close()
	if _, err := Ask(t.Context(), served.URL); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "no switch answers on 127.0.0.1:") {
		t.Error(err)
	}
	if _, err := Ask(t.Context(), "http://a b"); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}

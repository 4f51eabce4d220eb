package promrule

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"treasury-switch/internal/scrape"
)

var epoch = time.Unix(0, 0)

// history is an hour of samples, one every 15 seconds. The test below has what Prometheus 3.16 makes of them.
func history(t *testing.T) *Samples {
	t.Helper()
	db := &Samples{}
	for i := range 240 {
		text := fmt.Sprintf(`# TYPE treasury_answers_total counter
treasury_answers_total{code="00",kind="purchase"} %d
treasury_answers_total{code="51",kind="purchase"} %d
# TYPE treasury_ready gauge
treasury_ready %d
# TYPE treasury_wait_seconds histogram
treasury_wait_seconds_bucket{le="0.1"} %d
treasury_wait_seconds_bucket{le="1"} %d
treasury_wait_seconds_bucket{le="+Inf"} %d
treasury_wait_seconds_sum 1
treasury_wait_seconds_count %d
`, (3*i)%400, i/10, (i/4)%2, i, 2*i, 2*i+i/4, 2*i+i/4)
		page, err := scrape.Read(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		db.Scrape(epoch.Add(time.Duration(i)*15*time.Second), "treasury-switch", "a", page)
	}
	return db
}

// TestAsPrometheus checks results against those of Prometheus itself, for every form that is known.
func TestAsPrometheus(t *testing.T) {
	db, at := history(t), epoch.Add(50*time.Minute)
	for expr, want := range map[string]string{
		`1 + 2 * 3`:                              "{} 7",
		`treasury_ready`:                         `{__name__="treasury_ready" instance="a" job="treasury-switch"} 0`,
		`treasury_ready == 1`:                    "",
		`up{job="treasury-switch"} > 0`:          `{__name__="up" instance="a" job="treasury-switch"} 1`,
		`sum by (kind) (treasury_answers_total)`: `{kind="purchase"} 220`,
		`max(treasury_answers_total) / min(treasury_answers_total)`:        `{} 10`,
		`count by (code) (treasury_answers_total{code!="51"})`:             `{code="00"} 1`,
		`increase(treasury_answers_total{code=~"5.|00"}[5m]) > 10`:         `{code="00" instance="a" job="treasury-switch" kind="purchase"} 60`,
		`rate(treasury_answers_total{code="51"}[10m])`:                     `{code="51" instance="a" job="treasury-switch" kind="purchase"} 0.00683761`,
		`increase(treasury_answers_total{code="00"}[15m] offset 15m)`:      `{code="00" instance="a" job="treasury-switch" kind="purchase"} 178.983`,
		`histogram_quantile(0.5, rate(treasury_wait_seconds_bucket[5m]))`:  `{instance="a" job="treasury-switch"} 0.218421`,
		`histogram_quantile(0.95, rate(treasury_wait_seconds_bucket[5m]))`: `{instance="a" job="treasury-switch"} 1`,
		`time() - treasury_ready`:                                          `{instance="a" job="treasury-switch"} 3000`,
		`abs(treasury_ready - 3)`:                                          `{instance="a" job="treasury-switch"} 3`,
		`treasury_ready or up`:                                             `{__name__="treasury_ready" instance="a" job="treasury-switch"} 0`, // Names are not looked at.
		`up and treasury_ready`:                                            `{__name__="up" instance="a" job="treasury-switch"} 1`,
	} {
		e, err := parse(expr)
		if err != nil {
			t.Error(err)
			continue
		}
		got, err := e.Eval(at, db)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if text := spell(got); text != want {
			t.Errorf("%s\n got %s\nwant %s", expr, text, want)
		}
	}
}

func spell(elements []Element) string {
	var all []string
	for _, e := range elements {
		labels := strings.ReplaceAll(strings.ReplaceAll(strings.TrimSuffix(e.Labels.key(), ","), `",`, `" `), `"=`, "=")
		for name := range e.Labels {
			labels = strings.ReplaceAll(labels, `"`+name+"=", name+"=")
		}
		all = append(all, fmt.Sprintf("{%s} %.6g", labels, e.Value))
	}
	return strings.Join(all, ", ")
}

// TestWhatIsNotKnownIsRefused: an expression is evaluated as Prometheus does, or not at all.
func TestWhatIsNotKnownIsRefused(t *testing.T) {
	for _, expr := range []string{
		``, `treasury_ready >`, `treasury_ready{`, `treasury_ready{link}`, `treasury_ready{link="a}`, `sum without (a) (treasury_ready)`,
		`treasury_ready[5m:1m]`, `predict_linear(treasury_ready[5m], 3)`, `treasury_ready ^ 2`, `treasury_ready unless up`, `(up`, `up)`, `up % 2`,
		`treasury_ready > bool 0`, `treasury_ready{a=~"("}`, `sum(up`, `topk(3, up)`, `-up`, `rate(up)`, `increase(5)`, `sum(3)`, `up and 3`, `up[5m]`,
		`1 > 2`, `time(up)`, `up[5m] + 1`,
	} {
		e, err := parse(expr)
		if err == nil {
			_, err = e.Eval(epoch, &Samples{})
		}
		if err == nil {
			t.Errorf("%s was taken", expr)
		}
	}
}

// TestForHasToLast fires only where the expression has had its result all the time.
func TestForHasToLast(t *testing.T) {
	rules, err := Load([]byte(`groups:
  - name: some
    rules:
      - alert: Down
        expr: up == 0
        for: 1m
        annotations: {runbook: here}
`))
	if err != nil || len(rules) != 1 || rules[0].For != time.Minute || len(rules[0].Metrics()) != 1 {
		t.Fatalf("%+v: %v", rules, err)
	}
	db := &Samples{}
	up := scrape.Page{}
	for i, page := range []scrape.Page{up, nil, nil, nil, nil, nil, up, nil} {
		db.Scrape(epoch.Add(time.Duration(i)*Interval), "job", "a", page)
	}
	for i, want := range []int{0, 0, 0, 0, 0, 1, 0, 0} {
		firing, err := rules[0].Firing(epoch.Add(time.Duration(i)*Interval), db)
		if err != nil || len(firing) != want {
			t.Errorf("after %d intervals: %v (%v), want %d", i, firing, err, want)
		}
	}
	for _, bad := range []string{"groups: 5", "groups: [{rules: [{alert: A, expr: 'up >'}]}]", "groups: [{rules: [{alert: A, expr: up, for: long}]}]",
		"groups: [{rules: [{alert: A, expression: up}]}]"} {
		if _, err := Load([]byte(bad)); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

// TestEmptyHistogram has no quantile.
func TestEmptyHistogram(t *testing.T) {
	if q := quantile(0.5, []bucket{{1, 0}, {math.Inf(1), 0}}); !math.IsNaN(q) {
		t.Errorf("the quantile of nothing is %g", q)
	}
}

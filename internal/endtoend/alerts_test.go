package endtoend

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"treasury-switch/internal/node"
	"treasury-switch/internal/promrule"
	"treasury-switch/internal/scrape"
	"treasury-switch/switch/payment"
)

// provocation is a situation in which alerts must fire.
type provocation struct {
	name   string
	alerts []string
	// play brings the situation about for a running switch and holds that the alerts fire in it.
	play func(t *testing.T)
}

// elsewhere are alerts that no situation of a whole switch can provoke, with the test that does so on a part of it.
var elsewhere = map[string]string{
	"Panics":           "internal/metrics/alerts_test.go: TestPanicsAreTold",
	"DatabaseClockSet": "internal/metrics/alerts_test.go: TestASetClockIsTold",
}

func provocations() []provocation {
	return slices.Concat(ofTheNode(), ofTheNetwork(), ofTheTerminals(), ofTheDatabase(), ofTheMoney())
}

// TestAlertsFire provokes what every alert is about, on a running switch, and evaluates the rule that ships with the product over
// what the switch then serves.
func TestAlertsFire(t *testing.T) {
	for _, p := range provocations() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.play(t)
		})
	}
}

// TestEveryAlertIsProvoked: an alert that nobody has seen fire may never do so.
func TestEveryAlertIsProvoked(t *testing.T) {
	provoked := map[string]bool{}
	for _, p := range provocations() {
		for _, name := range p.alerts {
			provoked[name] = true
		}
	}
	for name, where := range elsewhere {
		provoked[name] = true
		file, function, _ := strings.Cut(where, ": ")
		if !strings.Contains(fromRoot(t, file), "func "+function+"(") {
			t.Errorf("%s has no %s, which is to provoke %s", file, function, name)
		}
	}
	known := map[string]bool{}
	for _, r := range rules(t) {
		known[r.Name] = true
		if !provoked[r.Name] {
			t.Errorf("nothing provokes the alert %s", r.Name)
		}
		page := fromRoot(t, r.Annotations["runbook"])
		if !slices.ContainsFunc(r.Metrics(), func(metric string) bool { return strings.Contains(page, metric) }) {
			t.Errorf("%s does not show the metrics %v of its rule", r.Annotations["runbook"], r.Metrics())
		}
	}
	for name := range provoked {
		if !known[name] {
			t.Errorf("%s is provoked, and no rule has this name", name)
		}
	}
}

// TestEveryAlarmHasItsLine: every reason for an alarm is provoked, and is in a runbook; every reason in a runbook is one.
func TestEveryAlarmHasItsLine(t *testing.T) {
	page := fromRoot(t, "docs/runbooks/AlarmRaised.md")
	_, table, _ := strings.Cut(page, "\n| reason | is | do |\n")
	named := map[string]bool{}
	for row := range strings.Lines(table) {
		cells := strings.Split(row, "|")
		if len(cells) < 3 {
			break
		}
		for _, reason := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(cells[1], -1) {
			named[reason[1]] = true
		}
	}
	if strings.Contains(fromRoot(t, "docs/runbooks/OriginalUnmatched.md"), `reason="original_unmatched"`) {
		named[string(payment.OriginalUnmatched)] = true
	}
	provoked := map[payment.Reason]bool{}
	for _, one := range alarmings() {
		provoked[one.reason] = true
	}
	for _, reason := range payment.Alarms {
		if !named[string(reason)] {
			t.Errorf("no runbook says what to do about %s", reason)
		}
		if !provoked[reason] && raisedElsewhere[reason] == "" {
			t.Errorf("nothing provokes an alarm for %s", reason)
		}
	}
	for reason := range named {
		if !slices.Contains(payment.Alarms, payment.Reason(reason)) {
			t.Errorf("a runbook speaks of %s, for which there is no alarm", reason)
		}
	}
	for reason, where := range raisedElsewhere {
		file, function, _ := strings.Cut(where, ": ")
		if !strings.Contains(fromRoot(t, file), "func "+function+"(") {
			t.Errorf("%s has no %s, which is to raise %s", file, function, reason)
		}
	}
}

// fromRoot reads a file of the repository.
func fromRoot(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func rules(t *testing.T) []promrule.Rule {
	t.Helper()
	all, err := promrule.Load([]byte(fromRoot(t, "deploy/prometheus/alerts.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// tower watches a switch as Prometheus does. The scrapes are real; the time between two of them is simulated by pass,
// so that no test waits ten minutes for an alert.
type tower struct {
	t     *testing.T
	ask   func() scrape.Page // what the switch serves, nil if it does not answer
	at    time.Time
	db    promrule.Samples
	last  scrape.Page
	rules []promrule.Rule
}

// watch begins to watch a switch in this process, at a time.
func watch(t *testing.T, n *node.Node, from time.Time) *tower {
	return watchPage(t, func() scrape.Page { return asked(t.Context(), n.Admin()) }, from)
}

func watchPage(t *testing.T, ask func() scrape.Page, from time.Time) *tower {
	t.Helper()
	w := &tower{t: t, ask: ask, at: from, rules: rules(t)}
	w.scrape()
	w.pass(promrule.Interval)
	return w
}

// scrape looks at the switch now.
func (w *tower) scrape() {
	w.t.Helper()
	w.at = w.at.Add(promrule.Interval)
	w.last = w.ask()
	w.keep()
}

func (w *tower) keep() {
	w.t.Helper()
	w.db.Scrape(w.at, "treasury-switch", "here", w.last)
}

// pass lets a time pass in which everything stays as it was at the last look.
func (w *tower) pass(d time.Duration) {
	w.t.Helper()
	for end := w.at.Add(d); w.at.Before(end); {
		w.at = w.at.Add(promrule.Interval)
		w.keep()
	}
}

// firing are the elements of an alert that fires.
func (w *tower) firing(name string) []promrule.Element {
	w.t.Helper()
	for _, r := range w.rules {
		if r.Name == name {
			firing, err := r.Firing(w.at, &w.db)
			if err != nil {
				w.t.Fatal(err)
			}
			return firing
		}
	}
	w.t.Fatalf("there is no alert %s", name)
	return nil
}

// fires holds that alerts fire, quiet that they do not.
func (w *tower) fires(names ...string) {
	w.t.Helper()
	for _, name := range names {
		if len(w.firing(name)) == 0 {
			w.t.Errorf("%s does not fire", name)
		}
	}
}

func (w *tower) quiet(names ...string) {
	w.t.Helper()
	for _, name := range names {
		if got := w.firing(name); len(got) > 0 {
			w.t.Errorf("%s fires although all is well: %v", name, got)
		}
	}
}

// over brings something about again and again, and lets so much time pass each time.
func (w *tower) over(times int, each time.Duration, do func()) {
	w.t.Helper()
	for range times {
		do()
		w.scrape()
		w.pass(each)
	}
}

// value is the total of a metric at the last look.
func (w *tower) value(metric string, words ...string) float64 { return total(w.last, metric, words...) }

// until looks again and again until something holds.
func (w *tower) until(what string, holds func() bool) {
	w.t.Helper()
	await(w.t, what, func() bool {
		w.last = w.ask()
		return holds()
	})
}

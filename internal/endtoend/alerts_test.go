package endtoend

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"treasury-switch/cmd/treasury-switch/node"
	"treasury-switch/internal/promrule"
	"treasury-switch/switch"
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

// TestEveryAlarmHasItsLine: every reason for an alarm is provoked, and stands in a runbook; every reason in a runbook is one.
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
		named[string(switching.OriginalUnmatched)] = true
	}
	provoked := map[switching.Reason]bool{}
	for _, one := range alarmings() {
		provoked[one.reason] = true
	}
	for _, reason := range switching.Alarms {
		if !named[string(reason)] {
			t.Errorf("no runbook says what to do about %s", reason)
		}
		if !provoked[reason] && raisedElsewhere[reason] == "" {
			t.Errorf("nothing provokes an alarm for %s", reason)
		}
	}
	for reason := range named {
		if !slices.Contains(switching.Alarms, switching.Reason(reason)) {
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

// tower watches a switch as Prometheus does. What it scrapes is real; the time between two scrapes is not, for nobody wants to wait
// ten minutes for an alert: pass says that the situation lasts.
type tower struct {
	t     *testing.T
	ask   func() string // what the switch serves, "" if it does not answer
	at    time.Time
	db    promrule.Samples
	last  string
	rules []promrule.Rule
}

// watch begins to watch a switch in this process, at a time.
func watch(t *testing.T, n *node.Node, from time.Time) *tower {
	return watchPage(t, func() string { return metricsOf("http://" + n.Admin() + "/metrics") }, from)
}

func watchPage(t *testing.T, ask func() string, from time.Time) *tower {
	t.Helper()
	w := &tower{t: t, ask: ask, at: from, rules: rules(t)}
	w.scrape()
	w.pass(promrule.Interval)
	return w
}

// metricsOf asks for a page; "" means that nobody has answered.
func metricsOf(url string) string {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: askLimit}
	response, err := client.Get(url)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return ""
	}
	return string(text)
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
	if err := w.db.Scrape(w.at, "treasury-switch", "here", w.last); err != nil {
		w.t.Fatal(err)
	}
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

// value adds up a metric's series, as they were at the last look, whose labels have all of the words.
func (w *tower) value(metric string, words ...string) (sum float64) {
	for line := range strings.Lines(w.last) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if i := strings.LastIndexByte(strings.TrimSpace(line), ' '); i >= 0 {
			name, rest = strings.TrimSpace(line)[:i], strings.TrimSpace(line)[i+1:]
		}
		bare, labels, _ := strings.Cut(name, "{")
		if bare != metric || slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(labels, `"`+word+`"`) }) {
			continue
		}
		var x float64
		if _, err := fmt.Sscan(rest, &x); err == nil {
			sum += x
		}
	}
	return sum
}

// until looks again and again until something holds.
func (w *tower) until(what string, holds func() bool) {
	w.t.Helper()
	await(w.t, what, func() bool {
		w.last = w.ask()
		return holds()
	})
}

func containsLine(text, line string) bool {
	for one := range strings.Lines(text) {
		if strings.TrimSpace(one) == line {
			return true
		}
	}
	return false
}

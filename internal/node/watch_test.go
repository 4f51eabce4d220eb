package node

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The files that operators watch the switch with.
const (
	dashboardFile = "deploy/grafana/treasury-switch.json"
	alertsFile    = "deploy/prometheus/alerts.yaml"
	runbooks      = "docs/runbooks"
	manual        = "docs/monitoring.md"
)

// alert is one rule of Prometheus.
type alert struct {
	Name        string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

// strictly reads YAML whose every key is known.
func strictly(t *testing.T, name string, into any) {
	t.Helper()
	decoder := yaml.NewDecoder(strings.NewReader(string(file(t, name))))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func alerts(t *testing.T) []alert {
	t.Helper()
	var rules struct {
		Groups []struct {
			Name  string  `yaml:"name"`
			Rules []alert `yaml:"rules"`
		} `yaml:"groups"`
	}
	strictly(t, alertsFile, &rules)
	var all []alert
	for _, g := range rules.Groups {
		all = append(all, g.Rules...)
	}
	if len(all) == 0 {
		t.Fatal("there is no alert")
	}
	return all
}

// panel is what the test looks at of a dashboard's panel.
type panel struct {
	ID          int    `json:"id"`
	Type        string `json:"type"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Targets     []struct {
		Expr string `json:"expr"`
	} `json:"targets"`
	GridPos struct{ H, W, X, Y int } `json:"gridPos"`
}

func panels(t *testing.T) []panel {
	t.Helper()
	var board struct {
		UID           string  `json:"uid"`
		SchemaVersion int     `json:"schemaVersion"`
		Panels        []panel `json:"panels"`
	}
	if err := json.Unmarshal(file(t, dashboardFile), &board); err != nil {
		t.Fatalf("%s: %v", dashboardFile, err)
	}
	if board.UID == "" || board.SchemaVersion < 39 || len(board.Panels) == 0 {
		t.Errorf("uid %q, schema %d, %d panels", board.UID, board.SchemaVersion, len(board.Panels))
	}
	return board.Panels
}

// named are the product's metrics that texts for people name, by text. The role of the database is no metric.
func named(t *testing.T) map[string][]string {
	t.Helper()
	metric := regexp.MustCompile(`\btreasury_[a-z0-9_]*[a-z0-9]`)
	found := map[string][]string{}
	look := func(name string) {
		for _, one := range metric.FindAllString(string(file(t, name)), -1) {
			if one != "treasury_runtime" {
				found[name] = append(found[name], one)
			}
		}
	}
	look("README.md")
	look("CHANGELOG.md")
	err := filepath.WalkDir(root+"docs", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && path.Ext(name) == ".md" {
			look(filepath.ToSlash(strings.TrimPrefix(name, root)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// queries are the lines of the runbooks that are to be asked of Prometheus.
func queries(t *testing.T) map[string][]string {
	t.Helper()
	block := regexp.MustCompile("(?s)```promql\n(.*?)\n```")
	found := map[string][]string{}
	for _, a := range alerts(t) {
		page := runbooks + "/" + a.Name + ".md"
		for _, one := range block.FindAllStringSubmatch(string(file(t, page)), -1) {
			found[page] = append(found[page], strings.Split(one[1], "\n")...)
		}
		if len(found[page]) == 0 {
			t.Errorf("%s asks nothing of Prometheus", page)
		}
	}
	return found
}

// Dashboards and alerts ask for what a running node serves, texts speak of that alone, and the manual explains all of it.
func TestEveryMetricThatIsNamedIsServed(t *testing.T) {
	all := served(t)
	for _, p := range panels(t) {
		for _, target := range p.Targets {
			for _, fault := range all.faults(target.Expr) {
				t.Errorf("panel %q: %s in %s", p.Title, fault, target.Expr)
			}
		}
	}
	for _, a := range alerts(t) {
		for _, fault := range all.faults(a.Expr) {
			t.Errorf("alert %s: %s in %s", a.Name, fault, a.Expr)
		}
	}
	for page, queries := range queries(t) {
		for _, expr := range queries {
			for _, fault := range all.faults(expr) {
				t.Errorf("%s: %s in %s", page, fault, expr)
			}
		}
	}
	texts := named(t)
	for name, metrics := range texts {
		for _, one := range metrics {
			if !all.explains(one) {
				t.Errorf("%s names %s, which is not served", name, one)
			}
		}
	}
	for name := range all {
		family := strings.TrimSuffix(name, "_bucket")
		part := strings.HasSuffix(name, "_sum") || strings.HasSuffix(name, "_count")
		if strings.HasPrefix(name, "treasury_") && !part && !slices.Contains(texts[manual], family) {
			t.Errorf("%s does not explain %s", manual, family)
		}
	}
}

// The check of expressions finds what it is there for.
func TestFaultyExpressionsAreFound(t *testing.T) {
	all := series{"treasury_ready": {}, "treasury_answers_total": {"code": true}, "treasury_wait_seconds_bucket": {"le": true, "part": true}}
	for expr, want := range map[string]string{
		`treasury_ready{instance=~"$node"} == 0`:                           "",
		`sum by (code) (rate(treasury_answers_total{code!="00"}[5m])) > 2`: "",
		`treasury_redy == 0`:                                  "treasury_redy is not served",
		`rate(treasury_answers_total{kode="00"}[5m])`:         "treasury_answers_total has no label kode",
		`sum by (channel) (rate(treasury_answers_total[5m]))`: "nothing has the label channel",
		`histogram_quantile(0.9, sum by (le, part) (rate(treasury_wait_seconds_bucket[$__rate_interval])))`: "",
		`histogram_quantile(0.9, rate(treasury_wait_seconds[5m]))`:                                          "treasury_wait_seconds is not served",
		`max_over_time(treasury_ready[5m])`:                                                                 "max_over_time is not served",
		`time() > 5`:                                                                                        "it asks for no metric",
	} {
		if got := strings.Join(all.faults(expr), "; "); got != want {
			t.Errorf("%s: found %q, want %q", expr, got, want)
		}
	}
}

func TestEveryPanelSaysWhatItShows(t *testing.T) {
	ids := map[int]bool{}
	taken := map[[2]int]string{}
	for _, p := range panels(t) {
		if ids[p.ID] || p.Title == "" {
			t.Errorf("panel %d %q has no title, or another has its id", p.ID, p.Title)
		}
		ids[p.ID] = true
		if p.Type != "row" && (len(p.Targets) == 0 || len(p.Description) < 20) {
			t.Errorf("panel %q: %d queries, description %q", p.Title, len(p.Targets), p.Description)
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other, ok := taken[[2]int{x, y}]; ok || x >= 24 {
					t.Fatalf("panel %q lies on %q or outside", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
}

// An alert without instructions wakes somebody up for nothing, and instructions without an alert are never read.
func TestEveryAlertHasItsRunbook(t *testing.T) {
	known := map[string]bool{"README.md": true}
	index := string(file(t, runbooks+"/README.md"))
	for _, a := range alerts(t) {
		page := runbooks + "/" + a.Name + ".md"
		if known[a.Name+".md"] || a.Annotations["runbook"] != page || a.Annotations["summary"] == "" || a.Annotations["description"] == "" {
			t.Errorf("alert %s is there twice or lacks an annotation: %v", a.Name, a.Annotations)
		}
		known[a.Name+".md"] = true
		severity := a.Labels["severity"]
		if severity != "critical" && severity != "warning" {
			t.Errorf("alert %s has the severity %q", a.Name, severity)
		}
		if !strings.Contains(index, "| ["+a.Name+"]("+a.Name+".md) | "+severity+" |") {
			t.Errorf("alert %s (%s) is not in the index of runbooks", a.Name, severity)
		}
		text := string(file(t, page))
		for _, part := range []string{"# " + a.Name + "\n", "\n## What it means\n", "\n## What payers see\n", "\n## Look at\n", "\n## Do\n", "\n## Call\n"} {
			if !strings.Contains(text, part) {
				t.Errorf("%s has no part %q", page, strings.TrimSpace(part))
			}
		}
	}
	pages, err := os.ReadDir(root + runbooks)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		if !known[p.Name()] {
			t.Errorf("%s/%s belongs to no alert", runbooks, p.Name())
		}
	}
}

// The example of a configuration names the rules and the job that they and the dashboard ask for.
func TestTheExampleOfPrometheusFitsTheAlerts(t *testing.T) {
	var config struct {
		Global    map[string]string `yaml:"global"`
		RuleFiles []string          `yaml:"rule_files"`
		Scrapes   []struct {
			Job     string `yaml:"job_name"`
			Targets []struct {
				Addresses []string `yaml:"targets"`
			} `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	strictly(t, "deploy/prometheus/prometheus.yaml", &config)
	if len(config.RuleFiles) != 1 || config.RuleFiles[0] != path.Base(alertsFile) || len(config.Scrapes) != 1 {
		t.Fatalf("%+v", config)
	}
	jobs := regexp.MustCompile(`job=\\?"([^"\\]*)`)
	for _, name := range []string{alertsFile, dashboardFile} {
		for _, found := range jobs.FindAllStringSubmatch(string(file(t, name)), -1) {
			if found[1] != config.Scrapes[0].Job {
				t.Errorf("%s asks for the job %q, it is called %q", name, found[1], config.Scrapes[0].Job)
			}
		}
	}
}

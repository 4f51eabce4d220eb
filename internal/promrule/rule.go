package promrule

import (
	"bytes"
	"fmt"
	"regexp"
	"time"

	"go.yaml.in/yaml/v3"
)

// Rule is an alert of a file of rules.
type Rule struct {
	Name        string
	Expr        string
	For         time.Duration // how long the expression must have had a result
	Annotations map[string]string
	parsed      *Expr
}

// Load reads the alerts of a file of rules. An expression that is not known here is refused.
func Load(text []byte) ([]Rule, error) {
	var file struct {
		Groups []struct {
			Name  string `yaml:"name"`
			Rules []struct {
				Alert       string            `yaml:"alert"`
				Expr        string            `yaml:"expr"`
				For         string            `yaml:"for"`
				Labels      map[string]string `yaml:"labels"`
				Annotations map[string]string `yaml:"annotations"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("read the rules: %w", err)
	}
	var rules []Rule
	for _, group := range file.Groups {
		for _, r := range group.Rules {
			rule := Rule{Name: r.Alert, Expr: r.Expr, Annotations: r.Annotations}
			var err error
			if r.For != "" {
				if rule.For, err = duration(r.For); err != nil {
					return nil, fmt.Errorf("alert %s: %w", r.Alert, err)
				}
			}
			if rule.parsed, err = parse(r.Expr); err != nil {
				return nil, fmt.Errorf("alert %s: %w", r.Alert, err)
			}
			rules = append(rules, rule)
		}
	}
	return rules, nil
}

// Interval is how often rules are evaluated (evaluation_interval of the example configuration).
const Interval = 15 * time.Second

// Firing are the elements for which the alert fires at a time: the expression has had them for as long as the rule says.
func (r *Rule) Firing(at time.Time, db *Samples) ([]Element, error) {
	firing, err := r.parsed.Eval(at, db)
	if err != nil {
		return nil, fmt.Errorf("alert %s: %w", r.Name, err)
	}
	for back := Interval; back <= r.For && len(firing) > 0; back += Interval {
		earlier, err := r.parsed.Eval(at.Add(-back), db)
		if err != nil {
			return nil, fmt.Errorf("alert %s: %w", r.Name, err)
		}
		had := map[string]bool{}
		for _, e := range earlier {
			had[e.Labels.key()] = true
		}
		var still []Element
		for _, e := range firing {
			if had[e.Labels.key()] {
				still = append(still, e)
			}
		}
		firing = still
	}
	return firing, nil
}

// metricName recognises the product's metrics in an expression.
var metricName = regexp.MustCompile(`\b(?:treasury_[a-z0-9_]*[a-z0-9]|up)\b`)

// Metrics are the names of the metrics that the rule reads.
func (r *Rule) Metrics() []string { return metricName.FindAllString(r.Expr, -1) }

package node

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/scrape"
	"treasury-switch/iso"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// root is the repository's folder, seen from this package.
const root = "../../"

// series are the names that can be asked for, each with its labels. A histogram has three.
type series map[string]map[string]bool

// given are labels that Prometheus itself adds, and up what it measures itself.
var given = map[string]bool{"instance": true, "job": true}

// served are the series of a running node after each of its events has happened once.
func served(t *testing.T) series {
	t.Helper()
	n, stop := running(t)
	defer stop()
	if err := n.payments.OpenDay(t.Context(), calendar.DateOf(time.Now()), ledger.Live); err != nil {
		t.Fatal(err)
	}
	n.metrics.Answered(payment.POS, "purchase", payment.OK, time.Millisecond)
	n.metrics.Message(payment.POS, iso.MTIPurchase, "00", time.Millisecond)
	all := series{"up": {}}
	for name, family := range page(t, n) {
		all.add(name, family[0])
	}
	return all
}

// page is what a node serves now.
func page(t *testing.T, n *Node) scrape.Page {
	t.Helper()
	served, err := scrape.Ask(t.Context(), "http://"+n.Admin())
	if err != nil {
		t.Fatal(err)
	}
	return served
}

// add enters a metric under the names by which its parts are asked for.
func (s series) add(name string, one scrape.Series) {
	labels := map[string]bool{}
	for l := range one.Labels {
		labels[l] = true
	}
	with := func(extra string) map[string]bool {
		more := map[string]bool{extra: true}
		for l := range labels {
			more[l] = true
		}
		return more
	}
	switch one.Kind {
	case scrape.Distribution:
		s[name+"_bucket"], s[name+"_sum"], s[name+"_count"] = with("le"), labels, labels
	case scrape.Quantiles:
		s[name], s[name+"_sum"], s[name+"_count"] = with("quantile"), labels, labels
	default:
		s[name] = labels
	}
}

// explains reports whether a name in a text for people is served: there a histogram is one name.
func (s series) explains(name string) bool { return s[name] != nil || s[name+"_bucket"] != nil }

// functions and keywords of PromQL that the expressions use; everything else in one is a metric.
var functions = strings.Fields(`abs and or by sum max min count rate increase histogram_quantile offset time`)

var (
	quoted   = regexp.MustCompile(`"(\\.|[^"])*"`)
	grouping = regexp.MustCompile(`\bby \(([^)]*)\)`)
	selector = regexp.MustCompile(`([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^}]*)\}`)
	matcher  = regexp.MustCompile(`([a-zA-Z_]\w*)\s*(=~|!~|!=|=)`)
	bracket  = regexp.MustCompile(`\[[^\]]*\]|\boffset \w+`)
	word     = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*`)
)

// faults lists what is wrong with an expression: a metric that is not served, a label that its metric does not have.
func (s series) faults(expr string) []string {
	var found []string
	bare := bracket.ReplaceAllString(quoted.ReplaceAllString(expr, `""`), "")
	labels := map[string]bool{}
	for _, one := range selector.FindAllStringSubmatch(bare, -1) {
		for _, m := range matcher.FindAllStringSubmatch(one[2], -1) {
			if s[one[1]] != nil && !s[one[1]][m[1]] && !given[m[1]] {
				found = append(found, fmt.Sprintf("%s has no label %s", one[1], m[1]))
			}
		}
	}
	groups := grouping.FindAllStringSubmatch(bare, -1)
	bare = selector.ReplaceAllString(grouping.ReplaceAllString(bare, ""), "$1")
	metrics := 0
	for _, name := range word.FindAllString(bare, -1) {
		if slices.Contains(functions, name) {
			continue
		}
		metrics++
		if s[name] == nil {
			found = append(found, name+" is not served")
		}
		for label := range s[name] {
			labels[label] = true
		}
	}
	for _, group := range groups {
		for _, label := range word.FindAllString(group[1], -1) {
			if !labels[label] && !given[label] {
				found = append(found, "nothing has the label "+label)
			}
		}
	}
	if metrics == 0 {
		found = append(found, "it asks for no metric")
	}
	return found
}

// file reads a file of the repository.
func file(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(root + path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

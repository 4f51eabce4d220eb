package endtoend

import (
	"context"
	"maps"
	"slices"
	"testing"

	"treasury-switch/internal/node"
	"treasury-switch/internal/scrape"
)

// asked are the metrics of the node with an admin address; nil means that none has answered.
func asked(ctx context.Context, admin string) scrape.Page {
	page, err := scrape.Ask(ctx, "http://"+admin)
	if err != nil {
		return nil
	}
	return page
}

// total adds up a metric's series that have all of the words among the values of their labels.
func total(page scrape.Page, metric string, words ...string) (sum float64) {
	for _, one := range page[metric] {
		values := slices.Collect(maps.Values(one.Labels))
		if !slices.ContainsFunc(words, func(word string) bool { return !slices.Contains(values, word) }) {
			sum += one.Value
		}
	}
	return sum
}

// counted is the total of what a node has counted until now.
func counted(t *testing.T, n *node.Node, metric string, words ...string) float64 {
	t.Helper()
	return countedAt(t, n.Admin(), metric, words...)
}

func (r *rig) counted(metric string, words ...string) float64 {
	r.t.Helper()
	return countedAt(r.t, r.admin.Load().(string), metric, words...)
}

func countedAt(t *testing.T, admin, metric string, words ...string) float64 {
	t.Helper()
	page, err := scrape.Ask(t.Context(), "http://"+admin)
	if err != nil {
		t.Fatal(err)
	}
	return total(page, metric, words...)
}

// Package pulse reads the metrics of a running node twice and works out what happened in between, for `treasury-switch
// top`. It reads /metrics and nothing else, so it agrees with the dashboards.
package pulse

import (
	"context"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/scrape"
)

// Sample is the metrics of a node at a moment.
type Sample struct {
	At   time.Time
	page scrape.Page
}

// Ask reads the metrics of the node with that admin address. fault.Unavailable if it does not answer as a switch does.
func Ask(ctx context.Context, address string, now func() time.Time) (*Sample, error) {
	page, err := scrape.Ask(ctx, "http://"+address)
	if err != nil {
		return nil, err
	}
	return of(page, now())
}

// of takes metrics that were read at a moment, if they are those of a switch (fault.Unavailable).
func of(page scrape.Page, at time.Time) (*Sample, error) {
	if len(page["treasury_build_info"]) == 0 {
		return nil, fault.New(fault.Unavailable, "these are not the metrics of a treasury switch")
	}
	return &Sample{At: at, page: page}, nil
}

// where are labels that a series must have.
type where = scrape.Labels

func (s *Sample) value(name string, w where) float64 { return s.page.Sum(name, w) }

package main

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/node"
)

// linksCmd shows what is connected to a running node.
type linksCmd struct {
	Admin adminAddress `env:"TREASURY_ADMIN" default:"127.0.0.1:9464" placeholder:"HOST:PORT" help:"Where the node serves its live state. Default ${default}."`
}

func (linksCmd) Help() string {
	return `Example:
  treasury-switch links
  treasury-switch links --json | jq '.links[] | select(.state != "signed on")'`
}

// Bounds of the question to the running node.
const (
	askLimit   = 5 * time.Second
	replyLimit = 16 << 20
)

func (c *linksCmd) Run(ctx context.Context, a *app) error {
	live, err := askLive(ctx, string(c.Admin))
	if err != nil {
		return err
	}
	if a.globals.JSON {
		return a.printJSON(live)
	}
	a.printLive(live)
	return nil
}

func askLive(ctx context.Context, address string) (node.Live, error) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/links", nil)
	if err != nil {
		return node.Live{}, fault.New(fault.Invalid, "%q is no address such as 127.0.0.1:9464", address)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return node.Live{}, fault.New(fault.Unavailable, "no switch answers on %s (is `treasury-switch serve` running?): %w", address, err)
	}
	defer response.Body.Close()
	var live node.Live
	err = json.NewDecoder(io.LimitReader(response.Body, replyLimit)).Decode(&live)
	if err != nil || response.StatusCode != http.StatusOK {
		return node.Live{}, fault.New(fault.Unavailable, "%s does not answer like a treasury switch (status %d)", address, response.StatusCode)
	}
	return live, nil
}

func (a *app) printLive(live node.Live) {
	a.say("Node %s", live.Node)
	links := grid{headings: []any{"link", "state", "address", "since", "in flight", "sent", "answered", "unanswered", "half within", "99% within", "failures", "last error"},
		numbers: []int{5, 6, 7, 8, 9, 10, 11}}
	for _, l := range live.Links {
		links.add(l.Name, l.State, l.Address, clock(l.Since), l.InFlight, l.Sent, l.Answered, l.Unanswered, span(l.HalfWithin), span(l.MostWithin), l.Failures, l.LastError)
	}
	a.print(links)
	if len(live.Events) > 0 {
		events := grid{headings: []any{"event of the network", "count"}, numbers: []int{2}}
		for _, what := range slices.Sorted(maps.Keys(live.Events)) {
			events.add(what, live.Events[what])
		}
		a.print(events)
	}
	terminals := grid{headings: []any{"connection", "from", "since", "last message", "messages", "in flight"}, numbers: []int{1, 5, 6},
		empty: "No terminal is connected."}
	for _, t := range live.Terminals {
		terminals.add(t.ID, t.Remote, clock(t.Since), clock(t.LastSeen), t.Messages, t.InFlight)
	}
	a.print(terminals)
}

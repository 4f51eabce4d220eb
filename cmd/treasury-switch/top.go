package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"treasury-switch/cmd/treasury-switch/pulse"
	"treasury-switch/internal/await"
	"treasury-switch/internal/fault"
)

// topCmd shows what a running node does, again and again.
type topCmd struct {
	Admin adminAddress  `env:"TREASURY_ADMIN" default:"127.0.0.1:9464" placeholder:"HOST:PORT" help:"Where the node serves its metrics. Default ${default}."`
	Every time.Duration `default:"1s" help:"Time between two views, 100ms at least. Default ${default}."`
	Count int           `default:"0" help:"End after so many views; 0 is until q or INT."`
}

func (topCmd) Help() string {
	return `Each view says what happened since the one before. On a terminal it is drawn anew in place and stays while the node is
away; elsewhere the views follow each other, and with --json each is one line. docs/monitoring.md says what to look at.

Example:
  treasury-switch top
  treasury-switch top --every 10s --count 6 --json | jq '{at, payments_per_second, commit: .groups.commit}'`
}

// shortestView bounds how often a node is asked.
const shortestView = 100 * time.Millisecond

func (c *topCmd) Run(ctx context.Context, a *app) error {
	if c.Every < shortestView || c.Count < 0 {
		return fault.New(fault.Invalid, "--every is %s at least and --count not negative", shortestView)
	}
	before, err := pulse.Ask(ctx, string(c.Admin), a.now)
	if err != nil {
		return err
	}
	s, ctx, err := a.openScreen(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	for shown := 0; (c.Count == 0 || shown < c.Count) && await.Pause(ctx.Done(), c.Every); shown++ {
		after, err := pulse.Ask(ctx, string(c.Admin), a.now)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && (!s.live || a.globals.JSON):
			return err
		case err != nil:
			s.draw(fmt.Sprintf("%s\n\nAsked again every %s; q ends this.\n", err, c.Every))
			continue
		}
		if err := c.show(a, s, pulse.Between(before, after)); err != nil {
			return err
		}
		before = after
	}
	return nil
}

func (c *topCmd) show(a *app, s *screen, r pulse.Report) error {
	if !a.globals.JSON {
		s.draw(view(r, string(c.Admin)))
		return nil
	}
	if err := json.NewEncoder(a.out).Encode(r); err != nil {
		return fault.New(fault.Unavailable, "print the view: %w", err)
	}
	return nil
}

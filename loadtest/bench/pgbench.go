package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

// The yardstick: TPC-B as PostgreSQL's own program runs it, with prepared statements.
const (
	tpcbClients = 16
	tpcbThreads = 2
)

// tpcb is a database with the yardstick's tables.
type tpcb struct {
	program string
	address func() string // it changes with every start of the server
}

// newTPCB makes the tables: a scale has 100,000 accounts.
func newTPCB(ctx context.Context, c *cluster, scale int) (*tpcb, error) {
	program, err := c.server.Program("pgbench")
	if err != nil {
		return nil, err
	}
	if _, err := c.database(ctx, databaseTPCB); err != nil {
		return nil, err
	}
	y := &tpcb{program: program, address: func() string { return c.server.URL(databaseTPCB) }}
	if _, err := y.pgbench(ctx, "-i", "-q", "-s", strconv.Itoa(scale)); err != nil {
		return nil, err
	}
	return y, c.settle(ctx, databaseTPCB)
}

// run returns transactions a second.
func (y *tpcb) run(ctx context.Context, duration time.Duration) (float64, error) {
	out, err := y.pgbench(ctx, "-M", "prepared", "-c", strconv.Itoa(tpcbClients), "-j", strconv.Itoa(tpcbThreads),
		"-T", strconv.Itoa(max(1, int(duration.Seconds()))))
	if err != nil {
		return 0, err
	}
	return parseTPS(out)
}

func (y *tpcb) pgbench(ctx context.Context, arguments ...string) (string, error) {
	cmd := exec.CommandContext(ctx, y.program, append(arguments, y.address())...)
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err != nil {
		return "", fmt.Errorf("pgbench %v: %w\n%s", arguments, err, out)
	}
	return string(out), nil
}

var (
	tpsLine    = regexp.MustCompile(`(?m)^tps = ([0-9.]+) \((?:without initial connection time|excluding connections establishing)\)`)
	failedLine = regexp.MustCompile(`(?m)^number of failed transactions: ([0-9]+)`)
)

// parseTPS reads the rate from what pgbench prints. A run in which transactions failed is none.
func parseTPS(out string) (float64, error) {
	if failed := failedLine.FindStringSubmatch(out); failed != nil && failed[1] != "0" {
		return 0, fmt.Errorf("pgbench: %s transactions failed:\n%s", failed[1], out)
	}
	found := tpsLine.FindStringSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("pgbench did not print its rate:\n%s", out)
	}
	rate, err := strconv.ParseFloat(found[1], 64)
	if err != nil || rate <= 0 {
		return 0, fmt.Errorf("pgbench printed rate %q", found[1])
	}
	return rate, nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"treasury-switch/internal/stage"
)

// maximumP99 is the 99th percentile in milliseconds up to which a rate counts as sustained.
const maximumP99 = 250

// wholeProduct is the switch and the network's twin as processes, on the cluster, with the load generator as a third.
type wholeProduct struct {
	cluster  *cluster
	programs stage.Programs
	folder   string // of keys and logs
	database string
	lanes    int
	stage    *stage.Stage
}

// newWholeProduct makes the switch's database and starts everything.
func newWholeProduct(ctx context.Context, c *cluster, folder string, lanes int) (*wholeProduct, error) {
	programs, err := stage.Beside()
	if err != nil {
		return nil, err
	}
	w := &wholeProduct{cluster: c, programs: programs, folder: folder, database: "bench_switch", lanes: lanes}
	if _, err := c.database(ctx, w.database); err != nil {
		return nil, err
	}
	return w, w.start(ctx)
}

// The simulator remembers as many requests as the longest run makes. All terminals of a load come from one address.
var (
	twinFlags   = []string{"--max=20000000"}
	switchFlags = []string{"--terminal-per-host=4096"}
)

func (w *wholeProduct) start(ctx context.Context) error {
	settings := stage.Settings{Programs: w.programs, Var: w.folder, DatabaseURL: w.cluster.server.URL(w.database), Logs: "bench",
		SwitchFlags: append(switchFlags, "--lanes="+strconv.Itoa(w.lanes)), TwinFlags: twinFlags}
	if err := settings.FreeAddresses(ctx); err != nil {
		return err
	}
	var err error
	if w.stage, err = stage.Start(ctx, settings); err != nil {
		w.stage.Explain(os.Stderr)
		return errors.Join(err, w.stop())
	}
	return nil
}

func (w *wholeProduct) stop() error {
	if w.stage == nil {
		return nil
	}
	err := w.stage.Stop()
	w.stage = nil
	return err
}

// restart takes everything down, restarts the server in another environment, and brings everything up again on the same data.
func (w *wholeProduct) restart(ctx context.Context, environment []string) error {
	if err := w.stop(); err != nil {
		return err
	}
	if err := w.cluster.restart(ctx, environment); err != nil {
		return err
	}
	return w.start(ctx)
}

// loadResult is what is read of the load generator's result.
type loadResult struct {
	Rate    float64 `json:"rate_achieved"`
	Latency struct {
		Purchase struct {
			P50 float64 `json:"p50"`
			P99 float64 `json:"p99"`
		} `json:"purchase"`
	} `json:"latency_ms"`
}

// load runs the load generator against what is up and reads its result.
func (w *wholeProduct) load(ctx context.Context, arguments ...string) (loadResult, error) {
	file := filepath.Join(w.folder, "load.json")
	_ = os.Remove(file) // Of the measurement before.
	s := w.stage.Settings
	cmd := exec.CommandContext(ctx, w.programs.Path("loadtest"), append(arguments, "--to="+s.Terminals,
		"--simulator-control=http://"+s.Faults, "--admin=http://"+s.Admin, "--database-url="+s.DatabaseURL, "--json="+file)...)
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return loadResult{}, context.Cause(ctx)
	}
	if err != nil {
		w.stage.Explain(os.Stderr)
		return loadResult{}, fmt.Errorf("loadtest %v: %w\n%s", arguments, err, out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return loadResult{}, fmt.Errorf("read the result of loadtest: %w", err)
	}
	var r loadResult
	if err := json.Unmarshal(text, &r); err != nil {
		return loadResult{}, fmt.Errorf("read the result of loadtest: %w", err)
	}
	return r, nil
}

// at loads with so many payments a second.
func (w *wholeProduct) at(ctx context.Context, rate float64, duration time.Duration) (loadResult, error) {
	return w.load(ctx, "--rate="+strconv.Itoa(max(1, int(rate))), "--duration="+duration.String())
}

// findMaximum is the highest rate that is sustained with a p99 of maximumP99 at most, found in steps.
func (w *wholeProduct) findMaximum(ctx context.Context, step time.Duration) (float64, error) {
	r, err := w.load(ctx, "--find-max", "--p99="+strconv.Itoa(maximumP99)+"ms", "--step-duration="+step.String())
	return r.Rate, err
}

// alone is one payment at a time: the median from terminal to terminal, and the switch's own share, in milliseconds.
func (w *wholeProduct) alone(ctx context.Context, duration time.Duration) (p50, share float64, err error) {
	before, err := scrape(ctx, w.stage.Settings.Admin)
	if err != nil {
		return 0, 0, err
	}
	r, err := w.at(ctx, idleRate, duration)
	if err != nil {
		return 0, 0, err
	}
	after, err := scrape(ctx, w.stage.Settings.Admin)
	if err != nil {
		return 0, 0, err
	}
	share, err = ownShare(before, after)
	return r.Latency.Purchase.P50, share, err
}

// idleRate is so low that a payment is over before the next one begins.
const idleRate = 5

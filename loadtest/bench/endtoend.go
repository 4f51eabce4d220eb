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

	"treasury-switch/internal/scrape"
	"treasury-switch/internal/stage"
	"treasury-switch/loadtest/report"
)

// maximumP99 is the 99th percentile in milliseconds up to which a rate counts as sustained.
const maximumP99 = 500

// wholeProduct is the switch and the simulated network as processes, on the cluster, with the load generator as a third.
type wholeProduct struct {
	cluster  *cluster
	programs stage.Programs
	folder   string // of keys and logs
	lanes    int
	stage    *stage.Stage
}

// newWholeProduct makes the switch's database and starts everything.
func newWholeProduct(ctx context.Context, c *cluster, folder string, lanes int) (*wholeProduct, error) {
	programs, err := stage.Beside()
	if err != nil {
		return nil, err
	}
	w := &wholeProduct{cluster: c, programs: programs, folder: folder, lanes: lanes}
	if _, err := c.database(ctx, databaseSwitch); err != nil {
		return nil, err
	}
	return w, w.start(ctx)
}

// All terminals of a load come from one address, the simulator must remember every request of the longest run, and
// reversals need not be paced as a real network would want.
var (
	simulatorFlags = []string{"--max=20000000"}
	switchFlags    = []string{"--terminal-per-host=1024", "--forward-rate=1000", "--forward-workers=64"}
)

func (w *wholeProduct) start(ctx context.Context) error {
	settings := stage.Settings{Programs: w.programs, Var: w.folder, DatabaseURL: w.cluster.server.URL(databaseSwitch), Logs: "bench",
		SwitchFlags: append(switchFlags, "--lanes="+strconv.Itoa(w.lanes)), SimulatorFlags: simulatorFlags}
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

// loadResult is the part of the load generator's result that is used.
type loadResult struct {
	report.Result
	held bool // nothing failed, nothing was shed, as much was answered as was asked
}

func (r loadResult) p50() float64 { return r.Latency["purchase"].P50 }
func (r loadResult) p99() float64 { return r.Latency["purchase"].P99 }

// holds reports whether a rate was sustained.
func (r loadResult) holds() bool { return r.held && r.p99() <= maximumP99 }

// notSustained is the load generator's exit code for a load that was too high.
const notSustained = 3

// load runs the load generator against the running switch and reads its result. It does not compare the records:
// `make load` does.
func (w *wholeProduct) load(ctx context.Context, arguments ...string) (loadResult, error) {
	file := filepath.Join(w.folder, "load.json")
	_ = os.Remove(file) // From the measurement before.
	s := w.stage
	cmd := exec.CommandContext(ctx, w.programs.Path("loadtest"), append(arguments, "--mix=plain", "--no-check", "--html=", "--json="+file,
		"--to="+s.Terminals, "--simulator-control=http://"+s.Faults, "--admin=http://"+s.Admin, "--database-url="+s.DatabaseURL,
		"--switch-pid="+strconv.Itoa(s.Switch.PID()), "--simulator-pid="+strconv.Itoa(s.Simulator.PID()))...)
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return loadResult{}, context.Cause(ctx)
	}
	var ended *exec.ExitError
	if err != nil && !(errors.As(err, &ended) && ended.ExitCode() == notSustained) {
		s.Explain(os.Stderr)
		return loadResult{}, fmt.Errorf("loadtest %v: %w\n%s", arguments, err, out)
	}
	r := loadResult{held: err == nil}
	text, err := os.ReadFile(file)
	if err != nil {
		return r, fmt.Errorf("read the result of loadtest: %w", err)
	}
	if err := json.Unmarshal(text, &r.Result); err != nil {
		return r, fmt.Errorf("read the result of loadtest: %w", err)
	}
	return r, nil
}

// at loads at a fixed rate, in payments a second.
func (w *wholeProduct) at(ctx context.Context, rate float64, duration time.Duration) (loadResult, error) {
	return w.load(ctx, "--rate="+strconv.FormatFloat(max(1, rate), 'f', 1, 64), "--duration="+duration.String())
}

// maximum is the highest rate sustained with a p99 of at most maximumP99.
func (w *wholeProduct) maximum(ctx context.Context, from float64, step time.Duration, say func(string, ...any)) (float64, error) {
	r, err := w.load(ctx, "--find-max", "--p99="+strconv.Itoa(maximumP99)+"ms", "--step-duration="+step.String(), "--ramp-up="+(step/3).String(), "--ramp-down=0s",
		"--find-from="+strconv.FormatFloat(from, 'f', 0, 64))
	if err != nil {
		return 0, err
	}
	if r.FindMax == nil {
		return 0, fmt.Errorf("loadtest says nothing of the rate that it was to find")
	}
	for _, tried := range r.FindMax.Steps {
		say("end to end: %s", tried)
	}
	if r.FindMax.Rate == 0 {
		return 0, fmt.Errorf("no rate is sustained with a p99 of %d ms", maximumP99)
	}
	return r.FindMax.Rate, nil
}

// sustain runs at a rate, and at lower ones until one holds; that is the rate from then on.
func (w *wholeProduct) sustain(ctx context.Context, rate *float64, duration time.Duration, until time.Time, say func(string, ...any)) (loadResult, error) {
	for try := 1; ; try++ {
		r, err := w.at(ctx, *rate, duration)
		if err != nil || r.holds() || try == sustainTries || time.Now().After(until) {
			return r, err
		}
		say("end to end: %s payments/s did not hold for %s (p99 %s ms, errors %v, shed %d)", figure(*rate), duration, figure(r.p99()), r.Errors, r.Shed)
		*rate *= retreat
	}
}

// sustainTries bounds the tries; the last one counts in any case. No retry begins later than retryFor (longRetryFor in
// a long run) after the start, so that `make bench` ends within 40 minutes even on a machine that keeps slowing down.
const (
	sustainTries = 3
	retreat      = 0.93
	retryFor     = 30 * time.Minute
	longRetryFor = 3 * time.Hour
)

// alone measures one payment at a time: the median from terminal to terminal, and the switch's own share, in milliseconds.
func (w *wholeProduct) alone(ctx context.Context, duration time.Duration) (p50, share float64, err error) {
	before, err := scrape.Ask(ctx, "http://"+w.stage.Admin)
	if err != nil {
		return 0, 0, err
	}
	r, err := w.load(ctx, "--rate="+strconv.Itoa(idleRate), "--duration="+duration.String(), "--ramp-up=0s", "--ramp-down=0s")
	if err != nil {
		return 0, 0, err
	}
	after, err := scrape.Ask(ctx, "http://"+w.stage.Admin)
	if err != nil {
		return 0, 0, err
	}
	share, err = ownShare(before, after)
	return r.p50(), share, err
}

// idleRate is low enough that each payment ends before the next begins.
const idleRate = 5

// Command shetab-simulator runs the simulated card network for development, tests
// and demonstrations. It is not part of the product's binary.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"treasury-switch/calendar"
	"treasury-switch/simulator"
)

// options are the flags. Their limits are those of simulator.Config.
type options struct {
	Listen  string        `default:"${address}" help:"Address switches connect to; port 0 takes a free one."`
	Control string        `default:"${control}" help:"Address of the HTTP control port."`
	Seed    uint64        `default:"1" help:"Seed of the choice of faults."`
	Late    time.Duration `default:"${late}" help:"How long the card that answers late is silent; set it above the switch's timer."`
	Stale   time.Duration `default:"${stale}" help:"Purchases whose F7 is further from the clock than this are declined 12."`
	Day     string        `placeholder:"DAY" help:"Business day to begin with, 2026-11-21 or 1405-08-30; today in Tehran if absent."`
	Max     int           `default:"${max}" help:"Requests remembered; live debits are never forgotten."`
}

// description is shown by --help.
const description = `A simulated Shetab card network: sandbox cards, a ledger of its own, faults on demand.

Example:
  shetab-simulator --late 40s --seed 7
  curl -d '{"drop":5,"duplicate":5}' http://127.0.0.1:8601/faults
  curl -X POST http://127.0.0.1:8601/cutover
  curl http://127.0.0.1:8601/ledger

The cards and the faults are described in docs/sandbox.md.

Exit codes: 0 it ended as asked, 1 it could not start or end, 2 the flags make no sense.`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run runs the simulator until ctx ends and returns the exit code: 0 when it ended
// as asked, 1 when it could not start or end, 2 for bad flags.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var opts options
	exit := -1
	parser, err := kong.New(&opts, kong.Name("shetab-simulator"), kong.Description(description),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exit = code }), kong.Vars{
			"address": simulator.DefaultAddress, "control": simulator.DefaultControlAddress,
			"late": simulator.DefaultLate.String(), "stale": simulator.DefaultStale.String(),
			"max": fmt.Sprint(simulator.DefaultMaxRequests),
		})
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	_, err = parser.Parse(args)
	if exit >= 0 {
		return exit // --help was shown.
	}
	if err != nil {
		fmt.Fprintf(stderr, "shetab-simulator: %v (see --help)\n", err)
		return 2
	}
	config, err := opts.config(stderr)
	if err != nil {
		fmt.Fprintf(stderr, "shetab-simulator: --day: %v\n", err)
		return 2
	}
	return serve(ctx, config)
}

// config turns the flags into the simulator's settings.
func (o options) config(stderr io.Writer) (simulator.Config, error) {
	config := simulator.Config{
		Address: o.Listen, ControlAddress: o.Control, Seed: o.Seed, Late: o.Late, Stale: o.Stale, MaxRequests: o.Max,
		Logger: slog.New(slog.NewJSONHandler(stderr, nil)),
	}
	if o.Day == "" {
		return config, nil
	}
	var err error
	config.Day, err = calendar.ParseDay(o.Day)
	return config, err
}

// serve runs a simulator until ctx ends.
func serve(ctx context.Context, config simulator.Config) int {
	sim := simulator.New(config)
	if err := sim.Start(ctx); err != nil {
		config.Logger.Error("the simulator cannot start", "error", err.Error())
		return 1
	}
	<-ctx.Done()
	if err := sim.Close(); err != nil {
		config.Logger.Error("the simulator did not end cleanly", "error", err.Error())
		return 1
	}
	totals := sim.Totals()
	config.Logger.Info("shetab simulator ended", "debited", totals.Debited, "reversed", totals.Reversed,
		"declined", totals.Declined)
	return 0
}

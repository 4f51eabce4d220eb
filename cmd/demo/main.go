// Command demo is the one-command tour: it starts a private PostgreSQL, the simulated card network and the switch as real
// processes, drives the switch over TCP as terminals do, kills it in the middle of a load, and then compares all records
// with each other. It exits 0 only if all of them agree.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// Exit codes.
const (
	exitHolds       = 0
	exitBroken      = 1   // something is not as it must be
	exitNotStarted  = 2   // it could not be started
	exitMisused     = 64  // a flag makes no sense
	exitInterrupted = 130 // by a signal, before the end of the tour
)

// options are the settings; those of the switch have its names.
type options struct {
	Keep        bool   `help:"Stay up after the tour, until INT or TERM."`
	Var         string `env:"TREASURY_VAR" default:"./var" placeholder:"FOLDER" help:"Folder of the private PostgreSQL, the master key and the logs. Default ${default}."`
	DatabaseURL string `name:"database-url" env:"DATABASE_URL" placeholder:"URL" help:"Use this database instead of a private PostgreSQL."`
	Terminals   string `env:"TREASURY_TERMINALS" default:"127.0.0.1:8583" placeholder:"HOST:PORT" help:"Where the switch serves terminals. Default ${default}."`
	Network     string `env:"TREASURY_NETWORK" default:"127.0.0.1:8600" placeholder:"HOST:PORT" help:"Where the simulator serves the switch. Default ${default}."`
	Faults      string `env:"TREASURY_FAULTS" default:"127.0.0.1:8601" placeholder:"HOST:PORT" help:"Where the simulator takes faults and shows its ledger. Default ${default}."`
	HTTP        string `name:"http" env:"TREASURY_HTTP" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where the switch serves HTTP. Default ${default}."`
	Admin       string `env:"TREASURY_ADMIN" default:"127.0.0.1:9464" placeholder:"HOST:PORT" help:"Where the switch serves metrics and health. Default ${default}."`
	Purchases   int    `default:"600" help:"Purchases of the load, 50 to 10000. Default ${default}."`
	Connections int    `default:"16" help:"Connections of the load, 1 to 16. Default ${default}."`
	Seed        uint64 `help:"Seed of the load; random without it."`
}

// description is shown by --help.
const description = `The tour: every sandbox card, a crash of the switch and its recovery.

Example:
  demo --keep
  demo --purchases 2000 --seed 7

Exit codes: 0 everything was as it must be, 1 something was not, 2 it could not be started, 64 the flags make no sense, 130 it was
interrupted.`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the demo at once. Its children are then told by the kernel, and the switch stops PostgreSQL.
	context.AfterFunc(ctx, stop)
	var o options
	kong.Parse(&o, kong.Name("demo"), kong.Description(description), kong.Exit(func(code int) {
		if code != 0 { // 0 after --help
			code = exitMisused
		}
		os.Exit(code)
	}))
	os.Exit(run(ctx, o))
}

// run starts everything, gives the tour, takes everything down again, and returns the exit code.
func run(ctx context.Context, o options) int {
	began := time.Now()
	if o.Purchases < 50 || o.Purchases > 10_000 || o.Connections < 1 || o.Connections > maxConnections {
		return report(errors.New("--purchases is 50 to 10000, --connections 1 to 16"), exitMisused)
	}
	code := exitNotStarted
	s, err := start(ctx, o)
	if err == nil {
		code, err = show(ctx, s, began)
	}
	if err != nil {
		code = report(err, code)
		if ctx.Err() == nil {
			s.Explain(os.Stderr)
		}
	}
	if err := s.Stop(); err != nil {
		code = report(err, max(code, exitBroken))
	}
	return code
}

// report tells an error; one that a signal has caused is none.
func report(err error, code int) int {
	if errors.Is(err, context.Canceled) {
		fmt.Println("\nInterrupted.")
		return exitInterrupted
	}
	fmt.Fprintf(os.Stderr, "demo: %v\n", err)
	return code
}

// show is the tour from its first message to the verdict, and the stay after it.
func show(ctx context.Context, s *scene, began time.Time) (int, error) {
	t, err := newTour(ctx, s)
	if err != nil {
		return exitNotStarted, err
	}
	if err := t.walk(ctx); err != nil {
		return exitBroken, err
	}
	err = t.load(ctx)
	if err != nil {
		return exitBroken, err
	}
	holds, err := t.judge(ctx, &t.told)
	if err != nil {
		return exitBroken, err
	}
	code, verdict := exitHolds, "All of it holds: no money was lost, and none was doubled."
	if !holds || t.failed > 0 {
		code, verdict = exitBroken, fmt.Sprintf("NOT ALL OF IT HOLDS: %d steps of the tour and the tables above say where.", t.failed)
	}
	fmt.Printf("\n%s (%s)\n", verdict, time.Since(began).Round(time.Second))
	if s.options.Keep {
		s.keep(ctx)
	}
	return code, nil
}

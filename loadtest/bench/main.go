// Command bench measures the product against PostgreSQL's own benchmark and against the limit that PostgreSQL sets, all in
// one run on one private server with fsync on, and compares the ratios with their targets.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// Exit codes.
const (
	exitRan         = 0
	exitMissed      = 1  // with --strict: a figure is not what it must be
	exitFailed      = 2  // it could not be measured
	exitMisused     = 64 // the command line makes no sense (EX_USAGE of sysexits.h)
	exitInterrupted = 130
)

// options are the flags.
type options struct {
	Quick   bool     `help:"The same steps in two minutes, to see that they work; the figures say nothing."`
	Only    []string `enum:"fsync,codec,tpcb,copy,ledger,end-to-end,slow-disk,history,heap,overload" placeholder:"STEP,..." help:"Only these steps: fsync, codec, tpcb, copy, ledger, end-to-end, slow-disk; with --long history, heap, overload."`
	JSON    string   `name:"json" placeholder:"FILE" help:"Where the result is written; out/bench.json or, with --long, out/bench-long.json without it."`
	Long    bool     `help:"Instead of the above: the rate with a history, the heap over ten minutes, overload."`
	History int      `default:"10000000" placeholder:"N" help:"With --long: payments of the history, 1.5 kB each. Default ${default}."`
	Strict  bool     `help:"End with exit code 1 if a figure is not what it must be."`
	Lanes   int      `default:"1" help:"Recorders of the switch. Default ${default}."`
	Set     []string `placeholder:"NAME=VALUE" sep:"none" help:"Settings of PostgreSQL instead of the private server's own, to see what they bring; what makes it durable cannot be switched off."`
	Var     string   `default:"./var/bench" placeholder:"FOLDER" help:"Folder of the private PostgreSQL, removed at the end. Default ${default}."`
	Leave   bool     `name:"leave-kernel" help:"Leave the kernel's vm.dirty_background_bytes as it is; otherwise it is set for the time of the run, where that is allowed."`
	Keep    bool     `help:"Keep the data at the end."`
}

const description = `Measures the switch on this machine, beside PostgreSQL's own benchmark, on one private PostgreSQL with fsync on.

Exit codes: 0 it ran, 1 with --strict: a figure is not what it must be, 2 it could not be measured, 64 bad
flags, 130 interrupted.

Example:
  bench
  bench --quick
  bench --only tpcb,ledger --set shared_buffers=1GB --set wal_compression=off
  bench --long --history 1000000
  bench --long --only overload
  bench --only tpcb,ledger --json /tmp/ledger.json

docs/performance.md says what each line means.`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var o options
	parser := kong.Must(&o, kong.Name("bench"), kong.Description(description))
	if _, err := parser.Parse(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v (see --help)\n", err)
		os.Exit(exitMisused)
	}
	code, err := measure(ctx, o)
	interrupted := ctx.Err() != nil
	stop()
	if err != nil && interrupted {
		fmt.Fprintln(os.Stderr, "Interrupted.")
		os.Exit(exitInterrupted)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
	}
	os.Exit(code)
}

// measure is one run from its start to the table.
func measure(ctx context.Context, o options) (code int, err error) {
	began := time.Now()
	b := &bench{pace: fullPace, only: o.Only, lanes: o.Lanes, settings: o.Set, retryUntil: began.Add(retryFor),
		result: result{Began: began, Quick: o.Quick}, say: func(format string, arguments ...any) {
			fmt.Printf("%6s  %s\n", time.Since(began).Round(time.Second), fmt.Sprintf(format, arguments...))
		}}
	if o.Long {
		b.only, b.longOnly, b.retryUntil = []string{stepEndToEnd}, o.Only, began.Add(longRetryFor)
	}
	if o.Quick {
		b.pace = quickPace
	}
	if b.folder, err = filepath.Abs(o.Var); err != nil {
		return exitFailed, fmt.Errorf("find the folder of the measurements: %w", err)
	}
	if !o.Leave {
		restore := runningKernel.smooth(b.say)
		defer func() { err = errors.Join(err, restore()) }()
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	defer func() {
		if closed := b.close(o.Keep); closed != nil && err == nil {
			code, err = exitFailed, closed
		}
	}()
	if err := b.open(ctx, log); err != nil {
		return exitFailed, err
	}
	if o.Long {
		r, err := b.long(ctx, o.History)
		if err != nil {
			return exitFailed, err
		}
		r.Took = time.Since(began).Seconds()
		return finish(o, "out/bench-long.json", r, r.Verdicts)
	}
	if err := b.run(ctx); err != nil {
		return exitFailed, err
	}
	b.result.Took = time.Since(began).Seconds()
	b.result.summarise()
	return finish(o, "out/bench.json", &b.result, b.result.Verdicts)
}

// finish writes and prints the result.
func finish(o options, file string, r interface{ print(io.Writer) }, verdicts []verdict) (int, error) {
	if o.JSON != "" {
		file = o.JSON
	}
	if err := write(file, r); err != nil {
		return exitFailed, err
	}
	r.print(os.Stdout)
	fmt.Printf("All of it is in %s.\n", file)
	if o.Strict && missed(verdicts) {
		return exitMissed, nil
	}
	return exitRan, nil
}

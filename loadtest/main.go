// Command loadtest drives the switch with an open-loop load of many terminals, measures it and everything around it, and
// compares all records afterwards. See docs/loadtest.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit codes.
const (
	exitHolds        = 0
	exitBroken       = 1 // an invariant is broken, or the records contradict each other
	exitNotStarted   = 2
	exitNotSustained = 3  // errors, shed payments, or fewer answers than were asked for
	exitMisused      = 64 // the command line makes no sense (EX_USAGE of sysexits.h)
	exitInterrupted  = 130
)

// description is shown by --help.
const description = `Drives the switch with a constant arrival rate of payments and reports what it can carry.

Without --to it starts a private PostgreSQL, the simulator and the switch by itself, on free ports and in a temporary folder.

Example:
  loadtest --rate 2000 --duration 60s --terminals 500
  loadtest --find-max --p99 100ms
  loadtest --overload --rate 1500 --duration 60s
  loadtest --soak --kill-every 20s --duration 5m --timers short

Exit codes: 0 all holds, 1 an invariant is broken, 2 it could not be started, 3 the load was not sustained, 64 bad flags.`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends everything at once; the kernel then tells the children.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run reads the flags, does the test, and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	exit := -1
	parser, err := kong.New(&o, kong.Name("loadtest"), kong.Description(description), kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exit = code }))
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitNotStarted
	}
	_, err = parser.Parse(args)
	if exit >= 0 {
		return exit // --help was shown.
	}
	if err == nil {
		err = o.check()
	}
	if err != nil {
		fmt.Fprintf(stderr, "loadtest: %v (see --help)\n", err)
		return exitMisused
	}
	out := stdout
	if o.JSON == "-" {
		out = stderr
	}
	return test(ctx, o, stdout, out, stderr)
}

// test runs the load test and returns its exit code.
func test(ctx context.Context, o options, stdout, out, stderr io.Writer) int {
	s := &session{options: o, out: out}
	tell := func(err error, code int) int {
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			fmt.Fprintln(out, "Interrupted.")
			return exitInterrupted
		}
		fmt.Fprintf(stderr, "loadtest: %v\n", err)
		return code
	}
	var err error
	code := exitNotStarted
	if s.system, err = open(ctx, o, s.say); err == nil {
		err = s.run(ctx)
		code = s.result.Exit
	}
	if err != nil {
		code = tell(err, code)
		if s.system.stage != nil && ctx.Err() == nil {
			s.system.stage.Explain(stderr)
		}
	} else if err := s.write(stdout); err != nil {
		code = tell(err, exitNotStarted)
	}
	if err := s.system.Close(); err != nil {
		code = max(code, tell(err, exitBroken))
	}
	return code
}

// Command torture plays everything that has ever gone wrong between several nodes, their database, the card network and the
// terminals, with real processes, and then a seeded mix of it. A scenario is judged by what the terminals
// were told. See docs/torture.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// Exit codes.
const (
	exitHolds       = 0
	exitBroken      = 1 // somebody was told what is not so, or something that must work did not
	exitNotStarted  = 2
	exitMisused     = 64 // the command line makes no sense (EX_USAGE of sysexits.h)
	exitInterrupted = 130
)

// description is shown by --help.
const description = `Starts one private PostgreSQL and, for each scenario, a database on it, the simulated card network and three switch
processes that reach the database through relays of their own. Terminals pay, repeat, inquire and reverse at all of them
while the scenario stops processes, stalls and cuts connections, sets clocks wrong. When everything is well again and has
settled, what every terminal was told must agree with where the money is.

Every scenario is played once; then a mix of all faults, drawn from the seed, until the duration ends.

Example:
  torture
  torture --scenario told-by-another-node
  torture --duration 30m --seed 4711
  torture --scenario mix --seed 4711 --actions 12,13,17

Exit codes: 0 all holds, 1 something was told that is not so, 2 it could not be started, 64 bad flags.`

// options are the flags.
type options struct {
	Duration time.Duration `default:"2m" help:"How long it takes in all; the mix has what the scenarios leave, and half a minute at least. Default ${default}."`
	Seed     uint64        `help:"Seed of everything that is drawn; random without it."`
	Scenario string        `placeholder:"NAME" help:"Play this scenario alone (see --list)."`
	Actions  []int         `placeholder:"N,..." help:"With --scenario mix: of the actions that the seed draws, only these."`
	Shrink   bool          `help:"Where the mix fails: leave out one action after the other as long as it still fails. Takes minutes."`
	List     bool          `help:"List the scenarios and what each of them does."`
	Parallel int           `default:"3" help:"Scenarios at once, 1 to 8. Default ${default}."`
	Quiet    time.Duration `default:"30s" help:"How long everything may take to settle when the faults are over. Default ${default}."`
	Var      string        `placeholder:"FOLDER" help:"Folder of the private PostgreSQL, keys and logs; a temporary one, removed where all holds, without it."`
	Switch   string        `placeholder:"FILE" help:"The switch to torture instead of the one beside this program, with --wrong-clock."`
	Wrong    string        `name:"wrong-clock" placeholder:"FILE" help:"The same switch built with a clock that can be set, instead of building it."`
}

// check refuses what makes no sense.
func (o *options) check() error {
	switch {
	case o.Duration < time.Second || o.Duration > 24*time.Hour:
		return errors.New("--duration is 1s to 24h")
	case o.Parallel < 1 || o.Parallel > 8:
		return errors.New("--parallel is 1 to 8")
	case o.Quiet < time.Second || o.Quiet > 10*time.Minute:
		return errors.New("--quiet is 1s to 10m")
	case (o.Switch == "") != (o.Wrong == ""):
		return errors.New("--switch and --wrong-clock go together")
	case len(o.Actions) > 0 && o.Scenario != mixName:
		return errors.New("--actions needs --scenario " + mixName)
	case o.Scenario != "" && o.Scenario != mixName && find(o.Scenario) == nil:
		return fmt.Errorf("there is no scenario %q: see --list", o.Scenario)
	}
	return nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends everything at once; the kernel then tells the children.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run reads the flags, plays, and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	exit := -1
	parser, err := kong.New(&o, kong.Name("torture"), kong.Description(description), kong.Writers(stdout, stderr),
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
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "torture: %v (see --help)\n", err)
		return exitMisused
	case o.List:
		list(stdout)
		return exitHolds
	}
	t := &torture{options: o, out: stdout, began: time.Now()}
	code, err := t.play(ctx)
	if ctx.Err() != nil {
		fmt.Fprintln(stdout, "Interrupted.")
		return exitInterrupted
	}
	if err != nil {
		fmt.Fprintf(stderr, "torture: %v\n", err)
	}
	return code
}

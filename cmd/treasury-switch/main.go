// Command treasury-switch is the payment switch between ISO 8583 terminals and the Shetab card network, and the tool with
// which its operators look after it. docs/operations.md describes every command, setting and exit code.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// version is what the binary calls itself; a release sets it with -ldflags "-X main.version=1.0.0".
var version = "development"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the program at once, for a person who does not want to wait.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// ended carries the exit code of --help and --version out of the parser.
type ended int

// run parses the arguments, runs the command they name, and returns the exit code.
func run(ctx context.Context, args []string, s streams) (code int) {
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case ended:
			code = int(cause)
		default:
			panic(cause)
		}
	}()
	var root commands
	parser, err := newParser(&root, s)
	if err != nil {
		return fail(s.err, err)
	}
	chosen, err := parser.Parse(args)
	if err != nil {
		return misused(s.err, err)
	}
	a := root.Globals.app(s)
	chosen.BindTo(ctx, (*context.Context)(nil))
	chosen.Bind(a)
	bind(chosen)
	return fail(s.err, chosen.Run())
}

// newParser makes the parser of the command line. It never ends the process itself.
func newParser(root *commands, s streams) (*kong.Kong, error) {
	parser, err := kong.New(root,
		kong.Name("treasury-switch"),
		kong.Description("The payment switch between terminals and the Shetab card network. Settings can be given as flags "+
			"or in the environment; docs/operations.md has the table of them and of the exit codes."),
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { panic(ended(code)) }),
		kong.Help(printHelp),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: false, WrapUpperBound: 110}),
		kong.Vars{"version": version},
	)
	if err != nil {
		return nil, err
	}
	nameExamples(parser.Model.Leaves(false))
	return parser, nil
}

// app is what every command works with.
type app struct {
	streams
	globals *globals
	now     func() time.Time
}

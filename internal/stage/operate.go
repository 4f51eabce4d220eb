package stage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// Operate runs a command of the switch on the stage's database, with its output written to out. It reports whether the
// command found all well: false is its exit code 1, of which it has told the reason; every other failure is an error.
func (s *Stage) Operate(ctx context.Context, out io.Writer, arguments ...string) (bool, error) {
	return s.Programs.Operate(ctx, out, s.Var, s.DatabaseURL, arguments...)
}

// Operate runs a command of the switch on the database of a folder, or on the one at an address.
func (p Programs) Operate(ctx context.Context, out io.Writer, folder, address string, arguments ...string) (bool, error) {
	name := arguments[0]
	if address != "" {
		arguments = append(arguments, "--database-url="+address)
	}
	if folder != "" {
		arguments = append(arguments, "--var="+folder)
	}
	cmd := exec.CommandContext(ctx, p.Path(theSwitch), arguments...)
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	err := cmd.Run()
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.ExitCode() == 1 {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("treasury-switch %s: %w", name, cmp.Or(context.Cause(ctx), err))
	}
	return true, nil
}

package stage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Programs is the folder of the product's commands.
type Programs struct{ folder string }

// Beside finds the commands that were built beside the running program.
func Beside() (Programs, error) {
	self, err := os.Executable()
	if err != nil {
		return Programs{}, fmt.Errorf("find the programs beside this one: %w", err)
	}
	p := Programs{folder: filepath.Dir(self)}
	return p, p.complete()
}

// complete is an error that names a missing command, if any.
func (p Programs) complete() error {
	for _, name := range children {
		if _, err := os.Stat(p.Path(name)); err != nil {
			return fmt.Errorf("%s is not built: run `make build`", p.Path(name))
		}
	}
	return nil
}

// Find finds the commands beside the running program, else in ./bin, else builds them into a folder, which go run needs.
func Find(ctx context.Context, folder string) (Programs, error) {
	if p, err := Beside(); err == nil {
		return p, nil
	}
	if p := (Programs{folder: "bin"}); p.complete() == nil {
		return p, nil
	}
	p := Programs{folder: folder}
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", folder+string(filepath.Separator), "treasury-switch/cmd/...")
	if out, err := cmd.CombinedOutput(); err != nil {
		return p, fmt.Errorf("build the programs: %w", errors.Join(err, errors.New(strings.TrimSpace(string(out)))))
	}
	return p, p.complete()
}

// Path is the path of a command.
func (p Programs) Path(name string) string {
	path := filepath.Join(p.folder, name)
	if !strings.ContainsRune(path, filepath.Separator) {
		return "." + string(filepath.Separator) + path // Without the dot it would be looked up in PATH.
	}
	return path
}

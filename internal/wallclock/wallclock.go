// Package wallclock builds programs whose wall clock can be set apart from the machine's, so that a node with a wrong clock can
// run beside others. What measures durations is not touched: timers, deadlines and time.Since stay right.
package wallclock

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// variable is the environment's name for the seconds by which a program's wall clock is ahead.
const variable = "WALL_CLOCK_AHEAD"

// Setting is what a program built by Build is to find in its environment to be ahead by d, in whole seconds; negative is behind.
func Setting(d time.Duration) string {
	return variable + "=" + strconv.FormatInt(int64(d/time.Second), 10)
}

// Build builds a package of the main module with Go's tools into a file. In place of the standard library's time.Now the program
// gets one that adds what the environment says. The first build takes a minute, since all packages are built anew; the build
// cache keeps them.
func Build(ctx context.Context, pkg, file string) error {
	folder, err := os.MkdirTemp("", "wallclock-")
	if err != nil {
		return fmt.Errorf("build with another clock: %w", err)
	}
	defer os.RemoveAll(folder)
	overlay, err := overlay(ctx, folder)
	if err != nil {
		return fmt.Errorf("build with another clock: %w", err)
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-overlay="+overlay, "-o", file, pkg)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s with another clock: %w", pkg, errors.Join(err, errors.New(strings.TrimSpace(string(out)))))
	}
	return nil
}

// overlay writes the changed file and the list that puts it in the place of the standard library's (go help build).
func overlay(ctx context.Context, folder string) (string, error) {
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", err
	}
	original := filepath.Join(strings.TrimSpace(string(root)), "src", "time", "time.go")
	text, err := os.ReadFile(original)
	if err != nil {
		return "", err
	}
	changed, err := shift(string(text))
	if err != nil {
		return "", fmt.Errorf("%s: %w", original, err)
	}
	copied, list := filepath.Join(folder, "time.go"), filepath.Join(folder, "overlay.json")
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {original: copied}})
	if err != nil {
		return "", err
	}
	return list, errors.Join(os.WriteFile(copied, []byte(changed), 0o600), os.WriteFile(list, replace, 0o600))
}

// The place in the standard library where a program learns the time, and what is put there. Package time is below os, so the
// environment is read by syscall, and the number by hand.
const (
	reading = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n"
	imports = "import (\n"
	adding  = "\tsec += wallClockAhead\n"
	parsing = `
// wallClockAhead is by how many seconds the wall clock of this program is ahead.
var wallClockAhead = func() (ahead int64) {
	text, _ := syscall.Getenv("` + variable + `")
	behind := len(text) > 0 && text[0] == '-'
	for i := range len(text) {
		if text[i] >= '0' && text[i] <= '9' {
			ahead = ahead*10 + int64(text[i]-'0')
		}
	}
	if behind {
		return -ahead
	}
	return ahead
}()
`
)

// shift changes the text of package time. A release of Go that reads its clock elsewhere is refused.
func shift(text string) (string, error) {
	if strings.Count(text, reading) != 1 || !strings.Contains(text, imports) {
		return "", errors.New("this release of Go reads its clock in another way: change package wallclock")
	}
	text = strings.Replace(text, imports, imports+"\t\"syscall\"\n", 1)
	return strings.Replace(text, reading, reading+adding, 1) + parsing, nil
}

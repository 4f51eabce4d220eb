package endtoend

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// exitCodes is the part of a help that lists them.
var exitCodes = regexp.MustCompile(`(?s)Exit codes: (.*?)\.\s*(\n\n|$)`)

// TestEveryProgramExplainsItself: the help of every program shows an example that begins with its name, and the exit codes, among them the
// one that it ends with where it is misused. Those of the product's commands are walked by a test of their own.
func TestEveryProgramExplainsItself(t *testing.T) {
	folder := filepath.Dir(program(t, "treasury-switch"))
	programs, err := os.ReadDir(folder)
	if err != nil || len(programs) < 6 {
		t.Fatalf("%d programs: %v", len(programs), err)
	}
	for _, p := range programs {
		t.Run(p.Name(), func(t *testing.T) {
			help, err := exec.Command(filepath.Join(folder, p.Name()), "--help").Output()
			if err != nil {
				t.Fatal(err)
			}
			if _, example, found := strings.Cut(string(help), "Example"); !found || !strings.Contains(example, "  "+p.Name()) {
				t.Errorf("no example: %s", help)
			}
			listed := exitCodes.FindSubmatch(help)
			if listed == nil {
				t.Fatalf("no exit codes: %s", help)
			}
			var ended *exec.ExitError
			if err := exec.Command(filepath.Join(folder, p.Name()), "--no-such-flag").Run(); !errors.As(err, &ended) {
				t.Fatalf("misused: %v", err)
			}
			if code := strconv.Itoa(ended.ExitCode()); !regexp.MustCompile(`\b` + code + `\s`).Match(listed[1]) {
				t.Errorf("misused it ends with %s, which is not among %s", code, listed[1])
			}
		})
	}
}

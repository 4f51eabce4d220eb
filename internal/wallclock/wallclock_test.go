package wallclock

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAProgramIsAhead builds a small program, and runs it with several clocks.
func TestAProgramIsAhead(t *testing.T) {
	program := filepath.Join(t.TempDir(), "clock")
	if err := Build(t.Context(), "treasury-switch/internal/wallclock/testdata/clock", program); err != nil {
		t.Fatal(err)
	}
	for _, ahead := range []time.Duration{0, 45 * time.Second, 365 * 24 * time.Hour, -72 * time.Hour} {
		cmd := exec.CommandContext(t.Context(), program)
		cmd.Env = append(cmd.Environ(), Setting(ahead))
		before := time.Now()
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		now, elapsed, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
		told, err := time.Parse(time.RFC3339Nano, now)
		if err != nil {
			t.Fatal(err)
		}
		if off := told.Sub(before) - ahead; off < -time.Second || off > 30*time.Second {
			t.Errorf("a clock that is to be ahead by %s is off by %s", ahead, off)
		}
		if took, err := time.ParseDuration(elapsed); err != nil || took < time.Millisecond || took > 10*time.Second {
			t.Errorf("ahead by %s, a millisecond takes %s: %v", ahead, elapsed, err)
		}
	}
}

// TestAnotherReleaseIsRefused says so where the standard library is not as expected.
func TestAnotherReleaseIsRefused(t *testing.T) {
	if _, err := shift("package time\n\nfunc Now() Time { return clock() }\n"); err == nil {
		t.Error("a package time that is read in another way was changed")
	}
}

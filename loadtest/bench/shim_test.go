package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestSlowdiskDelaysTheLogOnly: a flush of a file in pg_wal takes longer, one of another file does not.
func TestSlowdiskDelaysTheLogOnly(t *testing.T) {
	library, err := buildSlowdisk(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const delay = time.Second
	for _, c := range []struct {
		folder string
		slow   bool
	}{{"pg_wal", true}, {"base", false}} {
		folder := filepath.Join(t.TempDir(), c.folder)
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), "dd", "if=/dev/zero", "of="+filepath.Join(folder, "file"), "bs=8k", "count=1", "conv=fdatasync")
		cmd.Env = slowdiskEnvironment(library, delay)
		began := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("dd: %v\n%s", err, out)
		}
		if took := time.Since(began); took >= delay != c.slow {
			t.Errorf("a flush in %s took %s", c.folder, took)
		}
	}
}

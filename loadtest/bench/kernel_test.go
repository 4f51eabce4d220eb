package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// kernelOf is a kernel with settings of its own.
func kernelOf(t *testing.T, limit, ratio string) kernel {
	k := kernel(t.TempDir())
	for name, value := range map[string]string{keptLimit: limit, keptRatio: ratio} {
		if err := os.MkdirAll(filepath.Dir(k.file(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(k.file(name), []byte(value+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

func TestKernelWritesSteadilyForTheRun(t *testing.T) {
	k := kernelOf(t, "0", "10")
	restore := k.smooth(t.Logf)
	if k.get(keptLimit) != keptBytes {
		t.Errorf("the limit is %s", k.get(keptLimit))
	}
	if err := k.set(keptRatio, "0"); err != nil { // As the kernel does.
		t.Fatal(err)
	}
	if err := restore(); err != nil || k.get(keptRatio) != "10" {
		t.Errorf("the ratio is %s afterwards, %v", k.get(keptRatio), err)
	}
}

func TestKernelThatIsTunedStaysSo(t *testing.T) {
	k := kernelOf(t, "5000", "0")
	if err := k.smooth(t.Logf)(); err != nil || k.get(keptLimit) != "5000" {
		t.Errorf("the limit is %s, %v", k.get(keptLimit), err)
	}
}

func TestKernelThatMayNotBeTunedIsNamed(t *testing.T) {
	k, said := kernelOf(t, "0", "10"), ""
	if err := os.Remove(k.file(keptLimit)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(k.file(keptLimit), 0o755); err != nil { // Nobody can write to it, root neither.
		t.Fatal(err)
	}
	_ = k.smooth(func(format string, arguments ...any) { said = fmt.Sprintf(format, arguments...) })()
	if !strings.Contains(said, "sysctl -w vm.dirty_background_bytes=") || k.get(keptRatio) != "10" {
		t.Errorf("said %q", said)
	}
}

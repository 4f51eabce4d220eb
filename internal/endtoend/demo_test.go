package endtoend

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"treasury-switch/internal/process"
)

// TestDemo gives the tour on free ports and stays up. It must say that all holds and that it is ready, and TERM must then end
// everything it has started, its PostgreSQL included.
func TestDemo(t *testing.T) {
	t.Parallel()
	folder, log := t.TempDir(), newLogbook()
	arguments := []string{"--keep", "--purchases=100", "--var=" + folder}
	if os.Getenv("DATABASE_URL") != "" {
		arguments = append(arguments, "--database-url="+database(t))
	}
	for _, setting := range []string{"terminals", "network", "faults", "http", "admin"} {
		arguments = append(arguments, "--"+setting+"="+freeAddress(t))
	}
	demo, err := process.Start(log, program(t, "demo"), arguments...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(demo.Kill)
	r := &rig{t: t, node: demo, log: log}
	r.eventually(startLimit, "the demo has given its tour", func() bool {
		return strings.Contains(log.String(), "\nready: terminals 127.0.0.1:") || !demo.Running()
	})
	if !strings.Contains(log.String(), "All of it holds") {
		t.Errorf("the tour does not say that all holds:\n%s", log.String())
	}
	// A process that is looked at while it starts another may show no arguments for a moment.
	r.eventually(startLimit, "the programs of the demo are found, without which their end would prove nothing", func() bool {
		return len(using(t, folder)) >= 2
	})
	if err := syscall.Kill(demo.PID(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := demo.Err(); err != nil {
		t.Errorf("the demo ended with %v:\n%s", err, log.String())
	}
	if left := using(t, folder); len(left) > 0 {
		t.Errorf("still there: %q", left)
	}
}

// freeAddress is an address that nobody listens on, below the ports that the system gives to whoever asks for any: one of those may be
// given away before the demo has it.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 1000 {
		address := fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000))
		if listener, err := net.Listen("tcp", address); err == nil {
			_ = listener.Close()
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

// using lists the processes whose arguments name a folder.
func using(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		line, err := os.ReadFile(file)
		pid := filepath.Base(filepath.Dir(file))
		if err != nil || pid == strconv.Itoa(os.Getpid()) || !bytes.Contains(line, []byte(folder)) {
			continue // It has ended meanwhile, or is none of them.
		}
		found = append(found, fmt.Sprintf("%s %s", pid, bytes.ReplaceAll(line, []byte{0}, []byte(" "))))
	}
	return found
}

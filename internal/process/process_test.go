package process_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"treasury-switch/internal/await"
	"treasury-switch/internal/process"
)

// shell starts a script.
func shell(t *testing.T, log *bytes.Buffer, script string) *process.Process {
	t.Helper()
	p, err := process.Start(log, "/bin/sh", "-c", script)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

// gone reports whether no process of a group is left.
// It waits a little: a killed grandchild is there until the init process has taken note of its end.
func gone(pid int) bool {
	limited, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for !errors.Is(syscall.Kill(-pid, 0), syscall.ESRCH) {
		if !await.Pause(limited.Done(), 5*time.Millisecond) {
			return false
		}
	}
	return true
}

// TestEnd has every way in which a child ends.
func TestEnd(t *testing.T) {
	var out bytes.Buffer
	p := shell(t, &out, "echo to stdout; echo to stderr >&2; exit 3")
	if err := p.Err(); err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("exit 3 is told as %v", err)
	}
	if out.String() != "to stdout\nto stderr\n" {
		t.Errorf("output is %q", out.String())
	}
	p = shell(t, &out, "trap 'exit 0' TERM; while :; do read line < /dev/zero; done")
	if !p.Running() {
		t.Error("not running")
	}
	p.Kill()
	if p.Running() || !gone(p.PID()) {
		t.Error("killed, and still there")
	}
}

// TestStop asks nicely, and does not wait for ever.
func TestStop(t *testing.T) {
	reader := &bytes.Buffer{}
	p := shell(t, reader, "exec sleep 100")
	if err := p.Stop(t.Context()); err == nil || !gone(p.PID()) {
		t.Errorf("a child that ends by the signal: %v, gone %v", err, gone(p.PID()))
	}
	p = shell(t, &bytes.Buffer{}, "trap '' TERM; sleep 100 & sleep 100")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Stop(ended); err == nil || !gone(p.PID()) {
		t.Errorf("a child that does not listen, with a child of its own: %v, gone %v", err, gone(p.PID()))
	}
}

// TestFreeze stops a child where it is, and lets it go on. It finds what was added to its environment.
func TestFreeze(t *testing.T) {
	var out lines
	p, err := process.StartWith(&out, []string{"GREETING=hello"}, "/bin/sh", "-c", "while :; do echo $GREETING; done")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	grows := func() bool {
		before := out.count("hello")
		for range 50 {
			if out.count("hello") > before {
				return true
			}
			await.Pause(t.Context().Done(), 10*time.Millisecond)
		}
		return false
	}
	if !grows() {
		t.Fatal("it says nothing")
	}
	p.Freeze()
	for grows() { // Earlier output is still read.
		if t.Context().Err() != nil {
			t.Fatal("it goes on although it is frozen")
		}
	}
	if !p.Running() {
		t.Error("a frozen child counts as ended")
	}
	p.Thaw()
	if !grows() {
		t.Error("it does not go on")
	}
	p.Freeze()
	p.Kill()
	if !gone(p.PID()) {
		t.Error("a frozen child was killed, and is still there")
	}
}

// TestAsk only asks.
func TestAsk(t *testing.T) {
	p := shell(t, &bytes.Buffer{}, "exec sleep 100")
	p.Ask()
	if err := p.Err(); err == nil || !gone(p.PID()) {
		t.Errorf("asked to end: %v", err)
	}
}

// lines counts what a child writes.
type lines struct {
	mu   sync.Mutex
	seen map[string]int
}

// Write takes what the child writes.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil {
		l.seen = map[string]int{}
	}
	for line := range strings.Lines(string(p)) {
		l.seen[strings.TrimSpace(line)]++
	}
	return len(p), nil
}

func (l *lines) count(line string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen[line]
}

// TestStartFails tells which program could not be started.
func TestStartFails(t *testing.T) {
	if _, err := process.Start(&bytes.Buffer{}, "/no/such/program"); err == nil || !strings.Contains(err.Error(), "/no/such/program") {
		t.Errorf("told as %v", err)
	}
}

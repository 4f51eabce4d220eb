package endtoend

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"treasury-switch/internal/pos"
	"treasury-switch/internal/postgres"
	"treasury-switch/internal/process"
	"treasury-switch/simulator"
)

// Bounds of what these tests wait for. They are not reached where all is well.
const (
	startLimit  = time.Minute
	settleLimit = 90 * time.Second
	askLimit    = 30 * time.Second
)

// pace is how long the switch waits for the network; everything else that waits is in proportion. A test in which nothing is
// silent has time, since it never waits so long; one that meets silence is in a hurry.
type pace time.Duration

const (
	patient = pace(10 * time.Second)
	brisk   = pace(3 * time.Second)
	hasty   = pace(time.Second)
)

// times gives a multiple, in tenths.
func (p pace) times(tenths int) time.Duration { return time.Duration(p) * time.Duration(tenths) / 10 }

// late is how long the late card is silent: longer than the switch waits. wait is how long terminals do.
func (p pace) late() time.Duration { return p.times(18) }
func (p pace) wait() time.Duration { return p.times(20) }

// flags are the ladder of timers.
func (p pace) flags() []string {
	var flags []string
	for _, step := range []struct {
		name   string
		tenths int
	}{{"network", 10}, {"switch", 13}, {"terminal", 20}, {"send-before", 4}, {"in-flight", 6}, {"grace", 3}} {
		flags = append(flags, fmt.Sprintf("--timer-%s=%s", step.name, p.times(step.tenths)))
	}
	return append(flags, "--forward-rate=500", "--forward-first=300ms", "--forward-most=2s")
}

// rig is the whole program between terminals and the simulated network.
type rig struct {
	t        *testing.T
	pace     pace
	since    time.Time
	database string // its address
	folder   string // TREASURY_VAR of the program
	flags    []string
	sim      *simulator.Simulator
	node     *process.Process
	log      *logbook

	terminals, http, admin atomic.Value // addresses of the last start, strings
}

// newRig makes the database and the simulated network. The program is not started yet.
func newRig(t *testing.T, p pace, seed uint64, flags ...string) *rig {
	t.Helper()
	r := &rig{t: t, pace: p, since: time.Now(), database: database(t), folder: t.TempDir(), log: newLogbook(), flags: append(p.flags(), flags...)}
	r.terminals.Store("")
	r.sim = simulator.New(simulator.Config{Address: "127.0.0.1:0", ControlAddress: "127.0.0.1:0", Late: p.late(), Seed: seed})
	if err := r.sim.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.sim.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		if r.node != nil {
			r.node.Kill()
		}
		if t.Failed() {
			r.tail()
		}
	})
	return r
}

// tail shows the end of the program's log.
func (r *rig) tail() {
	lines := strings.Split(strings.TrimSpace(r.log.String()), "\n")
	r.t.Logf("the end of the program's log:\n%s", strings.Join(lines[max(0, len(lines)-25):], "\n"))
}

// begin starts the program and does not wait.
func (r *rig) begin() {
	r.t.Helper()
	arguments := append([]string{"serve", "--dev", "--database-url=" + r.database, "--var=" + r.folder, "--log-format=json", "--log-level=debug",
		"--terminals=127.0.0.1:0", "--http=127.0.0.1:0", "--admin=127.0.0.1:0", "--network=" + r.sim.Addr()}, r.flags...)
	node, err := process.Start(r.log, program(r.t, "treasury-switch"), arguments...)
	if err != nil {
		r.t.Fatal(err)
	}
	r.node = node
}

// start starts the program and waits until it takes payments.
func (r *rig) start() {
	r.t.Helper()
	from := r.log.count()
	r.begin()
	r.awaitReady(from)
}

// awaitReady waits until the program that was begun takes payments, and learns its addresses.
func (r *rig) awaitReady(from int) {
	r.t.Helper()
	at, ok := r.awaitLine("the switch takes payments", from)
	if !ok {
		r.t.Fatalf("the program did not start")
	}
	r.terminals.Store(at.Terminals)
	r.http.Store(at.HTTP)
	r.admin.Store(at.Admin)
}

// awaitLine waits for a line of the log; false means that the program ended without it.
func (r *rig) awaitLine(message string, from int) (line, bool) {
	r.t.Helper()
	limit := time.NewTimer(startLimit)
	defer limit.Stop()
	for {
		one, found, more := r.log.find(message, from)
		if found {
			return one, true
		}
		select {
		case <-more:
		case <-r.node.Ended():
			one, found, _ = r.log.find(message, from)
			return one, found
		case <-limit.C:
			r.t.Fatalf("no log line %q within %s", message, startLimit)
		}
	}
}

// line is a connection of a terminal to the program, wherever it listens at the time.
func (r *rig) line() *pos.Line {
	l := pos.NewLineTo(func() string { return r.terminals.Load().(string) }, r.pace.wait())
	r.t.Cleanup(func() { _ = l.Close() }) // Whether it was still open does not matter.
	return l
}

// owner opens the database with the rights to read everything.
func (r *rig) owner() *pgxpool.Pool {
	r.t.Helper()
	pool, err := postgres.Open(r.t.Context(), r.database, postgres.Options{Owner: true, MaxConns: 2, StatementTimeout: time.Minute})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(pool.Close)
	return pool
}

// operator runs a command of the program and returns what it prints and its exit code.
func (r *rig) operator(arguments ...string) (string, int) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), startLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, program(r.t, "treasury-switch"), append(arguments, "--var="+r.folder, "--database-url="+r.database)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		return out.String(), ended.ExitCode()
	case err != nil:
		r.t.Fatalf("treasury-switch %s: %v", strings.Join(arguments, " "), err)
	}
	return out.String(), 0
}

// check runs the invariants of the program and fails for every violation.
func (r *rig) check() {
	r.t.Helper()
	text, code := r.operator("check", "--json")
	var found struct {
		Holds      bool              `json:"holds"`
		Violations []json.RawMessage `json:"violations"`
	}
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		r.t.Fatalf("check ended with %d and printed %q", code, text)
	}
	if !found.Holds || code != 0 {
		r.t.Errorf("the invariants do not hold (exit code %d):\n%s", code, text)
	}
}

// page reads a page of the program.
func (r *rig) page(address any, path string) string {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), askLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s%s", address, path), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatalf("ask for %s: %v", path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatalf("ask for %s: %v", path, err)
	}
	return string(text)
}

// eventually polls until something holds.
func (r *rig) eventually(limit time.Duration, what string, holds func() bool) {
	r.t.Helper()
	end := time.NewTimer(limit)
	defer end.Stop()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-end.C:
			r.t.Fatalf("after %s still not: %s", limit, what)
		}
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"treasury-switch/internal/node"
	"treasury-switch/internal/postgres"
	"treasury-switch/internal/stage"
	"treasury-switch/loadtest/measure"
)

// ladder is a set of timers: the switch's, the delay of the late card, and how long terminals wait.
type ladder struct {
	flags []string
	late  time.Duration
	wait  time.Duration
}

// ladders are the timers by name. Those of the field are the switch's defaults (docs/operations.md).
var ladders = map[string]ladder{
	"field": {late: 35 * time.Second, wait: 40 * time.Second},
	"short": {flags: []string{"--timer-network=3s", "--timer-switch=4s", "--timer-terminal=6s", "--timer-send-before=1500ms",
		"--timer-in-flight=2s", "--timer-grace=1s"}, late: 5 * time.Second, wait: 6 * time.Second},
}

// system is the system under load: a switch with its database and network, started here or already running.
type system struct {
	options
	stage    *stage.Stage // nil: it runs already
	programs stage.Programs
	folder   string // temporary, "" for none
	database *node.Database
	pool     node.Pool

	terminals, control, admin string       // address, and two URLs
	postmaster                int          // process id, 0 if it is not on this machine
	switchPID                 atomic.Int64 // changes when the switch is killed and started again
}

// open starts or finds everything. Close is to be called in any case.
func open(ctx context.Context, o options, say func(string, ...any)) (*system, error) {
	s := &system{options: o}
	folder, err := os.MkdirTemp("", "treasury-loadtest-")
	if err != nil {
		return s, fmt.Errorf("make a temporary folder: %w", err)
	}
	s.folder = folder
	// PostgreSQL runs as a user of its own where this runs as root, and must reach its folder.
	if err := os.Chmod(folder, 0o755); err != nil {
		return s, fmt.Errorf("make a temporary folder: %w", err)
	}
	if s.programs, err = stage.Find(ctx, filepath.Join(folder, "bin")); err != nil {
		return s, err
	}
	if o.To != "" {
		err = s.find(ctx)
	} else {
		err = s.start(ctx, say)
	}
	if err != nil {
		return s, err
	}
	if s.pool, err = s.database.Pool(ctx, postgres.Options{Name: "loadtest", MaxConns: 2, StatementTimeout: judgeLimit}); err != nil {
		return s, err
	}
	s.postmaster, err = measure.Postmaster(ctx, s.pool)
	return s, err
}

// find uses a system that is already running.
func (s *system) find(ctx context.Context) (err error) {
	s.switchPID.Store(int64(s.SwitchPID))
	s.terminals, s.control, s.admin = s.To, strings.TrimSuffix(s.SimulatorControl, "/"), strings.TrimSuffix(s.Admin, "/")
	s.database, err = node.OpenDatabase(ctx, s.DatabaseURL, s.Var, false, slog.New(slog.DiscardHandler))
	return err
}

// start brings everything up on free ports.
func (s *system) start(ctx context.Context, say func(string, ...any)) (err error) {
	settings := stage.Settings{
		Programs: s.programs, Var: s.variable(), DatabaseURL: s.DatabaseURL, Logs: "loadtest", Say: say,
		SwitchFlags: s.switchFlags(), SimulatorFlags: s.simulatorFlags(),
	}
	if err := settings.FreeAddresses(ctx); err != nil {
		return err
	}
	s.stage, err = stage.Start(ctx, settings)
	if s.stage.Switch != nil {
		s.switchPID.Store(int64(s.stage.Switch.PID()))
	}
	s.database = s.stage.Database
	s.terminals, s.control, s.admin = settings.Terminals, "http://"+settings.Faults, "http://"+settings.Admin
	return err
}

// variable is the folder of the started programs.
func (s *system) variable() string {
	if s.Var != "" {
		return s.Var
	}
	return filepath.Join(s.folder, "var")
}

// switchFlags raise the limits per address, because all terminals come from one here, and the pace of reversals, whose
// default spares a real network.
func (s *system) switchFlags() []string {
	flags := append([]string{"--terminal-per-host=" + strconv.Itoa(s.Connections+16), "--terminal-conns=" + strconv.Itoa(max(4096, s.Connections+16)),
		"--forward-rate=1000", "--forward-workers=64"}, ladders[s.Timers].flags...)
	return append(flags, strings.Fields(s.SwitchFlags)...)
}

// simulatorFlags let the simulator remember every payment of the load.
func (s *system) simulatorFlags() []string {
	return append([]string{"--late=" + ladders[s.Timers].late.String(), "--max=" + strconv.FormatInt(s.expected()*5/4+200_000, 10)},
		strings.Fields(s.SimulatorFlags)...)
}

// expected is the most payments there can be.
func (s *system) expected() int64 {
	n := s.Rate * (s.Duration + s.RampUp + s.RampDown).Seconds()
	switch {
	case s.Overload:
		n *= 2 + s.Factor
	case s.FindMax:
		n = mostSearched * s.StepDuration.Seconds()
	}
	if s.Count > 0 && !s.FindMax {
		n = min(n, float64(s.Count))
	}
	return int64(n)
}

// mostSearched is payments a second of all steps of a search together, for the size of the simulator's book.
const mostSearched = 2_000_000

// Close stops what was started, and removes its files.
func (s *system) Close() error {
	var failures []error
	if s.pool != nil {
		s.pool.Close()
	}
	if s.stage != nil {
		failures = append(failures, s.stage.Stop())
	}
	if s.folder != "" && !s.Keep {
		if err := os.RemoveAll(s.folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failures = append(failures, fmt.Errorf("remove the temporary folder: %w", err))
		}
	}
	return errors.Join(failures...)
}

// restart kills the switch as a crash would, and starts it again.
func (s *system) restart(ctx context.Context) error {
	s.stage.Switch.Kill()
	err := s.stage.StartSwitch(ctx)
	if err == nil {
		s.switchPID.Store(int64(s.stage.Switch.PID()))
	}
	return err
}

// operate runs a command of the switch on the system's database.
func (s *system) operate(ctx context.Context, out *strings.Builder, arguments ...string) (bool, error) {
	folder := ""
	if s.DatabaseURL == "" {
		folder = s.variable()
	}
	return s.programs.Operate(ctx, out, folder, s.DatabaseURL, arguments...)
}

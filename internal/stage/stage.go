package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"treasury-switch/internal/node"
	"treasury-switch/internal/process"
)

// Bounds of a child's start and end.
const (
	startLimit = 45 * time.Second
	stopLimit  = 30 * time.Second
)

// The commands that are run.
const (
	theSwitch    = "treasury-switch"
	theSimulator = "shetab-simulator"
)

var children = []string{theSimulator, theSwitch}

// Settings choose what is started and where. All addresses are host and port.
type Settings struct {
	Programs Programs
	// Var is the folder of the private PostgreSQL, the master key and the logs.
	Var string
	// DatabaseURL is used in place of the private database.
	DatabaseURL string
	// Logs is the prefix of the log files in Var.
	Logs string
	// Terminals, HTTP and Admin are where the switch listens, Network and Faults where the simulator does.
	Terminals, HTTP, Admin, Network, Faults string
	// SwitchFlags and SimulatorFlags are added to the flags that follow from the above.
	SwitchFlags, SimulatorFlags []string
	// Say is called with each part that is up; it may be nil.
	Say func(format string, arguments ...any)
}

// Stage is everything that was started.
type Stage struct {
	Settings
	Database  *node.Database
	Simulator *process.Process
	Switch    *process.Process
	files     []*os.File
}

// Start brings up the database, the simulated network and the switch, and returns when the switch takes payments. What was
// started before a failure is in the stage as well: Stop it in any case.
func Start(ctx context.Context, settings Settings) (*Stage, error) {
	s := &Stage{Settings: settings}
	if s.Say == nil {
		s.Say = func(string, ...any) {}
	}
	return s, s.start(ctx)
}

func (s *Stage) start(ctx context.Context) (err error) {
	if err := s.freshLogs(); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if s.Database, err = node.OpenDatabase(ctx, s.DatabaseURL, s.Var, true, log); err != nil {
		return err
	}
	if s.Database.Private() {
		s.Say("PostgreSQL    runs privately for %s, with fsync", s.Var)
	} else {
		s.Say("PostgreSQL    is the one that DATABASE_URL names")
	}
	if s.Simulator, err = s.child(theSimulator, append([]string{"--listen=" + s.Network, "--control=" + s.Faults}, s.SimulatorFlags...)...); err != nil {
		return err
	}
	if err := ready(ctx, s.Simulator, "http://"+s.Faults+"/healthz"); err != nil {
		return err
	}
	s.Say("card network  simulated, listens on %s and is told its faults on %s", s.Network, s.Faults)
	if err := s.StartSwitch(ctx); err != nil {
		return err
	}
	s.Say("switch        takes payments on %s; metrics and health on http://%s", s.Terminals, s.Admin)
	return nil
}

// StartSwitch starts the switch, the first time or after its crash, and returns when it takes payments.
func (s *Stage) StartSwitch(ctx context.Context) (err error) {
	arguments := append([]string{"serve", "--dev", "--var=" + s.Var, "--terminals=" + s.Terminals, "--network=" + s.Network,
		"--http=" + s.HTTP, "--admin=" + s.Admin}, s.SwitchFlags...)
	if s.DatabaseURL != "" {
		arguments = append(arguments, "--database-url="+s.DatabaseURL)
	}
	if s.Switch, err = s.child(theSwitch, arguments...); err != nil {
		return err
	}
	if err := ready(ctx, s.Switch, "http://"+s.Admin+"/readyz"); err != nil {
		return err
	}
	return ready(ctx, s.Switch, "http://"+s.HTTP+"/healthz") // Its HTTP comes up last, after the listener of terminals.
}

// SwitchLog is the file of the switch's log.
func (s *Stage) SwitchLog() string { return s.logFile(theSwitch) }

// logFile is where a child's log goes.
func (s *Stage) logFile(name string) string { return filepath.Join(s.Var, s.Logs+"-"+name+".log") }

// freshLogs makes the folder, and removes the logs of an earlier run.
func (s *Stage) freshLogs() error {
	if err := os.MkdirAll(s.Var, 0o755); err != nil {
		return fmt.Errorf("make the folder (TREASURY_VAR): %w", err)
	}
	for _, name := range children {
		if err := os.Remove(s.logFile(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove the log of an earlier run: %w", err)
		}
	}
	return nil
}

// child starts a program; its log is appended to its file, since the switch may be started more than once.
func (s *Stage) child(name string, arguments ...string) (*process.Process, error) {
	log, err := os.OpenFile(s.logFile(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", name, err)
	}
	s.files = append(s.files, log)
	return process.Start(log, s.Programs.Path(name), arguments...)
}

// ready waits until a child answers 200 at a URL.
func ready(ctx context.Context, child *process.Process, url string) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if get(ctx, url, nil) == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-child.Ended():
			return fmt.Errorf("it ended while starting: %w", errors.Join(child.Err(), ctx.Err()))
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", url, ctx.Err())
		}
	}
}

// Explain shows the ends of the logs, where the reason of a failure usually is.
func (s *Stage) Explain(w io.Writer) {
	if s.Simulator == nil {
		return // Nothing of this run has written a log yet.
	}
	for _, name := range children {
		text, err := os.ReadFile(s.logFile(name))
		if err != nil {
			continue
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		fmt.Fprintf(w, "The end of %s:\n%s\n", s.logFile(name), strings.Join(lines[max(0, len(lines)-8):], "\n"))
	}
}

// Stop takes everything down in the reverse order of its start.
func (s *Stage) Stop() error {
	var failures []error
	for _, child := range []*process.Process{s.Switch, s.Simulator} {
		if child == nil {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
		failures = append(failures, child.Stop(ctx))
		cancel()
	}
	if s.Database != nil {
		failures = append(failures, s.Database.Close())
	}
	for _, file := range s.files {
		failures = append(failures, file.Close())
	}
	return errors.Join(failures...)
}

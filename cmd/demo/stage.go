package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"treasury-switch/cmd/treasury-switch/node"
	"treasury-switch/internal/process"
)

// The short ladder of timers of the demonstration. The late card is silent for longer than the switch waits.
var timers = []string{"--timer-network=3s", "--timer-switch=4s", "--timer-terminal=6s", "--timer-send-before=1500ms",
	"--timer-in-flight=2s", "--timer-grace=1s"}

const (
	terminalTimer = 6 * time.Second
	late          = 5 * time.Second
	startLimit    = 45 * time.Second // for a child to be ready
	stopLimit     = 30 * time.Second // for a child to end when asked to
)

// stage is everything the demonstration has started.
type stage struct {
	options
	database  *node.Database
	simulator *process.Process
	node      *process.Process
	files     []*os.File
}

// start brings up the database, the network's twin and the switch, and returns when the switch takes payments.
func (s *stage) start(ctx context.Context) (err error) {
	if err := s.portsAreFree(ctx); err != nil {
		return err
	}
	if err := s.freshLogs(); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if s.database, err = node.OpenDatabase(ctx, s.DatabaseURL, s.Var, true, log); err != nil {
		return err
	}
	if s.database.Private() {
		say("PostgreSQL    runs privately for %s, with fsync", s.Var)
	} else {
		say("PostgreSQL    is the one that DATABASE_URL names")
	}
	if s.simulator, err = s.child("shetab-simulator", "--listen="+s.Network, "--control="+s.Faults, "--late="+late.String()); err != nil {
		return err
	}
	if err := s.ready(ctx, s.simulator, "http://"+s.Faults+"/healthz"); err != nil {
		return err
	}
	say("card network  its twin listens on %s and is told its faults on %s", s.Network, s.Faults)
	if err := s.startSwitch(ctx); err != nil {
		return err
	}
	say("switch        takes payments on %s; metrics and health on http://%s", s.Terminals, s.Admin)
	return nil
}

// startSwitch starts the switch, the first time or after its crash.
func (s *stage) startSwitch(ctx context.Context) (err error) {
	arguments := append([]string{"serve", "--dev", "--var=" + s.Var, "--terminals=" + s.Terminals, "--network=" + s.Network,
		"--http=" + s.HTTP, "--admin=" + s.Admin}, timers...)
	if s.DatabaseURL != "" {
		arguments = append(arguments, "--database-url="+s.DatabaseURL)
	}
	if s.node, err = s.child("treasury-switch", arguments...); err != nil {
		return err
	}
	if err := s.ready(ctx, s.node, "http://"+s.Admin+"/readyz"); err != nil {
		return err
	}
	return s.ready(ctx, s.node, "http://"+s.HTTP+"/healthz") // Its HTTP comes up last, after the listener of terminals.
}

// program is the path of a command that was built beside this one.
func program(name string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the programs beside this one: %w", err)
	}
	path := filepath.Join(filepath.Dir(self), name)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s is not built: run `make build`", path)
	}
	return path, nil
}

// logFile is where a child's log goes.
func (s *stage) logFile(name string) string { return filepath.Join(s.Var, "demo-"+name+".log") }

// freshLogs makes the folder, and removes the logs of an earlier run.
func (s *stage) freshLogs() error {
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

// children are the programs that are run.
var children = []string{"shetab-simulator", "treasury-switch"}

// child starts a program; its log is appended to its file, since the switch is started twice.
func (s *stage) child(name string, arguments ...string) (*process.Process, error) {
	path, err := program(name)
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(s.logFile(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", name, err)
	}
	s.files = append(s.files, log)
	return process.Start(log, path, arguments...)
}

// ready waits until a child answers 200 at a URL.
func (s *stage) ready(ctx context.Context, child *process.Process, url string) error {
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

// explain shows the end of the switch's log, where the reason usually stands.
func (s *stage) explain() {
	if s.simulator == nil {
		return // Nothing of this run has written a log yet.
	}
	for _, name := range children {
		text, err := os.ReadFile(s.logFile(name))
		if err != nil {
			continue
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		fmt.Fprintf(os.Stderr, "The end of %s:\n%s\n", s.logFile(name), strings.Join(lines[max(0, len(lines)-8):], "\n"))
	}
}

// stop takes everything down in the reverse order of its start.
func (s *stage) stop() error {
	var failures []error
	for _, child := range []*process.Process{s.node, s.simulator} {
		if child == nil {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
		failures = append(failures, child.Stop(ctx))
		cancel()
	}
	if s.database != nil {
		failures = append(failures, s.database.Close())
	}
	for _, file := range s.files {
		failures = append(failures, file.Close())
	}
	return errors.Join(failures...)
}

// portsAreFree says which address is taken, and by which setting to choose another.
func (s *stage) portsAreFree(ctx context.Context) error {
	var config net.ListenConfig
	for _, one := range []struct{ what, address, setting string }{
		{"terminals", s.Terminals, "TREASURY_TERMINALS"}, {"the simulator", s.Network, "TREASURY_NETWORK"},
		{"the simulator's faults", s.Faults, "TREASURY_FAULTS"}, {"HTTP", s.HTTP, "TREASURY_HTTP"},
		{"metrics and health", s.Admin, "TREASURY_ADMIN"},
	} {
		listener, err := config.Listen(ctx, "tcp", one.address)
		if err == nil {
			err = listener.Close()
		}
		if errors.Is(err, syscall.EADDRINUSE) {
			return fmt.Errorf("%s, wanted for %s, is taken: stop what uses it, or choose another address: make demo %s=127.0.0.1:PORT",
				one.address, one.what, one.setting)
		}
		if err != nil {
			return fmt.Errorf("listening for %s on %s is not possible (%s chooses another address): %w", one.what, one.address, one.setting, err)
		}
	}
	return nil
}

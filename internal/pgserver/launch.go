package pgserver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"treasury-switch/internal/postgres"
)

const (
	startPoll     = 50 * time.Millisecond // between two looks at a server that starts or stops
	startAttempts = 5                     // a free port may be taken before the server has it
	logLimit      = 16 << 20              // bytes after which the log file makes room at the next start
)

// launch starts a server on the home's data, making them first where there are none, and waits until it answers.
func (s *Server) launch(ctx context.Context, options Options) error {
	last, known, err := readState(s.home)
	if err != nil {
		return err
	}
	if known {
		_ = os.RemoveAll(last.SocketDir)
		if err := s.dropAfterMachineCrash(last); err != nil {
			return err
		}
	}
	programs, err := s.initialise(ctx, options.Volatile)
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		err := s.launchOnce(ctx, programs, options)
		if err == nil || attempt == startAttempts || ctx.Err() != nil {
			return err
		}
		if err := pause(ctx, 4*startPoll); err != nil {
			return err
		}
	}
}

// dropAfterMachineCrash removes volatile data that were open when the machine went down: without fsync they may be torn.
func (s *Server) dropAfterMachineCrash(last state) error {
	_, err := os.Stat(filepath.Join(s.home.data(), "postmaster.pid"))
	if last.Durable || errors.Is(err, fs.ErrNotExist) || last.BootID == bootID() {
		return nil
	}
	if err := os.RemoveAll(s.home.data()); err != nil {
		return fmt.Errorf("remove test data after a crash of the machine: %w", err)
	}
	return nil
}

// launchOnce is one attempt: a port, a socket folder, the process, and the wait for its first answer.
func (s *Server) launchOnce(ctx context.Context, programs binaries, options Options) error {
	next, err := s.newState(!options.Volatile)
	if err != nil {
		return err
	}
	if err := dropStalePID(s.home); err != nil {
		return err
	}
	if err := next.write(s.home); err != nil {
		return err
	}
	if err := s.run(ctx, programs, next, options); err != nil {
		_ = os.RemoveAll(next.SocketDir)
		return err
	}
	s.state = next
	// The password is new with every start, so it is never older than the file that holds it.
	if err := postgres.Execute(ctx, next.socketURL("postgres"), "ALTER ROLE "+superuser+" PASSWORD '"+next.Password+"'"); err != nil {
		return fmt.Errorf("set password of private PostgreSQL: %w", err)
	}
	return startWatcher(options.Watcher, s.home)
}

// newState chooses a free loopback port and makes a socket folder. Unix socket paths have at most 107 bytes, so the folder
// lies in /tmp, with an unguessable name and open to the server's user alone.
func (s *Server) newState(durable bool) (state, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return state{}, fmt.Errorf("find a free loopback port: %w", err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	_ = listener.Close()
	dir, err := os.MkdirTemp("/tmp", "treasury-")
	if err != nil {
		return state{}, fmt.Errorf("make socket folder: %w", err)
	}
	if s.home.cred != nil {
		if err := os.Chown(dir, int(s.home.cred.Uid), int(s.home.cred.Gid)); err != nil {
			return state{}, fmt.Errorf("make socket folder: %w", err)
		}
	}
	return state{Port: port, SocketDir: dir, Password: rand.Text(), Durable: durable, BootID: bootID()}, nil
}

// run starts the process and waits until it answers or ends.
func (s *Server) run(ctx context.Context, programs binaries, next state, options Options) error {
	log, err := openLog(s.home.log())
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(programs.program("postgres"), serverArguments(s.home, next, options.Settings)...)
	cmd.Dir, cmd.SysProcAttr = s.home.data(), s.home.attributes()
	cmd.Env = slices.Concat([]string{"PATH=/usr/bin:/bin", "LC_ALL=C"}, keepMemory, options.Environment)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", programs, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		answers, err := ping(ctx, next.socketURL("postgres"))
		if answers {
			return nil
		}
		if err != nil {
			_ = cmd.Process.Signal(syscall.SIGQUIT)
			return err
		}
		select {
		case err := <-ended:
			return fmt.Errorf("%s ended while starting (%w); its log says:\n%s", programs, err, tail(s.home.log()))
		case <-ctx.Done():
			_ = cmd.Process.Signal(syscall.SIGQUIT) // Killed outright, its children would linger.
			return fmt.Errorf("wait for %s to start, log %s: %w", programs, s.home.log(), ctx.Err())
		case <-time.After(startPoll):
		}
	}
}

// keepMemory has the C library keep what a statement has freed for the next one (mallopt(3)). By default it gives a few
// hundred kilobytes back to the system after every group of payments and asks for them again, page by page.
var keepMemory = []string{"MALLOC_TRIM_THRESHOLD_=268435456", "MALLOC_TOP_PAD_=16777216", "MALLOC_MMAP_THRESHOLD_=33554432"}

// openLog appends to the server's log, after moving a long one aside.
func openLog(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > logLimit {
		_ = os.Rename(path, path+".old")
	}
	log, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log of private PostgreSQL: %w", err)
	}
	return log, nil
}

// tail returns the last lines of the log for an error message.
func tail(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-6):], "\n")
}

// startWatcher starts the command that stops the server when all its users are gone.
func startWatcher(command []string, h home) error {
	if len(command) == 0 {
		return nil
	}
	cmd := exec.Command(command[0], append(command[1:len(command):len(command)], h.dir)...)
	cmd.Dir = "/"
	cmd.SysProcAttr = (home{}).attributes()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start watcher of private PostgreSQL (%s): %w", strconv.Quote(command[0]), err)
	}
	go func() { _ = cmd.Wait() }() // Its end is its own affair; collected so that it leaves no zombie.
	return nil
}

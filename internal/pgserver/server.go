package pgserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"syscall"
	"time"
)

// superuser owns the private server. The program's own role, treasury_runtime, is made by the migrations.
const superuser = "postgres"

// Options say which private server is wanted.
type Options struct {
	// Folder is the one that TREASURY_VAR names; the server lives in its subfolder postgres. Commands with the same folder
	// share one server.
	Folder string
	// Volatile switches fsync off. Only for tests: a crash of the machine then loses the data, and the next start makes
	// new ones.
	Volatile bool
	// Watcher, if set, is a command (program and arguments; the home folder is appended) that calls Watch. It is started
	// with the server, outlives this process and stops the server when nobody uses it any more, however they ended. Without
	// it the last Close stops the server.
	Watcher []string
	// Prepare, if set, is called with the address of database postgres after a start, before anybody else may use the
	// server.
	Prepare func(ctx context.Context, address string) error
	// Settings are parameters of PostgreSQL (name=value) that hold instead of the server's own ones, to measure what they
	// bring. A server that runs already keeps its own.
	Settings []string
	// Environment is added (NAME=value) to the little that a server is started with, as for a library that LD_PRELOAD
	// names. A server that runs already keeps its own.
	Environment []string
	// Log tells what was started and where. Required.
	Log *slog.Logger
}

// Server is this process's use of a private PostgreSQL.
type Server struct {
	home    home
	state   state
	users   fileLock
	started bool
	watched bool
}

// Start finds the running private server of a folder or starts it, and registers this process as a user of it until Close
// or the process's end. Waiting (for another command that is just starting it, or for crash recovery) is bounded by ctx
// and by one minute.
func Start(ctx context.Context, options Options) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	h, err := locate(options.Folder)
	if err != nil {
		return nil, err
	}
	change, err := holdChange(ctx, h.dir)
	if err != nil {
		return nil, err
	}
	defer change.release()
	users, err := openLock(h.dir, usersLock)
	if err != nil {
		return nil, err
	}
	// Nobody holds it exclusively without holding the change lock too, so this does not wait.
	if err := users.take(ctx, syscall.LOCK_SH); err != nil {
		users.release()
		return nil, err
	}
	server := &Server{home: h, users: users, watched: len(options.Watcher) > 0}
	if err := server.attachOrLaunch(ctx, options); err != nil {
		users.release()
		return nil, err
	}
	return server, nil
}

func (s *Server) attachOrLaunch(ctx context.Context, options Options) error {
	found, err := s.attach(ctx)
	if err != nil {
		return err
	}
	if !found {
		if err := s.launch(ctx, options); err != nil {
			return err
		}
		s.started = true
	}
	if s.started && options.Prepare != nil {
		if err := options.Prepare(ctx, s.URL("postgres")); err != nil {
			return fmt.Errorf("prepare private PostgreSQL: %w", err)
		}
	}
	if s.state.Durable == options.Volatile {
		return fmt.Errorf("the server in %s runs with fsync %s: stop its users first, or use another folder",
			s.home.dir, map[bool]string{true: "on", false: "off"}[s.state.Durable])
	}
	options.Log.Info("private PostgreSQL", "folder", s.home.dir, "started", s.started, "port", s.state.Port,
		"socket", s.state.SocketDir, "durable", s.state.Durable)
	if s.home.notice != "" {
		options.Log.Warn(s.home.notice)
	}
	return nil
}

// attach uses the server that already runs, waiting while it starts up, recovers from a crash or shuts down.
func (s *Server) attach(ctx context.Context) (bool, error) {
	known, ok, err := readState(s.home)
	if err != nil || !ok {
		return false, err
	}
	for postmaster(s.home) != 0 {
		answers, err := ping(ctx, known.socketURL("postgres"))
		if answers || err != nil {
			s.state = known
			return answers, err
		}
		if err := pause(ctx, startPoll); err != nil {
			return false, fmt.Errorf("wait for the private PostgreSQL in %s (see %s): %w", s.home.dir, s.home.log(), err)
		}
	}
	return false, nil
}

// URL is the address of a database of the server, over its unix socket, as the server's owner.
func (s *Server) URL(database string) string { return s.state.socketURL(database) }

// TCPURL is the same over loopback TCP. It contains the password: never log it.
func (s *Server) TCPURL(database string) string { return s.state.tcpURL(database) }

// Folder is where the server's data and log lie.
func (s *Server) Folder() string { return s.home.dir }

// Program is the path of a program of the installation that runs the server, as pgbench or psql; the error says that it is
// missing.
func (s *Server) Program(name string) (string, error) {
	programs, err := s.home.programs()
	if err != nil {
		return "", err
	}
	path := programs.program(name)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s has no program %s: run `apt-get install postgresql postgresql-client` as root: %w", programs, name, err)
	}
	return path, nil
}

// Started reports whether this process started the server; otherwise it found it running.
func (s *Server) Started() bool { return s.started }

// Close ends this process's use of the server and stops the server if nobody else uses it. A server with a watcher is left
// to that.
func (s *Server) Close(ctx context.Context) error {
	if s.watched {
		s.users.release()
		return nil
	}
	change, err := holdChange(ctx, s.home.dir)
	if err != nil {
		s.users.release()
		return fmt.Errorf("stop private PostgreSQL: %w", err)
	}
	defer change.release()
	defer s.users.release()
	last, err := s.users.try(syscall.LOCK_EX)
	if err != nil || !last {
		return err
	}
	return stop(ctx, s.home)
}

// Watch stops the server of a home folder when no process uses it any more, and returns. It is the body of the command
// that Options.Watcher names. A grace spares the next user, who is often near, a new start.
func Watch(ctx context.Context, folder string, grace time.Duration) error {
	h := home{dir: folder}
	for postmaster(h) != 0 {
		if err := pause(ctx, grace); err != nil {
			return err
		}
		if err := stopUnused(ctx, h); err != nil && !errors.Is(err, errInUse) {
			return err
		}
	}
	return nil
}

var errInUse = errors.New("the server is in use")

func stopUnused(ctx context.Context, h home) error {
	change, err := holdChange(ctx, h.dir)
	if err != nil {
		return err
	}
	defer change.release()
	users, err := openLock(h.dir, usersLock)
	if err != nil {
		return err
	}
	defer users.release()
	unused, err := users.try(syscall.LOCK_EX)
	if err != nil {
		return err
	}
	if !unused {
		return errInUse
	}
	return stop(ctx, h)
}

package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// initialise makes the home's data folder where there is none and returns the programs that fit the data.
func (s *Server) initialise(ctx context.Context, volatile bool) (binaries, error) {
	programs, err := s.home.programs()
	if !errors.Is(err, fs.ErrNotExist) {
		return programs, err
	}
	if programs, err = findBinaries(0); err != nil {
		return binaries{}, err
	}
	return programs, s.initdb(ctx, programs, volatile)
}

// programs are those that fit the home's data; the error is fs.ErrNotExist where there are no data.
func (h home) programs() (binaries, error) {
	version, err := os.ReadFile(filepath.Join(h.data(), "PG_VERSION"))
	if err != nil {
		return binaries{}, fmt.Errorf("read data of private PostgreSQL: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(version)))
	if err != nil {
		return binaries{}, fmt.Errorf("version of the data in %s: %w", h.data(), err)
	}
	return findBinaries(major)
}

// initdb makes the data beside their place and moves them there when they are whole, so that an interrupted run leaves
// nothing that looks like data.
func (s *Server) initdb(ctx context.Context, programs binaries, volatile bool) error {
	fresh := s.home.data() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("make data of private PostgreSQL: %w", err)
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return fmt.Errorf("make data of private PostgreSQL: %w", err)
	}
	if s.home.cred != nil {
		if err := os.Chown(fresh, int(s.home.cred.Uid), int(s.home.cred.Gid)); err != nil {
			return fmt.Errorf("make data of private PostgreSQL: %w", err)
		}
	}
	// Connections over the socket are trusted because only the server's user and root can enter its folder. The C locale
	// sorts by code point on every machine alike.
	arguments := []string{"-D", fresh, "-U", superuser, "--encoding=UTF8", "--locale=C", "--data-checksums",
		"--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions"}
	if volatile {
		arguments = append(arguments, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, programs.program("initdb"), arguments...)
	cmd.Dir, cmd.SysProcAttr = fresh, s.home.attributes()
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C"}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb of %s in %s: %w\n%s", programs, fresh, err, out)
	}
	if err := os.RemoveAll(s.home.data()); err != nil {
		return fmt.Errorf("make data of private PostgreSQL: %w", err)
	}
	if err := os.Rename(fresh, s.home.data()); err != nil {
		return fmt.Errorf("make data of private PostgreSQL: %w", err)
	}
	return nil
}

// serverArguments are the settings of a private server. They are on its command line, so they hold whatever the data
// folder's own configuration says.
func serverArguments(h home, s state, more []string) []string {
	durable, buffers := "on", "1GB"
	if !s.Durable {
		durable, buffers = "off", "256MB" // Many tests share a machine, and their data are small.
	}
	settings := [][2]string{
		{"listen_addresses", "127.0.0.1"},
		{"port", strconv.Itoa(s.Port)},
		{"unix_socket_directories", s.SocketDir},
		{"unix_socket_permissions", "0700"},
		{"fsync", durable},
		{"full_page_writes", durable},
		{"synchronous_commit", "on"},
		{"wal_compression", "on"},
		{"shared_buffers", buffers},
		{"max_wal_size", "4GB"},
		{"checkpoint_timeout", "15min"},
		{"autovacuum_vacuum_cost_delay", "10ms"}, // history is only added to: vacuum has time, payments have not
		{"autovacuum_max_workers", "2"},
		{"bgwriter_delay", "50ms"}, // the background writer cleans as many pages as are needed, so that a group need not
		{"bgwriter_lru_maxpages", "1000"},
		{"max_connections", "300"},
		{"max_locks_per_transaction", "256"}, // a month's partition is a lock of its own
		{"jit", "off"},                       // the statements are short, compiling them never pays
		{"timezone", "UTC"},
		{"log_timezone", "UTC"},
		{"log_line_prefix", "%m [%p] %q%a@%d "},
		{"log_min_messages", "warning"},
		{"log_parameter_max_length", "0"}, // parameters may hold card data
		{"log_parameter_max_length_on_error", "0"},
	}
	arguments := []string{"-D", h.data()}
	for _, setting := range settings {
		arguments = append(arguments, "-c", setting[0]+"="+setting[1])
	}
	for _, setting := range more { // The last one of a name holds.
		arguments = append(arguments, "-c", setting)
	}
	return arguments
}

package pgserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// state is what a command must know to use or stop the server that another command started. It is written before the
// server is, so a command killed in between leaves nothing that cannot be found.
type state struct {
	Port      int    `json:"port"`
	SocketDir string `json:"socket_dir"`
	Password  string `json:"password"` // of TCP connections; the socket is protected by its folder's mode
	Durable   bool   `json:"durable"`
	BootID    string `json:"boot_id"` // the machine's boot in which the server ran
}

func readState(h home) (state, bool, error) {
	text, err := os.ReadFile(h.state())
	if errors.Is(err, fs.ErrNotExist) {
		return state{}, false, nil
	}
	if err != nil {
		return state{}, false, fmt.Errorf("read state of private PostgreSQL: %w", err)
	}
	var s state
	if err := json.Unmarshal(text, &s); err != nil {
		return state{}, false, nil // Torn by a crash of the machine: as if there were none.
	}
	return s, true, nil
}

func (s state) write(h home) error {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("write state of private PostgreSQL: %w", err)
	}
	next := h.state() + ".new"
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return fmt.Errorf("write state of private PostgreSQL: %w", err)
	}
	if err := os.Rename(next, h.state()); err != nil {
		return fmt.Errorf("write state of private PostgreSQL: %w", err)
	}
	return nil
}

// socketURL is the address over the unix socket, whose folder only the server's user (and root) may enter.
func (s state) socketURL(database string) string {
	query := url.Values{"host": {s.SocketDir}, "port": {strconv.Itoa(s.Port)}, "sslmode": {"disable"}}
	address := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + database, RawQuery: query.Encode()}
	return address.String()
}

// tcpURL is the address over loopback, with its password.
func (s state) tcpURL(database string) string {
	address := url.URL{Scheme: "postgres", User: url.UserPassword(superuser, s.Password),
		Host: "127.0.0.1:" + strconv.Itoa(s.Port), Path: "/" + database, RawQuery: "sslmode=disable"}
	return address.String()
}

// bootID tells two boots of the machine apart; empty where the kernel does not say.
func bootID() string {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// postmaster returns the process of the server that runs on the home's data, or zero. A pid file left by a server that
// was killed is not believed: its number may long belong to another program, as is usual in containers.
func postmaster(h home) int {
	pid := pidIn(filepath.Join(h.data(), "postmaster.pid"))
	if pid == 0 || !runsOn(pid, h.data()) {
		return 0
	}
	return pid
}

// runsOn reports whether process pid is a server started with -D data. A process that ended but was not yet collected
// by its parent has no command line and so is none.
func runsOn(pid int, data string) bool {
	line, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil {
		return false
	}
	arguments := bytes.Split(line, []byte{0})
	for i, argument := range arguments {
		if string(argument) == "-D" && i+1 < len(arguments) {
			return string(arguments[i+1]) == data
		}
	}
	return false
}

// dropStalePID removes a pid file whose number has been given to another process, since a server would refuse to start. Where
// the number is free the file stays: the server then checks itself that no process of the old one is left.
func dropStalePID(h home) error {
	path := filepath.Join(h.data(), "postmaster.pid")
	pid := pidIn(path)
	if pid == 0 || runsOn(pid, h.data()) || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return nil
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove stale pid file: %w", err)
	}
	return nil
}

// pidIn reads the first line of a pid file; zero where there is none.
func pidIn(path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		return 0
	}
	return pid
}

// attributes returns how a child must be started to run as the server's user, in a session of its own: an interrupt typed
// at the terminal must reach the command, which then stops the server in order, and not the server itself.
func (h home) attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Credential: h.cred}
}

package pgserver

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// sharedHomes holds the data of folders that user postgres cannot reach, such as a clone under a home of mode 0700.
const sharedHomes = "/var/lib/treasury-switch"

// home is where one private server lives and as whom it runs.
type home struct {
	dir    string              // absolute; holds data/, server.json, postgres.log and the locks
	cred   *syscall.Credential // user postgres when this process is root, nil otherwise
	notice string              // what a person should be told about an unusual place, or empty
}

func (h home) data() string  { return filepath.Join(h.dir, "data") }
func (h home) state() string { return filepath.Join(h.dir, "server.json") }
func (h home) log() string   { return filepath.Join(h.dir, "postgres.log") }

// locate finds the home of the server that belongs to folder variable (TREASURY_VAR) and makes its folders.
//
// PostgreSQL refuses to run as root, so root runs it as user postgres. Where that user cannot reach the folder, the home
// lies in sharedHomes under a hash of the folder's path.
func locate(variable string) (home, error) {
	abs, err := filepath.Abs(variable)
	if err != nil {
		return home{}, fmt.Errorf("locate private PostgreSQL: %w", err)
	}
	wanted := home{dir: filepath.Join(abs, "postgres")}
	if os.Geteuid() == 0 {
		if wanted.cred, err = postgresUser(); err != nil {
			return home{}, err
		}
	}
	if err := wanted.make(); err != nil {
		return home{}, err
	}
	if wanted.cred == nil || wanted.reachable() {
		return wanted, nil
	}
	return shared(abs, wanted)
}

// shared returns the home in sharedHomes that replaces one which user postgres cannot reach.
func shared(variable string, wanted home) (home, error) {
	if real, err := filepath.EvalSymlinks(variable); err == nil {
		variable = real
	}
	sum := sha256.Sum256([]byte(variable))
	h := home{dir: filepath.Join(sharedHomes, hex.EncodeToString(sum[:6])), cred: wanted.cred}
	h.notice = fmt.Sprintf("user postgres cannot reach %s, so the data lie in %s", wanted.dir, h.dir)
	if err := h.make(); err != nil {
		return home{}, err
	}
	if !h.reachable() {
		return home{}, fmt.Errorf("user postgres can reach neither %s nor %s: set TREASURY_VAR to a folder it can reach, "+
			"or run as an ordinary user", wanted.dir, h.dir)
	}
	return h, nil
}

// make creates the home's own folder. Its mode is set apart from creation, since a strict umask would hide it.
func (h home) make() error {
	if err := os.MkdirAll(h.dir, 0o755); err != nil {
		return fmt.Errorf("make folder of private PostgreSQL: %w", err)
	}
	if h.cred == nil {
		return nil
	}
	if err := os.Chmod(h.dir, 0o755); err != nil {
		return fmt.Errorf("make folder of private PostgreSQL: %w", err)
	}
	return nil
}

// reachable tries what matters: a program run as user postgres, standing in a folder of its own inside the home.
func (h home) reachable() bool {
	probe, err := os.MkdirTemp(h.dir, "probe-")
	if err != nil {
		return false
	}
	defer os.RemoveAll(probe)
	if err := os.Chown(probe, int(h.cred.Uid), int(h.cred.Gid)); err != nil {
		return false
	}
	cmd := exec.Command("/bin/sh", "-c", `: > "$1/file"`, "sh", probe)
	cmd.Dir = probe
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: h.cred}
	return cmd.Run() == nil
}

// postgresUser is the account that Debian's package makes for the server.
func postgresUser() (*syscall.Credential, error) {
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("root may not run PostgreSQL and there is no user postgres: "+
			"run `apt-get install postgresql`, or run this as an ordinary user: %w", err)
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("uid of user postgres: %w", err)
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("gid of user postgres: %w", err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

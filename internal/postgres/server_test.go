package postgres_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"treasury-switch/internal/pgserver"
)

// place is a folder for one private server after the other, so that its data are made only once.
var place string

func TestMain(m *testing.M) {
	code := 1
	if err := makePlace(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	_ = os.RemoveAll(place)
	os.Exit(code)
}

// makePlace makes it where user postgres can reach it too.
func makePlace() (err error) {
	if place, err = os.MkdirTemp("", "treasury-test-"); err != nil {
		return err
	}
	return os.Chmod(place, 0o755)
}

// start starts a server until the test ends.
func start(t *testing.T) *pgserver.Server {
	t.Helper()
	return startIn(t, place)
}

// startIn starts one in a folder of its own.
func startIn(t *testing.T, folder string) *pgserver.Server {
	t.Helper()
	server, err := pgserver.Start(t.Context(), pgserver.Options{Folder: folder, Volatile: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return server
}

// standby is that server, started anew as a standby that nobody feeds.
func standby(t *testing.T) *pgserver.Server {
	t.Helper()
	server := start(t)
	data := filepath.Join(server.Folder(), "data")
	if err := os.WriteFile(filepath.Join(data, "standby.signal"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	program, err := server.Program("pg_ctl")
	if err != nil {
		t.Fatal(err)
	}
	owner, err := os.Stat(data)
	if err != nil {
		t.Fatal(err)
	}
	again := exec.Command(program, "restart", "-w", "-m", "fast", "-D", data)
	again.Dir, again.Env = data, []string{"PATH=/usr/bin:/bin", "LC_ALL=C"}
	if os.Getuid() == 0 {
		user := owner.Sys().(*syscall.Stat_t)
		again.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user.Uid, Gid: user.Gid}}
	}
	if err := again.Run(); err != nil {
		t.Fatal(err)
	}
	return server
}

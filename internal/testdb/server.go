package testdb

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"treasury-switch/internal/pgserver"
	"treasury-switch/internal/postgres"
)

// watchArgument is the first argument of a test program that was started only to stop the private server once no test
// uses it any more. Test programs are the one kind of program that is there to be started: they end without a hook where a
// server could be stopped, and a run that panics or is interrupted must not leave one behind.
const watchArgument = "stop-private-postgresql-when-unused"

// grace is how long an unused server waits for the next package's tests.
const grace = 2 * time.Second

func init() {
	if len(os.Args) != 3 || os.Args[1] != watchArgument {
		return
	}
	if err := pgserver.Watch(context.Background(), os.Args[2], grace); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// chosen is the process's server: found at the first need, used until the process ends.
var chosen = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	// Tests have no flags of their own and no configuration, so this package reads the environment itself.
	if given := os.Getenv("DATABASE_URL"); given != "" {
		if _, err := postgres.Address(given); err != nil {
			return "", fmt.Errorf("DATABASE_URL: %w", err)
		}
		return given, nil
	}
	if socket, ok := dockerSocket(os.Getenv("DOCKER_HOST")); ok {
		return container(ctx, socket)
	}
	return private(ctx)
})

// server returns the owner's address of the server's own database, or fails the test.
func server(t testing.TB) string {
	t.Helper()
	address, err := chosen()
	if err != nil {
		t.Fatalf("tests need a PostgreSQL (DATABASE_URL, a Docker engine, or PostgreSQL's programs on this machine): %v", err)
	}
	return address
}

// kept holds what must stay open until the process ends (the lock on the private server, the input of the container's
// program): the garbage collector closes the files that nothing refers to.
var kept []any

// private starts the module's private server for tests, or joins the other packages' tests on it.
func private(ctx context.Context) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this test program: %w", err)
	}
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	held, err := pgserver.Start(ctx, pgserver.Options{
		Folder:   filepath.Join(root, "var", "test"),
		Volatile: true,
		Watcher:  []string{self, watchArgument},
		Prepare:  sweep,
		Log:      slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return "", err
	}
	kept = append(kept, held)
	return held.URL("postgres"), nil
}

// moduleRoot is the folder of go.mod: above the folder the test runs in, which is its package's unless it left it, else above
// this file.
func moduleRoot() (string, error) {
	root, err := moduleRootAbove(".")
	if err == nil {
		return root, nil
	}
	if _, file, _, ok := runtime.Caller(0); ok && filepath.IsAbs(file) {
		return moduleRootAbove(filepath.Dir(file))
	}
	return "", err
}

// moduleRootAbove walks up from a folder to the one that holds go.mod.
func moduleRootAbove(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the module's folder: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no go.mod above the test's folder")
		}
		dir = up
	}
}

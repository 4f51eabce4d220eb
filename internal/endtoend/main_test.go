package endtoend

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"treasury-switch/internal/pgserver"
	"treasury-switch/internal/postgres"
)

// watchArgument is the first argument of a copy of this test program that was started only to stop the private PostgreSQL
// once no test uses it any more, however the tests have ended.
const watchArgument = "stop-durable-postgresql-when-unused"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == watchArgument {
		if err := pgserver.Watch(context.Background(), os.Args[2], time.Second); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if built.folder != "" {
		_ = os.RemoveAll(built.folder)
	}
	os.Exit(code)
}

// built holds the programs under test, built once for all tests.
var built struct {
	sync.Mutex
	folder string
}

// program is the path of one of the product's binaries; all of them lie in one folder.
func program(t testing.TB, name string) string {
	t.Helper()
	built.Lock()
	defer built.Unlock()
	if built.folder == "" {
		folder, err := os.MkdirTemp("", "treasury-endtoend-")
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("go", "build", "-buildvcs=false", "-o", folder+"/", "treasury-switch/cmd/...", "treasury-switch/loadtest/...")
		if out, err := cmd.CombinedOutput(); err != nil {
			_ = os.RemoveAll(folder)
			t.Fatalf("build the programs: %v\n%s", err, out)
		}
		built.folder = folder
	}
	return filepath.Join(built.folder, name)
}

// server is the PostgreSQL of these tests. The program refuses a database without fsync, so the one that other tests share
// will not do: it is the one that DATABASE_URL names, or a private one with fsync on.
var server = sync.OnceValues(func() (string, error) {
	if given := os.Getenv("DATABASE_URL"); given != "" {
		return given, nil
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	folder, err := filepath.Abs(filepath.Join("..", "..", "var", "endtoend"))
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	held, err := pgserver.Start(ctx, pgserver.Options{Folder: folder, Watcher: []string{self, watchArgument}, Prepare: sweep,
		Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return "", err
	}
	private = held
	return held.URL("postgres"), nil
})

// private is kept until the process ends, because the garbage collector closes the lock that nobody refers to.
var private *pgserver.Server

// sweep drops the databases of tests that were killed.
func sweep(ctx context.Context, admin string) error {
	pool, err := postgres.Open(ctx, admin, postgres.Options{Owner: true, MaxConns: 1})
	if err != nil {
		return err
	}
	defer pool.Close()
	var names []string
	err = pool.QueryRow(ctx, `SELECT coalesce(array_agg(datname::text), '{}') FROM pg_database WHERE datname LIKE 'endtoend\_%'`).Scan(&names)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := pool.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			return err
		}
	}
	return nil
}

// database makes an empty database for a test, and drops it afterwards.
func database(t testing.TB) string {
	t.Helper()
	admin, err := server()
	if err != nil {
		t.Fatalf("a PostgreSQL with fsync on is needed (DATABASE_URL, or PostgreSQL's programs on this machine): %v", err)
	}
	name := "endtoend_" + strings.ToLower(fmt.Sprintf("%d_%d", os.Getpid(), time.Now().UnixNano()))
	execute(t, admin, "CREATE DATABASE "+name)
	t.Cleanup(func() { execute(t, admin, "DROP DATABASE "+name+" WITH (FORCE)") })
	address, err := postgres.WithDatabase(admin, name)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// execute runs one statement.
func execute(t testing.TB, address, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	conn, err := postgres.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.Exec(ctx, statement)
	if err = errors.Join(err, conn.Close(ctx)); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

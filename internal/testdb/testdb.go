// Package testdb gives each test a PostgreSQL database of its own, freshly migrated, and removes it afterwards.
//
// The server is the one DATABASE_URL names, else one in a container where a Docker engine answers, else a private one
// started from the machine's binaries without fsync. There is no way to skip: a test whose database cannot be had fails
// and tells what to do.
package testdb

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"treasury-switch/internal/postgres"
)

// limit bounds each thing done here; a machine at its limits may need long for the first start of a server.
const limit = 2 * time.Minute

// poolSize keeps the connections of many tests at once below the server's limit.
const poolSize = 8

// database is what one test has been given.
type database struct {
	url            string
	owner, runtime *pgxpool.Pool
}

var (
	mu    sync.Mutex
	given = map[testing.TB]*database{}
)

// New returns a pool on the test's own, migrated database, working as the runtime role like the program does: it can do
// no more than the program can. Calls of New, Owner and URL with the same t are about the same database.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	d := of(t)
	mu.Lock()
	defer mu.Unlock()
	if d.runtime == nil {
		d.runtime = open(t, d.url, false)
	}
	return d.runtime
}

// Owner returns a pool on the test's database with the rights of its owner, to prepare rows the program may not write and to
// look behind its back.
func Owner(t testing.TB) *pgxpool.Pool {
	t.Helper()
	d := of(t)
	mu.Lock()
	defer mu.Unlock()
	if d.owner == nil {
		d.owner = open(t, d.url, true)
	}
	return d.owner
}

// URL returns the owner's address of the test's database, for programs under test and for postgres.Open.
func URL(t testing.TB) string {
	t.Helper()
	return of(t).url
}

// Empty returns the owner's address of a database without any table, for tests of the migrations themselves.
func Empty(t testing.TB) string {
	t.Helper()
	return create(t, "template0")
}

// of returns the test's database and makes it at the first call.
func of(t testing.TB) *database {
	t.Helper()
	mu.Lock()
	d, ok := given[t]
	mu.Unlock()
	if ok {
		return d
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	source, err := template(ctx, server(t))
	if err != nil {
		t.Fatalf("test database: %v", err)
	}
	d = &database{url: create(t, source)}
	mu.Lock()
	given[t] = d
	mu.Unlock()
	t.Cleanup(func() { forget(t) })
	return d
}

// forget closes a test's pools. It runs before the database is dropped, since it was registered later.
func forget(t testing.TB) {
	mu.Lock()
	defer mu.Unlock()
	d := given[t]
	delete(given, t)
	for _, pool := range []*pgxpool.Pool{d.owner, d.runtime} {
		if pool != nil {
			pool.Close()
		}
	}
}

// open makes a pool that fails a hanging test sooner than go test's own limit would.
func open(t testing.TB, address string, owner bool) *pgxpool.Pool {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	pool, err := postgres.Open(ctx, address, postgres.Options{Owner: owner, Name: "test", MaxConns: poolSize,
		StatementTimeout: time.Minute})
	if err != nil {
		t.Fatalf("test database: %v", err)
	}
	return pool
}

// create clones a database and drops the clone when the test ends.
func create(t testing.TB, source string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	admin := server(t)
	name := prefix + "test_" + strings.ToLower(rand.Text()[:16])
	// Copying files beats copying through the log by a third where nothing is synced.
	if err := run(ctx, admin, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY FILE_COPY", name, source)); err != nil {
		t.Fatalf("test database: clone %s: %v", source, err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		// FORCE ends the sessions of a process the test left running; that is the test's affair, the database must go.
		if err := run(ctx, admin, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("test database: drop %s: %v", name, err)
		}
	})
	address, err := postgres.WithDatabase(admin, name)
	if err != nil {
		t.Fatalf("test database: %v", err)
	}
	return address
}

// run executes one statement on a connection of its own.
func run(ctx context.Context, address, statement string) error {
	conn, err := postgres.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

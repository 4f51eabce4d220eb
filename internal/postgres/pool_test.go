package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"treasury-switch/internal/postgres"
	"treasury-switch/internal/testdb"
)

func TestRuntimePoolWorksAsTheRuntimeRole(t *testing.T) {
	pool, err := postgres.Open(t.Context(), testdb.URL(t), postgres.Options{Name: "lane 3", LockTimeout: 1500 * time.Millisecond,
		IdleTransaction: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var role, name, statement, lock, idle string
	row := pool.QueryRow(t.Context(), `SELECT current_user, current_setting('application_name'), current_setting('statement_timeout'),
		current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')`)
	if err := row.Scan(&role, &name, &statement, &lock, &idle); err != nil {
		t.Fatal(err)
	}
	if role != postgres.RuntimeRole || name != "treasury-switch lane 3" {
		t.Errorf("works as %s, called %q", role, name)
	}
	if statement != "10s" || lock != "1500ms" || idle != "0" {
		t.Errorf("limits: statement %s, lock %s, idle %s", statement, lock, idle)
	}
	if _, err := pool.Exec(t.Context(), "CREATE TABLE mine (n int)"); postgres.State(err) != "42501" {
		t.Errorf("the runtime role made a table: %v", err)
	}
	if _, err := pool.Exec(t.Context(), "DELETE FROM lane"); postgres.State(err) != "42501" {
		t.Errorf("the runtime role deleted a lane: %v", err)
	}
}

func TestOpenSaysWhatIsMissing(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := postgres.Open(ctx, "postgres://a@127.0.0.1:1/d?sslmode=disable", postgres.Options{}); err == nil {
		t.Error("a pool without a server was opened")
	}
}

func TestWritable(t *testing.T) {
	pool := testdb.New(t)
	if err := postgres.Writable(t.Context(), pool); err != nil {
		t.Error(err)
	}
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if _, err := tx.Exec(t.Context(), "SET TRANSACTION READ ONLY"); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Writable(t.Context(), tx); !errors.Is(err, postgres.ErrNotWritable) {
		t.Errorf("a read-only session: %v", err)
	}
}

package measure

import (
	"context"
	"fmt"

	"treasury-switch/internal/postgres"
)

// WAL is how many bytes the server has written to its write-ahead log since it was made. The place in the log is read, because
// the server's statistics lag behind.
func WAL(ctx context.Context, db postgres.Querier) (int64, error) {
	var bytes int64
	if err := db.QueryRow(ctx, `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint`).Scan(&bytes); err != nil {
		return 0, fmt.Errorf("read the place in the write-ahead log: %w", err)
	}
	return bytes, nil
}

// Postmaster is the process id of the database's main process, or 0 if the server runs on another machine.
func Postmaster(ctx context.Context, db postgres.Querier) (int, error) {
	var backend int
	if err := db.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&backend); err != nil {
		return 0, fmt.Errorf("ask for PostgreSQL's process id: %w", err)
	}
	if parent, err := parent(backend); err == nil && named(backend, "postgres") && named(parent, "postgres") {
		return parent, nil
	}
	return 0, nil
}

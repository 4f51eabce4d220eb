package registry

import (
	"context"
	"log/slog"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/internal/snapshot"
	"treasury-switch/ledger"
)

// maxEntries bounds each list of a snapshot; a longer one is an error, never a cut list that would refuse good payments.
const maxEntries = 1_000_000

// version reads the registry's version, which every change raises.
func version(ctx context.Context, q postgres.Querier) (int64, error) {
	var version int64
	err := q.QueryRow(ctx, `SELECT version FROM registry_version WHERE id = 1`).Scan(&version)
	return version, postgres.Failed("read the registry's version", err)
}

// Load reads all lists as they were at one moment.
func Load(ctx context.Context, db postgres.DB) (*Directory, error) {
	tx, err := db.Begin(ctx)
	if err != nil {
		return nil, postgres.Failed("load the registry", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // It only reads.
	if _, err := tx.Exec(ctx, `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY`); err != nil {
		return nil, postgres.Failed("load the registry", err)
	}
	version, err := version(ctx, tx)
	if err != nil {
		return nil, err
	}
	agencies, err := all[Agency](ctx, tx, "agencies", `SELECT `+agencyColumns+` FROM agency`)
	if err != nil {
		return nil, err
	}
	terminals, err := all[Terminal](ctx, tx, "terminals", `SELECT `+terminalColumns+` FROM terminal`)
	if err != nil {
		return nil, err
	}
	services, err := all[Service](ctx, tx, "services", `SELECT `+serviceColumns+` FROM service`)
	if err != nil {
		return nil, err
	}
	accounts, err := ledger.LoadAll(ctx, tx, maxEntries)
	if err != nil {
		return nil, err
	}
	d := NewDirectory(agencies, terminals, services, accounts)
	d.version = version
	return d, nil
}

func all[T any](ctx context.Context, q postgres.Querier, what, sql string) ([]T, error) {
	items, err := collect[T](ctx, q, "load "+what, sql+` LIMIT $1`, maxEntries+1)
	if err == nil && len(items) > maxEntries {
		return nil, fault.New(fault.Unavailable, "there are more than %d %s", maxEntries, what)
	}
	return items, err
}

// Watcher keeps the newest lists at hand; a new snapshot is swapped in whole.
type Watcher = snapshot.Watcher[Directory]

// NewWatcher loads the first snapshot.
func NewWatcher(ctx context.Context, db postgres.DB, log *slog.Logger) (*Watcher, error) {
	return snapshot.Watch(ctx, snapshot.Source[Directory]{
		Name:    "registry",
		Version: func(ctx context.Context) (int64, error) { return version(ctx, db) },
		Load:    func(ctx context.Context) (*Directory, error) { return Load(ctx, db) },
		Of:      (*Directory).Version,
	}, log)
}

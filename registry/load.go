package registry

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
)

// maxEntries bounds each list of a snapshot; a longer one is an error, never a cut list that would refuse good payments.
const maxEntries = 1_000_000

// PollEvery is how often a node asks whether the lists have changed, unless it is told otherwise.
const PollEvery = time.Second

// Version reads the registry's version, which every change raises.
func Version(ctx context.Context, q ledger.Querier) (int64, error) {
	var version int64
	err := q.QueryRow(ctx, `SELECT version FROM registry_version WHERE id = 1`).Scan(&version)
	return version, failed("read the registry's version", err)
}

// Load reads all lists as they were at one moment.
func Load(ctx context.Context, db DB) (*Directory, error) {
	tx, err := db.Begin(ctx)
	if err != nil {
		return nil, failed("load the registry", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // It only reads.
	if _, err := tx.Exec(ctx, `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY`); err != nil {
		return nil, failed("load the registry", err)
	}
	version, err := Version(ctx, tx)
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

func all[T any](ctx context.Context, q ledger.Querier, what, sql string) ([]T, error) {
	items, err := collect[T](ctx, q, "load "+what, sql+` LIMIT $1`, maxEntries+1)
	if err == nil && len(items) > maxEntries {
		return nil, fault.New(fault.Unavailable, "there are more than %d %s", maxEntries, what)
	}
	return items, err
}

// Watcher keeps the newest lists at hand. Current is one atomic read; a new snapshot is swapped in whole.
type Watcher struct {
	db      DB
	log     *slog.Logger
	current atomic.Pointer[Directory]
}

// NewWatcher loads the first snapshot.
func NewWatcher(ctx context.Context, db DB, log *slog.Logger) (*Watcher, error) {
	d, err := Load(ctx, db)
	if err != nil {
		return nil, err
	}
	w := &Watcher{db: db, log: log}
	w.current.Store(d)
	return w, nil
}

// Current returns the newest snapshot known. It never returns nil.
func (w *Watcher) Current() *Directory { return w.current.Load() }

// Refresh loads a new snapshot if the registry has changed, and reports whether it did. On an error the old one stays.
func (w *Watcher) Refresh(ctx context.Context) (changed bool, err error) {
	version, err := Version(ctx, w.db)
	if err != nil || version == w.Current().Version() {
		return false, err
	}
	d, err := Load(ctx, w.db)
	if err != nil {
		return false, err
	}
	w.current.Store(d)
	return true, nil
}

// Run refreshes at every tick until the context ends or the ticks do. The first of a row of failures is logged, and the
// success that ends it; meanwhile the node works with what it has.
func (w *Watcher) Run(ctx context.Context, ticks <-chan time.Time) {
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case _, open := <-ticks:
			if !open {
				return
			}
		}
		changed, err := w.Refresh(ctx)
		if ctx.Err() != nil {
			return
		}
		if (err != nil) != failing {
			failing = err != nil
			w.log.Warn("registry polled", "failing", failing, "version", w.Current().Version(), "error", err)
		}
		if changed {
			w.log.Info("registry changed", "version", w.Current().Version())
		}
	}
}

package tariffs

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// Watcher keeps the newest set of the database at hand. Current is one atomic
// read; a new set is swapped in whole.
type Watcher struct {
	db      Reader
	log     *slog.Logger
	current atomic.Pointer[Set]
}

// NewWatcher loads the first set.
func NewWatcher(ctx context.Context, db Reader, log *slog.Logger) (*Watcher, error) {
	set, err := LoadSet(ctx, db)
	if err != nil {
		return nil, err
	}
	w := &Watcher{db: db, log: log}
	w.current.Store(set)
	return w, nil
}

// Current returns the newest set known. It never returns nil.
func (w *Watcher) Current() *Set { return w.current.Load() }

// Refresh loads a new set if the database has one, and reports whether it did.
// On an error the old set stays.
func (w *Watcher) Refresh(ctx context.Context) (changed bool, err error) {
	revision, err := Revision(ctx, w.db)
	if err != nil || revision == w.Current().Revision() {
		return false, err
	}
	set, err := LoadSet(ctx, w.db)
	if err != nil {
		return false, err
	}
	w.current.Store(set)
	return true, nil
}

// Run refreshes at every tick until the context ends or the ticks do. A tick
// that fails is logged and the next one tries again.
func (w *Watcher) Run(ctx context.Context, ticks <-chan time.Time) {
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
		switch {
		case err != nil && ctx.Err() == nil:
			w.log.Warn("tariffs not refreshed", "error", err)
		case changed:
			w.log.Info("tariffs changed", "revision", w.Current().Revision())
		}
	}
}

// Package snapshot keeps the newest state of a rarely written part of the database at hand, as an immutable value that is
// swapped whole when its version has moved.
package snapshot

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// PollEvery is how often a node asks whether something has changed: so long a change may take until every node knows it.
const PollEvery = time.Second

// Source is where values come from.
type Source[V any] struct {
	// Name is what the log calls them.
	Name string
	// Version reads the version that the database has now. It is asked at every tick, so it should read one row.
	Version func(context.Context) (int64, error)
	// Load reads a value.
	Load func(context.Context) (*V, error)
	// Of is the version that a value shows.
	Of func(*V) int64
}

// Watcher keeps the newest value. Current is one atomic read.
type Watcher[V any] struct {
	source  Source[V]
	log     *slog.Logger
	current atomic.Pointer[V]
}

// Watch loads the first value; its errors are the source's.
func Watch[V any](ctx context.Context, source Source[V], log *slog.Logger) (*Watcher[V], error) {
	first, err := source.Load(ctx)
	if err != nil {
		return nil, err
	}
	w := &Watcher[V]{source: source, log: log}
	w.current.Store(first)
	return w, nil
}

// Current returns the newest value known. It never returns nil.
func (w *Watcher[V]) Current() *V { return w.current.Load() }

// Refresh loads a new value if the version has moved, and reports whether it did. On an error the old value stays.
func (w *Watcher[V]) Refresh(ctx context.Context) (changed bool, err error) {
	version, err := w.source.Version(ctx)
	if err != nil || version == w.version() {
		return false, err
	}
	next, err := w.source.Load(ctx)
	if err != nil {
		return false, err
	}
	w.current.Store(next)
	return true, nil
}

func (w *Watcher[V]) version() int64 { return w.source.Of(w.Current()) }

// Run refreshes at every tick until the context ends or the ticks do. The first of a row of failures is logged, and the
// success that ends it; meanwhile the node works with what it has.
func (w *Watcher[V]) Run(ctx context.Context, ticks <-chan time.Time) {
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
			w.log.Warn(w.source.Name+" polled", "failing", failing, "version", w.version(), "error", err)
		}
		if changed {
			w.log.Info(w.source.Name+" changed", "version", w.version())
		}
	}
}

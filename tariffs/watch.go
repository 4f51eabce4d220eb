package tariffs

import (
	"context"
	"log/slog"

	"treasury-switch/internal/postgres"
	"treasury-switch/internal/snapshot"
)

// Watcher keeps the newest set of the database at hand; a new set is swapped in whole.
type Watcher = snapshot.Watcher[Set]

// NewWatcher loads the first set.
func NewWatcher(ctx context.Context, db postgres.Querier, log *slog.Logger) (*Watcher, error) {
	return snapshot.Watch(ctx, snapshot.Source[Set]{
		Name:    "tariffs",
		Version: func(ctx context.Context) (int64, error) { return revision(ctx, db) },
		Load:    func(ctx context.Context) (*Set, error) { return LoadSet(ctx, db) },
		Of:      (*Set).Revision,
	}, log)
}

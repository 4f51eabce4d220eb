package main

import (
	"context"
	"log/slog"
	"time"

	"treasury-switch/internal/dbclock"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/node"
	"treasury-switch/internal/postgres"
	"treasury-switch/migrations"
)

// reportTimeout bounds one statement of a command that reads the books.
const reportTimeout = 5 * time.Minute

// withDatabase runs a command on the node's database as the runtime role, which can read everything and change no history.
func (a *app) withDatabase(ctx context.Context, work func(ctx context.Context, db node.Pool) error) error {
	found, err := node.OpenDatabase(ctx, a.globals.DatabaseURL, a.globals.Var, false, a.logger(slog.LevelWarn))
	if err != nil {
		return err
	}
	defer a.closeDatabase(found)
	pool, err := found.Pool(ctx, postgres.Options{Name: "command", MaxConns: 2, StatementTimeout: reportTimeout})
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := migrations.Migrated(ctx, pool); err != nil {
		return fault.New(fault.Conflict, "%w", err)
	}
	clock, err := dbclock.Start(ctx, func(ctx context.Context) (time.Time, error) { return postgres.Now(ctx, pool) }, a.logger(slog.LevelWarn))
	if err != nil {
		return fault.New(fault.Unavailable, "%w", err)
	}
	a.now = clock.Now // Records carry the database's time, whatever this machine's clock says.
	return work(ctx, pool)
}

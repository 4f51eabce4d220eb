// Package migrations holds the schema as forward-only SQL files and applies them. README.md has their rules.
package migrations

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"treasury-switch/internal/postgres"
)

//go:embed *.sql
var files embed.FS

// One program migrates at a time; another waits so long for it.
const (
	lockPeriod = 1   // seconds between two attempts
	lockTries  = 120 // attempts
)

// Step is one migration and whether the database has it.
type Step struct {
	Version int64
	File    string
	Applied bool
	At      time.Time // when it was applied; zero if it was not
}

// Up applies every missing migration to the database at address, each in its own transaction, and returns how many it
// applied. Programs that do this at once wait for each other. The address's user must own the schema and, the first time,
// may create roles.
func Up(ctx context.Context, address string) (int, error) {
	provider, closeAll, err := open(address)
	if err != nil {
		return 0, err
	}
	defer closeAll()
	results, err := provider.Up(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate the database: %w", err)
	}
	return len(results), nil
}

// Status lists every migration the program has, oldest first.
func Status(ctx context.Context, address string) ([]Step, error) {
	provider, closeAll, err := open(address)
	if err != nil {
		return nil, err
	}
	defer closeAll()
	all, err := provider.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("read migrations of the database: %w", err)
	}
	steps := make([]Step, 0, len(all))
	for _, one := range all {
		steps = append(steps, Step{Version: one.Source.Version, File: one.Source.Path,
			Applied: one.State == goose.StateApplied, At: one.AppliedAt})
	}
	return steps, nil
}

// current compares the newest migration that the database has with the newest that the program has. The program works with
// have == want, and with a newer database during a rolling upgrade; with an older one it must not start. It works as the
// runtime role.
func current(ctx context.Context, db postgres.Querier) (have, want int64, err error) {
	want, err = newest()
	if err != nil {
		return 0, 0, err
	}
	row := db.QueryRow(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`)
	if err := row.Scan(&have); err != nil {
		return 0, want, fmt.Errorf("read version of the database (run `treasury-switch migrate`): %w", err)
	}
	return have, want, nil
}

// Migrated is nil when the database has every migration of the program, for readiness.
func Migrated(ctx context.Context, db postgres.Querier) error {
	have, want, err := current(ctx, db)
	if err != nil {
		return err
	}
	if have < want {
		return fmt.Errorf("the database is at migration %d, the program needs %d: run `treasury-switch migrate`", have, want)
	}
	return nil
}

// newest is the highest version among the program's migrations.
func newest() (int64, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return 0, fmt.Errorf("list migrations: %w", err)
	}
	var newest int64
	for _, name := range names {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return 0, fmt.Errorf("number of migration %s: %w", name, err)
		}
		newest = max(newest, version)
	}
	return newest, nil
}

// Digest is a short name for exactly this set of migrations: 12 hexadecimal digits that change with any byte of them.
func Digest() (string, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return "", fmt.Errorf("list migrations: %w", err)
	}
	sum := sha256.New()
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("read migration %s: %w", name, err)
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6]), nil
}

// open readies the runner for a database and returns how to close it.
func open(address string) (*goose.Provider, func(), error) {
	config, err := postgres.Config(address)
	if err != nil {
		return nil, nil, err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(lockPeriod, lockTries))
	if err != nil {
		return nil, nil, fmt.Errorf("ready the migrations: %w", err)
	}
	db := stdlib.OpenDB(*config)
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		_ = db.Close()
		return nil, nil, fmt.Errorf("ready the migrations: %w", err)
	}
	return provider, func() { _ = provider.Close() }, nil
}

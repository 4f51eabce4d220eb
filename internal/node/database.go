package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/pgserver"
	"treasury-switch/internal/postgres"
)

// privateDatabase is the name of the switch's database on its private PostgreSQL.
const privateDatabase = "treasury"

// Pool is a set of connections to the node's database.
type Pool = *pgxpool.Pool

// closeLimit bounds the stop of a private PostgreSQL.
const closeLimit = 40 * time.Second

// Database is the address of the node's database, and the private server behind it where there is one.
type Database struct {
	Address string
	private *pgserver.Server
}

// OpenDatabase finds the database: the one at address, or else the private PostgreSQL of a folder. That is made only if
// create is set; without it and without an earlier server the error is fault.NotFound and tells what to do.
func OpenDatabase(ctx context.Context, address, folder string, create bool, log *slog.Logger) (*Database, error) {
	if address != "" {
		if _, err := postgres.Address(address); err != nil {
			return nil, fault.New(fault.Invalid, "DATABASE_URL: %w", err)
		}
		return &Database{Address: address}, nil
	}
	if !create && !made(folder) {
		return nil, fault.New(fault.NotFound, "no database is named and there is no private one under %s: set DATABASE_URL, "+
			"or set TREASURY_VAR to the folder of a switch that runs with `treasury-switch serve --dev`", folder)
	}
	server, err := pgserver.Start(ctx, pgserver.Options{Folder: folder, Prepare: createDatabase, Log: log})
	if err != nil {
		return nil, fault.New(fault.Unavailable, "private PostgreSQL: %w", err)
	}
	return &Database{Address: server.URL(privateDatabase), private: server}, nil
}

// made reports whether a folder holds a private server of an earlier start.
func made(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, "postgres"))
	return !errors.Is(err, fs.ErrNotExist)
}

// createDatabase makes the switch's database on a private server that has just started.
func createDatabase(ctx context.Context, admin string) error {
	conn, err := postgres.Connect(ctx, admin)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var there bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, privateDatabase).Scan(&there)
	if err != nil || there {
		return err
	}
	_, err = conn.Exec(ctx, `CREATE DATABASE `+privateDatabase)
	return err
}

// Private reports whether the database is on a private server.
func (d *Database) Private() bool { return d.private != nil }

// Pool opens connections as the runtime role.
func (d *Database) Pool(ctx context.Context, options postgres.Options) (Pool, error) {
	pool, err := postgres.Open(ctx, d.Address, options)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "%w", err)
	}
	return pool, nil
}

// Close gives up a private server, and stops it if no other process uses it.
func (d *Database) Close() error {
	if d.private == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
	defer cancel()
	if err := d.private.Close(ctx); err != nil {
		return fmt.Errorf("stop private PostgreSQL: %w", err)
	}
	return nil
}

package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"treasury-switch/internal/pgserver"
	"treasury-switch/internal/postgres"
)

// The databases of a run.
const (
	databaseTPCB   = "bench_tpcb"
	databaseCopy   = "bench_copy"
	databaseLedger = "bench_ledger"
	databaseSwitch = "bench_switch"
)

// closeLimit bounds the stop of the server, which writes a checkpoint.
const closeLimit = 2 * time.Minute

// cluster is the one private PostgreSQL on which everything is measured, with fsync and synchronous_commit on. It can be
// started again on its data with a slower disk.
type cluster struct {
	folder   string
	settings []string // name=value, instead of the private server's own
	log      *slog.Logger
	server   *pgserver.Server
}

// startCluster starts the cluster of a folder.
func startCluster(ctx context.Context, folder string, settings []string, log *slog.Logger) (*cluster, error) {
	c := &cluster{folder: folder, settings: settings, log: log}
	if err := c.start(ctx, nil); err != nil {
		return nil, err // It is not ours, so nothing is removed.
	}
	return c, nil
}

// start starts the server. A server that a killed run left behind is taken over, and stopped when it is left.
func (c *cluster) start(ctx context.Context, environment []string) (err error) {
	for range 2 {
		c.server, err = pgserver.Start(ctx, pgserver.Options{Folder: c.folder, Settings: c.settings, Environment: environment, Log: c.log})
		if err != nil || c.server.Started() {
			return err
		}
		if err := c.close(); err != nil {
			return err
		}
	}
	return fmt.Errorf("another run uses the PostgreSQL in %s: wait for its end, or choose another --var", c.server.Folder())
}

// restart stops the server in order and starts it on the same data, in another environment.
func (c *cluster) restart(ctx context.Context, environment []string) error {
	if err := c.close(); err != nil {
		return err
	}
	return c.start(ctx, environment)
}

func (c *cluster) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
	defer cancel()
	if err := c.server.Close(ctx); err != nil {
		return fmt.Errorf("stop the PostgreSQL of the measurements: %w", err)
	}
	return nil
}

// remove stops the server and removes its data, which may take tens of gigabytes.
func (c *cluster) remove() error {
	if err := c.close(); err != nil {
		return err
	}
	if err := os.RemoveAll(c.server.Folder()); err != nil {
		return fmt.Errorf("remove the data of the measurements: %w", err)
	}
	return nil
}

// database makes an empty database and returns its address.
func (c *cluster) database(ctx context.Context, name string) (string, error) {
	conn, err := postgres.Connect(ctx, c.server.URL("postgres"))
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, statement := range []string{
		"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", // of an earlier run that was killed
		"CREATE DATABASE " + name + " TEMPLATE template0",
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return "", fmt.Errorf("make database %s: %w", name, err)
		}
	}
	return c.server.URL(name), nil
}

// settle runs the vacuum and checkpoint that the server would otherwise run in the background, so that no measurement pays
// for the one before.
func (c *cluster) settle(ctx context.Context, name string) error {
	conn, err := postgres.Connect(ctx, c.server.URL(name))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, statement := range []string{"VACUUM (ANALYZE)", "CHECKPOINT"} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("settle database %s: %w", name, err)
		}
	}
	return nil
}

package main

import (
	"context"
	"log/slog"

	"treasury-switch/internal/node"
)

// serveCmd runs a node.
type serveCmd struct {
	serveSettings
	Dev bool `help:"For development: start a private PostgreSQL if no DATABASE_URL is set, migrate, make a master key, load the sample data."`
}

func (serveCmd) Help() string {
	return `Starts in this order: database (durable, not older than one seen before, migrated), recovery of payments that a crash left
in doubt, sign-on to the network, then the listener of terminals. INT and TERM stop it in order: no new messages, answers to
those in flight, sign-off. A second signal ends it at once. Every setting can be given as a flag or in the environment.

Example:
  treasury-switch serve --dev
  DATABASE_URL=postgres://switch@db:5432/treasury TREASURY_NETWORK=10.0.0.5:8600,10.0.0.6:8600 treasury-switch serve`
}

// Run serves until it is told to stop, or until a part of the node fails.
func (c *serveCmd) Run(ctx context.Context, a *app) error {
	config, err := c.config(a)
	if err != nil {
		return err
	}
	config.Dev, config.Log = c.Dev, a.logger(slog.LevelInfo)
	n, err := node.Start(ctx, config)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		config.Log.Info("stopping: answers to what is in flight, then sign-off")
	case err = <-n.Failed():
		config.Log.Error("stopping because a part has failed", "error", err)
	}
	if stopped := n.Stop(); stopped != nil {
		config.Log.Error("not everything ended in order; the next start repairs what was cut off", "error", stopped)
		if err == nil {
			err = stopped
		}
	}
	if err == nil {
		config.Log.Info("stopped")
	}
	return err
}

package node

import (
	"context"
	"errors"
	"time"

	"treasury-switch/internal/postgres"
	"treasury-switch/migrations"
)

// readyLimit bounds the whole check, so that a hanging database gives an answer and not a wait.
const readyLimit = 2 * time.Second

// Check is one condition of readiness.
type Check struct {
	Name  string `json:"name"`
	Ready bool   `json:"ready"`
	Why   string `json:"why,omitempty"`
}

// Readiness reports whether the node takes payments, and if not, what is missing.
type Readiness struct {
	Ready  bool    `json:"ready"`
	Checks []Check `json:"checks"`
}

// condition is a check that can be asked again and again.
type condition struct {
	name string
	ask  func(ctx context.Context) error
}

// look checks every condition.
func look(ctx context.Context, conditions []condition) Readiness {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	r := Readiness{Ready: true, Checks: make([]Check, 0, len(conditions))}
	for _, c := range conditions {
		one := Check{Name: c.name, Ready: true}
		if err := c.ask(ctx); err != nil {
			one.Ready, one.Why, r.Ready = false, err.Error(), false
		}
		r.Checks = append(r.Checks, one)
	}
	return r
}

// signedOn is the condition of the links, writable that of the recorder.
type signedOn interface{ SignedOn() bool }
type writable interface{ Hindrance() error }

// conditions are what a node needs to take payments: a database that takes writes, all migrations, and a network link.
func conditions(pool postgres.Querier, recorder writable, links signedOn) []condition {
	return []condition{
		{"database", func(ctx context.Context) error {
			if err := postgres.Writable(ctx, pool); err != nil {
				return err
			}
			return recorder.Hindrance()
		}},
		{"migrations", func(ctx context.Context) error { return migrations.Migrated(ctx, pool) }},
		{"network", func(context.Context) error {
			if !links.SignedOn() {
				return errors.New("no network link is signed on: see `treasury-switch links`")
			}
			return nil
		}},
	}
}

package main

import (
	"context"
	"fmt"
	"log/slog"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/node"
	"treasury-switch/migrations"
)

// migrateCmd brings the database's schema up to the program.
type migrateCmd struct {
	Status bool `help:"Show which migrations the database has, and change nothing."`
}

func (migrateCmd) Help() string {
	return `Works as the user of DATABASE_URL, who must own the schema and, the first time, may create roles.

Example:
  DATABASE_URL=postgres://owner@db:5432/treasury treasury-switch migrate
  treasury-switch migrate --status --json`
}

// migrationResult is what migrate prints for programs.
type migrationResult struct {
	Applied int               `json:"applied"`
	Steps   []migrations.Step `json:"steps"`
}

// Run migrates, or shows the state.
func (c *migrateCmd) Run(ctx context.Context, a *app) error {
	db, err := node.OpenDatabase(ctx, a.globals.DatabaseURL, a.globals.Var, false, a.logger(slog.LevelWarn))
	if err != nil {
		return err
	}
	defer a.closeDatabase(db)
	var result migrationResult
	if !c.Status {
		if result.Applied, err = migrations.Up(ctx, db.Address); err != nil {
			return fault.New(fault.Unavailable, "%w", err)
		}
	}
	if result.Steps, err = migrations.Status(ctx, db.Address); err != nil {
		return fault.New(fault.Unavailable, "%w", err)
	}
	if a.globals.JSON {
		return a.printJSON(result)
	}
	g := grid{headings: []any{"migration", "file", "applied"}, numbers: []int{1}}
	for _, step := range result.Steps {
		at := "no"
		if step.Applied {
			at = clock(step.At)
		}
		g.add(step.Version, step.File, at)
	}
	a.print(g)
	if !c.Status {
		a.say("%s", map[bool]string{true: "The database was current.", false: fmt.Sprintf("%d migrations applied.", result.Applied)}[result.Applied == 0])
	}
	return nil
}

// closeDatabase ends the use of a private server, if there is one.
func (a *app) closeDatabase(db *node.Database) {
	if err := db.Close(); err != nil {
		fmt.Fprintf(a.err, "treasury-switch: %v\n", err)
	}
}

package testdb

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/postgres"
	"treasury-switch/migrations"
)

// prefix begins the name of every database made here.
const prefix = "treasury_"

// templateLock is the advisory lock, in the server's own database, under which a template is made. The number is arbitrary.
const templateLock = 7_483_011

var made struct {
	sync.Mutex
	name string
}

// template returns the name of a database that has all migrations, and makes it if this set of migrations has none yet:
// its name carries their digest. Processes that need it at once wait for the first.
func template(ctx context.Context, admin string) (string, error) {
	made.Lock()
	defer made.Unlock()
	if made.name != "" {
		return made.name, nil
	}
	digest, err := migrations.Digest()
	if err != nil {
		return "", err
	}
	name := prefix + "template_" + digest
	if err := ensureTemplate(ctx, admin, name); err != nil {
		return "", err
	}
	made.name = name
	return name, nil
}

func ensureTemplate(ctx context.Context, admin, name string) error {
	conn, err := postgres.Connect(ctx, admin)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
		return fmt.Errorf("wait for the template database: %w", err)
	}
	var there bool
	row := conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name)
	if err := row.Scan(&there); err != nil {
		return fmt.Errorf("look for template database %s: %w", name, err)
	}
	if there {
		return nil
	}
	return buildTemplate(ctx, conn, admin, name)
}

// buildTemplate migrates a database under another name and renames it when it is whole.
func buildTemplate(ctx context.Context, conn *pgx.Conn, admin, name string) error {
	building := name + "_new"
	for _, statement := range []string{
		"DROP DATABASE IF EXISTS " + building + " WITH (FORCE)",
		"CREATE DATABASE " + building + " TEMPLATE template0",
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("make template database %s: %w", name, err)
		}
	}
	address, err := postgres.WithDatabase(admin, building)
	if err != nil {
		return err
	}
	if _, err := migrations.Up(ctx, address); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "ALTER DATABASE "+building+" RENAME TO "+name); err != nil {
		return fmt.Errorf("make template database %s: %w", name, err)
	}
	return nil
}

// sweep drops what earlier runs left in a private server that nobody else uses yet: databases of tests that were killed,
// and templates of migrations that have changed since.
func sweep(ctx context.Context, admin string) error {
	digest, err := migrations.Digest()
	if err != nil {
		return err
	}
	conn, err := postgres.Connect(ctx, admin)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `SELECT datname FROM pg_database WHERE datname LIKE $1 AND datname <> $2`,
		`treasury\_%`, prefix+"template_"+digest)
	if err != nil {
		return fmt.Errorf("list old test databases: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("list old test databases: %w", err)
	}
	for _, name := range names {
		if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
			return fmt.Errorf("drop old test database %s: %w", name, err)
		}
	}
	return nil
}

package migrations_test

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"treasury-switch/internal/postgres"
	"treasury-switch/internal/testdb"
	"treasury-switch/migrations"
)

// Tariffs that a database has when versions get states were in force, and stay so.
func TestTariffsOfBeforeTheirStatesAreInForce(t *testing.T) {
	ctx, address := t.Context(), testdb.Empty(t)
	config, err := postgres.Config(address)
	if err != nil {
		t.Fatal(err)
	}
	db := stdlib.OpenDB(*config)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(ctx, 7); err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(ctx, `INSERT INTO tariff_version (agency, id, service, valid_from, valid_to, body)
		VALUES (101, 1, 'FEE', '2024-03-20', '2025-03-21', '{"service": "FEE", "agency": 101}'),
		       (101, 2, 'FEE', '2025-03-21', NULL, '{"service": "FEE", "agency": 101}')`)
	if err != nil {
		t.Fatal(err)
	}
	if applied, err := migrations.Up(ctx, address); err != nil || applied == 0 {
		t.Fatalf("%d applied, %v", applied, err)
	}
	var standing string
	err = db.QueryRowContext(ctx, `
		SELECT string_agg(concat_ws(' ', s.version, s.state, s.until, s.entered_by, s.submitted_by, s.approved_by,
		           (SELECT count(*) FROM tariff_step t WHERE t.version = s.version)), '; ' ORDER BY s.version)
		  FROM tariff_state s`).Scan(&standing)
	want := "1 approved 2025-03-21 maker maker checker 3; 2 approved infinity maker maker checker 3"
	if err != nil || standing != want {
		t.Errorf("%v: %q, want %q", err, standing, want)
	}
}

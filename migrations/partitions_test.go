package migrations_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"treasury-switch/internal/testdb"
)

// withPartitions makes partitions of every partitioned table, as the runtime role, so that the rules are held on them too.
func withPartitions(t *testing.T) {
	t.Helper()
	rows, err := testdb.Owner(t).Query(t.Context(),
		`SELECT relname::text FROM pg_class WHERE relkind = 'p' AND relnamespace = 'public'::regnamespace`)
	for _, table := range names(t, rows, err) {
		if _, err := testdb.New(t).Exec(t.Context(), `SELECT ensure_month_partitions($1, DATE '2026-11-21', 2)`, table); err != nil {
			t.Fatalf("partitions of %s: %v", table, err)
		}
	}
}

func TestMonthPartitions(t *testing.T) {
	ctx, owner, runtime := t.Context(), testdb.Owner(t), testdb.New(t)
	_, err := owner.Exec(ctx, `
		ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO treasury_runtime;
		CREATE TABLE sample (agency int NOT NULL, day date NOT NULL, CONSTRAINT sample_pk PRIMARY KEY (agency, day)) PARTITION BY RANGE (day);
		REVOKE ALL ON sample FROM treasury_runtime;
		GRANT SELECT, INSERT ON sample TO treasury_runtime`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from   string
		months int
		made   int
	}{{"2026-11-21", 3, 3}, {"2026-11-30", 3, 0}, {"2026-12-01", 3, 1}} {
		var made int
		row := runtime.QueryRow(ctx, `SELECT ensure_month_partitions('sample', $1::text::date, $2)`, c.from, c.months)
		if err := row.Scan(&made); err != nil || made != c.made {
			t.Errorf("%d months from %s: made %d (%v), want %d", c.months, c.from, made, err, c.made)
		}
	}
	rows, err := owner.Query(ctx, `SELECT relname::text FROM pg_class WHERE relispartition AND relkind = 'r' AND relname LIKE 'sample%' ORDER BY 1`)
	got := names(t, rows, err)
	want := []string{"sample_y2026m11", "sample_y2026m12", "sample_y2027m01", "sample_y2027m02"}
	if len(got) != len(want) || got[0] != want[0] || got[3] != want[3] {
		t.Errorf("partitions %v, want %v", got, want)
	}
	for _, day := range []string{"2026-11-01", "2026-12-31", "2027-02-28"} {
		if _, err := runtime.Exec(ctx, `INSERT INTO sample VALUES (1, $1::text::date)`, day); err != nil {
			t.Errorf("%s: %v", day, err)
		}
	}
	for _, day := range []string{"2026-10-31", "2027-03-01"} {
		if _, err := runtime.Exec(ctx, `INSERT INTO sample VALUES (1, $1::text::date)`, day); err == nil {
			t.Errorf("%s found a partition", day)
		}
	}
	for statement, allowed := range map[string]bool{
		"SELECT count(*) FROM sample_y2026m11":      true,
		"UPDATE sample_y2026m11 SET agency = 2":     false,
		"DELETE FROM sample_y2026m11":               false,
		"TRUNCATE sample_y2026m11":                  false,
		"DROP TABLE sample_y2026m11":                false,
		"ALTER TABLE sample DETACH PARTITION lane_": false,
	} {
		if _, err := runtime.Exec(ctx, statement); (err == nil) != allowed {
			t.Errorf("%s as the runtime role: %v", statement, err)
		}
	}
}

func TestMonthPartitionsRefusals(t *testing.T) {
	for _, c := range []struct {
		name string
		args []any
	}{
		{"no such table", []any{"absent", "2026-11-01", 1}},
		{"not partitioned", []any{"lane", "2026-11-01", 1}},
		{"of another schema", []any{"pg_class", "2026-11-01", 1}},
		{"hostile name", []any{"lane; DROP TABLE lane", "2026-11-01", 1}},
		{"no months", []any{"lane", "2026-11-01", 0}},
		{"too many months", []any{"lane", "2026-11-01", 121}},
	} {
		_, err := testdb.New(t).Exec(t.Context(), `SELECT ensure_month_partitions($1, $2::text::date, $3)`, c.args...)
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.Code != "P0001" {
			t.Errorf("%s: %v, want a refusal", c.name, err)
		}
	}
}

// The helpers for distribution do nothing on plain PostgreSQL, and the program cannot call them.
func TestDistributionHelpers(t *testing.T) {
	for _, call := range []string{"SELECT distribute_table('lane', 'id')", "SELECT reference_table('lane')"} {
		if _, err := testdb.Owner(t).Exec(t.Context(), call); err != nil {
			t.Errorf("%s as the owner: %v", call, err)
		}
		var refused *pgconn.PgError
		if _, err := testdb.New(t).Exec(t.Context(), call); !errors.As(err, &refused) || refused.Code != "42501" {
			t.Errorf("%s as the runtime role: %v", call, err)
		}
	}
}

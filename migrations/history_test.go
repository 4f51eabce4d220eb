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

// A database that was lived in when open things get rows of their own: its cases wait still, its searches go on where they were, and a mark that
// is ahead of the clock is taken over by no pass.
func TestAHistoryOfBeforeGoesOn(t *testing.T) {
	for name, c := range map[string]struct{ mark, want string }{
		"a mark of the past":   {"now() - interval '3 minutes'", "1 3 2 63 3 1443"},
		"a mark of the future": {"now() + interval '1 year'", "1"},
	} {
		t.Run(name, func(t *testing.T) {
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
			if _, err := provider.UpTo(ctx, 12); err != nil {
				t.Fatal(err)
			}
			_, err = db.ExecContext(ctx, `
				INSERT INTO sweep_mark (id, swept_until) VALUES (1, `+c.mark+`);
				INSERT INTO payment_case (agency, opened_on, payment, version, book, owner, reason, opened_at)
				SELECT 101, '2026-11-21', ('00000000-0000-0000-0000-00000000000' || i)::uuid, 2, 1, 'reconciliation', 'day_closed', now()
				  FROM generate_series(1, 3) AS i;
				INSERT INTO case_proposal (agency, opened_on, payment, version, round, case_version, made_at, status, outcome, maker, reason)
				SELECT agency, opened_on, payment, 3, 1, 2, now(), 'REVERSED', 'closed', 'maker', 'x' FROM payment_case
				 WHERE payment <> '00000000-0000-0000-0000-000000000001';
				INSERT INTO case_decision (agency, opened_on, payment, version, round, decided_at, maker, checker, verdict, reason)
				VALUES (101, '2026-11-21', '00000000-0000-0000-0000-000000000002', 3, 1, now(), 'maker', 'checker', 'accepted', ''),
				       (101, '2026-11-21', '00000000-0000-0000-0000-000000000003', 3, 1, now(), 'maker', 'checker', 'rejected', 'no')`)
			if err != nil {
				t.Fatal(err)
			}
			if applied, err := migrations.Up(ctx, address); err != nil || applied == 0 {
				t.Fatalf("%d applied, %v", applied, err)
			}
			var open, marks string
			err = db.QueryRowContext(ctx, `SELECT string_agg(right(payment::text, 1), ' ' ORDER BY payment) FROM open_case`).Scan(&open)
			if err != nil || open != "1 3" {
				t.Errorf("open are %q, %v; want those that nobody has ended", open, err)
			}
			err = db.QueryRowContext(ctx, `
				SELECT string_agg(concat_ws(' ', id, CASE WHEN swept_until < now() THEN (extract(epoch FROM now() - swept_until) / 60)::int END), ' ' ORDER BY id)
				  FROM sweep_mark`).Scan(&marks)
			if err != nil || marks != c.want {
				t.Errorf("minutes that marks are behind: %q, %v; want %q", marks, err, c.want)
			}
		})
	}
}

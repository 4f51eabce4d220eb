package switching

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"treasury-switch/calendar"
	"treasury-switch/internal/testdb"
	"treasury-switch/switch/payment"
)

// past is a history that was lived elsewhere: payments of one day, evenly spread over it and over twenty agencies. Every fifth of them
// became a case and was answered; of the day before there are a few whose cases are open still.
type past struct {
	day      calendar.Date
	payments int // of the day; a fifth of them were cases
	open     int // of the day before: cases that wait
}

// pastDay is long ago by every clock, and has a partition of its own.
var pastDay = calendar.On(2024, time.May, 14)

// write puts the history into the test's database, and has PostgreSQL look at it.
func (h past) write(t testing.TB, owner *pgxpool.Pool) {
	t.Helper()
	h.exec(t, owner, `SELECT ensure_month_partitions(name, $1::date - 40, 3) FROM unnest(ARRAY['payment', 'event', 'transfer']) AS name`, h.day.Time())
	h.exec(t, owner, `INSERT INTO business_day (book, day, state, source, opened_at, closed_at) VALUES (1, $1::date, 'closed', 'cut-over', now(), now())`, h.day.Time())
	h.pay(t, owner, h.day.Add(-1), h.open)
	h.becomeCases(t, owner, h.day.Add(-1), 1)
	h.pay(t, owner, h.day, h.payments)
	h.becomeCases(t, owner, h.day, 5)
	h.exec(t, owner, `INSERT INTO event (agency, opened_on, payment, version, plan_id, at, was, status, reason, actor, network, told, approval, held, business_day)
		SELECT agency, opened_on, id, 1, 1, opened_at, 'PENDING', 'APPROVED', 'network', 'network', '00', '00', '123456', amount, opened_on
		  FROM payment p WHERE opened_on = $1 AND rrn % 5 <> 0`, h.day.Time())
	h.answer(t, owner)
	h.settle(t, owner)
}

// settle leaves the tables as a while of living does: vacuumed, analysed and summarised, so that autovacuum does not do it beside a benchmark.
func (past) settle(t testing.TB, owner *pgxpool.Pool) {
	t.Helper()
	ctx := context.Background()
	conn, err := owner.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, sql := range []string{`SET statement_timeout = 0`,
		`VACUUM (ANALYZE) payment, event, payment_case, open_case, case_proposal, case_decision, business_day`, `RESET statement_timeout`} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// pay writes payments of a day; their RRNs count from 1 on.
func (past) pay(t testing.TB, owner *pgxpool.Pool, day calendar.Date, n int) {
	past{}.exec(t, owner, `INSERT INTO payment (`+payment.Columns+`)
		SELECT 101 + i % 20, $1::date, (lpad(to_hex(i * 86400 / $3), 6, '0') || substr(md5(i::text || $1::date), 7))::uuid, i, 1000,
		       at, at + interval '3 seconds', at + interval '30 seconds', gen_random_uuid(), gen_random_uuid(), $1::date, 1, false, 'pos', '581672000',
		       '000000000000101', '10100001', lpad((i % 1000000)::text, 6, '0'), '120000', '000000', '', '{}', '603799', '0014', 'sealed'
		  FROM (SELECT i, $2::timestamptz + interval '1 microsecond' * ((i - 1) * 86400000000 / $3) AS at FROM generate_series(1, $3::bigint) AS i) AS each`,
		day.Time(), day.Begins(), n)
}

// becomeCases makes a case of every so many payments of a day, at version 2.
func (past) becomeCases(t testing.TB, owner *pgxpool.Pool, day calendar.Date, every int) {
	past{}.exec(t, owner, `INSERT INTO event (agency, opened_on, payment, version, plan_id, at, was, status, reason, actor, network, told, approval)
		SELECT agency, opened_on, id, v, 1, opened_at, (ARRAY['PENDING', 'REVERSING'])[v], (ARRAY['REVERSING', 'CASE'])[v],
		       'no_answer', 'switch', '', '68', ''
		  FROM payment, generate_series(1, 2) AS v WHERE opened_on = $1 AND rrn % $2::bigint = 0`, day.Time(), every)
	past{}.exec(t, owner, `INSERT INTO payment_case (agency, opened_on, payment, version, book, owner, reason, opened_at)
		SELECT agency, opened_on, id, 2, 1, 'reconciliation', 'reversal_rejected', opened_at FROM payment
		 WHERE opened_on = $1 AND rrn % $2::bigint = 0`, day.Time(), every)
	past{}.exec(t, owner, `INSERT INTO open_case SELECT agency, opened_on, payment, version FROM payment_case WHERE opened_on = $1`, day.Time())
}

// answer ends the cases of the day by two persons, as so many: what is open is of the day before.
func (h past) answer(t testing.TB, owner *pgxpool.Pool) {
	h.exec(t, owner, `INSERT INTO event (agency, opened_on, payment, version, plan_id, at, was, status, reason, actor, network, told, approval)
		SELECT agency, opened_on, payment, 3, 1, opened_at, 'CASE', 'REVERSED', 'operators', 'maker+checker', '', '', '' FROM payment_case
		 WHERE opened_on = $1`, h.day.Time())
	h.exec(t, owner, `INSERT INTO case_proposal (agency, opened_on, payment, version, round, case_version, made_at, status, outcome, maker, reason)
		SELECT agency, opened_on, payment, 2, 1, 2, opened_at, 'CASE', 'reversed', 'maker', 'x' FROM payment_case WHERE opened_on = $1`, h.day.Time())
	h.exec(t, owner, `INSERT INTO case_decision (agency, opened_on, payment, version, round, decided_at, maker, checker, Verdict, reason)
		SELECT agency, opened_on, payment, 2, 1, opened_at, 'maker', 'checker', 'accepted', '' FROM payment_case WHERE opened_on = $1`, h.day.Time())
	h.exec(t, owner, `DELETE FROM open_case WHERE opened_on = $1`, h.day.Time())
}

func (past) exec(t testing.TB, owner *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	ctx := context.Background()
	err := pgx.BeginFunc(ctx, owner, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = 0`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, sql, args...)
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// beginner is a pool or a connection.
type beginner interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

// reads runs a statement as the runtime role and says how many rows of history PostgreSQL read for it: from end to end of a table, and
// by an index. It counts what was read and not what was planned, in functions too.
func reads(t testing.TB, runtime beginner, sql string, args ...any) (scanned, found int) {
	t.Helper()
	ctx := context.Background()
	tx, err := runtime.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	counted := func() (scanned, found int) {
		err := tx.QueryRow(ctx, `SELECT coalesce(sum(seq_tup_read), 0)::bigint, coalesce(sum(idx_tup_fetch), 0)::bigint
			FROM pg_stat_xact_user_tables
			WHERE relname ~ '^(payment|event|transfer)_y' OR relname IN ('payment_case', 'case_proposal', 'case_decision')`).Scan(&scanned, &found)
		if err != nil {
			t.Fatal(err)
		}
		return scanned, found
	}
	scanned, found = counted() // of what this connection did shortly before
	if _, err := tx.Exec(ctx, sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	scannedThen, foundThen := counted()
	return scannedThen - scanned, foundThen - found
}

// wantReads holds a statement to reading nothing of history from end to end, and no more than so many rows by an index.
func wantReads(t *testing.T, runtime beginner, most int, sql string, args ...any) {
	t.Helper()
	scanned, found := reads(t, runtime, sql, args...)
	if scanned > 0 || found > most {
		t.Errorf("it reads %d rows from end to end and %d by an index, at most %d are needed: %s", scanned, found, most, sql)
	}
}

// longPast is the history that benchmarks run on.
var longPast = past{day: pastDay, payments: 1_500_000, open: 20}

// shortPast is enough for a plan to go wrong.
var shortPast = past{day: pastDay, payments: 5_000, open: 20}

// lived is a database with a history.
func (h past) lived(t testing.TB) (runtime, owner *pgxpool.Pool) {
	t.Helper()
	runtime, owner = testdb.New(t), testdb.Owner(t)
	began := time.Now()
	h.write(t, owner)
	t.Logf("%d payments of %s written in %v", h.payments, h.day, time.Since(began).Round(time.Second))
	return runtime, owner
}

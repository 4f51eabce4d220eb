package rowcopy

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A transaction that ends in its pipeline is there afterwards, and says when it was at COMMIT.
func TestCommitEndsAPipeline(t *testing.T) {
	conn := place(t)
	var p Pipeline
	var rows Rows
	row(&rows, 1, "a")
	reached := 0
	p.Execute("begin")
	p.Copy("copy", &rows)
	p.Commit("commit", func() { reached++ })
	must(t, p.Run(t.Context(), conn.PgConn()))
	if reached != 1 || conn.PgConn().TxStatus() != 'I' {
		t.Errorf("COMMIT was reached %d times, the transaction is in state %c", reached, conn.PgConn().TxStatus())
	}
	count(t, conn, 1)
	p.Reset()
	_, err := conn.Exec(t.Context(), "BEGIN")
	must(t, err)
	p.Commit("commit", func() { reached++ })
	must(t, p.Run(t.Context(), conn.PgConn())) // COMMIT alone, as after other turns.
	if reached != 2 {
		t.Errorf("COMMIT was reached %d times", reached)
	}
}

// The row of a statement's result is handed on where it is asked for, in its binary form, and no other.
func TestARowIsHandedOn(t *testing.T) {
	conn := place(t)
	at := time.Date(2026, 11, 28, 12, 30, 15, 123456000, time.UTC)
	for name, sql := range map[string]string{"one": "SELECT 1::bigint", "time": "SELECT $1::timestamptz, NULL::bigint"} {
		_, err := conn.PgConn().Prepare(t.Context(), name, sql, nil)
		must(t, err)
	}
	var p Pipeline
	var got []time.Time
	p.Execute("begin")
	p.Execute("one")
	p.Fetch("time", func(values [][]byte) {
		if found, ok := TimeOf(values[0]); ok && len(values) == 2 && values[1] == nil {
			got = append(got, found)
		}
	}, Int64(at.UnixMicro()-epochMicro))
	p.Execute("one")
	p.Commit("commit", func() {})
	must(t, p.Run(t.Context(), conn.PgConn()))
	if len(got) != 1 || !got[0].Equal(at) {
		t.Errorf("got %v, want %s once", got, at)
	}
	for _, bad := range [][]byte{nil, {1}, make([]byte, 9)} {
		if _, ok := TimeOf(bad); ok {
			t.Errorf("%v is a time", bad)
		}
	}
}

// A failure before COMMIT is a refusal with the name of its statement, COMMIT is not reached, and nothing is there.
func TestARefusalComesBeforeCommit(t *testing.T) {
	conn := place(t)
	var p Pipeline
	var rows Rows
	row(&rows, 1, "bad")
	p.Execute("begin")
	p.Copy("copy", &rows)
	p.Commit("commit", func() { t.Error("COMMIT was reached") })
	err := p.Run(t.Context(), conn.PgConn())
	var refused *Refusal
	if !errors.As(err, &refused) || refused.Statement != "copy" || refused.Err.Code != "23514" {
		t.Errorf("got %v", err)
	}
	_, err = conn.Exec(t.Context(), "ROLLBACK")
	must(t, err)
	count(t, conn, 0)
}

// An error of COMMIT itself, a warning before its confirmation, and a confirmation that says ROLLBACK are no refusals: they leave the
// outcome unknown.
func TestCommitItselfIsNeverARefusal(t *testing.T) {
	for what, c := range map[string]struct{ begin, commit, says string }{
		"a deferred rule": {"BEGIN", "COMMIT", "23505"},
		"a warning":       {"SELECT 1", "COMMIT", "no transaction in progress"}, // PostgreSQL warns of a COMMIT without BEGIN.
		"a rollback":      {"BEGIN", "ROLLBACK", `"ROLLBACK"`},
	} {
		t.Run(what, func(t *testing.T) {
			conn := place(t)
			_, err := conn.Exec(t.Context(), `CREATE TEMP TABLE later (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)`)
			must(t, err)
			for name, sql := range map[string]string{"open": c.begin, "twice": "INSERT INTO later VALUES (1), (1)", "end": c.commit} {
				_, err := conn.PgConn().Prepare(t.Context(), name, sql, nil)
				must(t, err)
			}
			var p Pipeline
			reached := false
			p.Execute("open")
			if what == "a deferred rule" {
				p.Execute("twice")
			}
			p.Commit("end", func() { reached = true })
			err = p.Run(t.Context(), conn.PgConn())
			var refused *Refusal
			if err == nil || errors.As(err, &refused) || !reached || !strings.Contains(err.Error(), c.says) {
				t.Errorf("reached %v, error %v, want one with %s", reached, err, c.says)
			}
		})
	}
}

// COMMIT has no deadline, what is before it has one.
func TestCommitHasNoDeadline(t *testing.T) {
	conn := place(t)
	_, err := conn.Exec(t.Context(), `CREATE TEMP TABLE slow (a int);
		CREATE FUNCTION pg_temp.doze() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.4); RETURN NULL; END';
		CREATE CONSTRAINT TRIGGER doze AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pg_temp.doze()`)
	must(t, err)
	for name, sql := range map[string]string{"insert": "INSERT INTO slow VALUES (1)", "sleep": "SELECT pg_sleep(0.4)"} {
		_, err := conn.PgConn().Prepare(t.Context(), name, sql, nil)
		must(t, err)
	}
	soon := func() (context.Context, context.CancelFunc) {
		return context.WithTimeout(t.Context(), 200*time.Millisecond)
	}
	var p Pipeline
	p.Execute("begin")
	p.Execute("insert")
	p.Commit("commit", func() {})
	short, cancel := soon()
	defer cancel()
	must(t, p.Run(short, conn.PgConn()))
	p.Reset()
	p.Execute("sleep")
	p.Commit("commit", func() { t.Error("COMMIT was reached") })
	short, cancel = soon()
	defer cancel()
	err = p.Run(short, conn.PgConn())
	var pg *pgconn.PgError
	if err == nil || errors.As(err, &pg) {
		t.Errorf("got %v", err)
	}
}

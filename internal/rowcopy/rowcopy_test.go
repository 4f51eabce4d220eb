package rowcopy

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"treasury-switch/internal/testdb"
)

// place is a connection with a table of every type.
func place(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), testdb.URL(t))
	must(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	_, err = conn.Exec(t.Context(), `CREATE TEMP TABLE sample (a smallint PRIMARY KEY, b integer, c bigint, d boolean, e date,
		f timestamptz, g uuid, h text CHECK (h <> 'bad'), i bytea, j text); CREATE TEMP TABLE found (sum bigint)`)
	must(t, err)
	for name, sql := range map[string]string{
		"begin": "BEGIN", "commit": "COMMIT", "copy": "COPY sample FROM STDIN BINARY",
		"sum": "INSERT INTO found SELECT sum(c)::bigint FROM sample WHERE a = $1 OR b = ANY($2::integer[]) OR c = ANY($3::bigint[]) OR e = ANY($4::date[]) OR f = $5",
	} {
		_, err := conn.PgConn().Prepare(t.Context(), name, sql, nil)
		must(t, err)
	}
	return conn
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const day = 20_781 // 2026-11-24

var at = time.Date(2026, 11, 24, 9, 30, 15, 123_456_000, time.UTC)

func row(r *Rows, n int16, text string) {
	r.Row(10)
	r.Int16(n)
	r.Int32(-70_000)
	r.Int64(1 << 40)
	r.Bool(n%2 == 0)
	r.Date(day)
	r.Time(at)
	r.UUID([16]byte{1, 15: 2})
	r.Text(text)
	r.Bytes([]byte{0, 255})
	r.Null()
}

// Every value arrives as it was given, whether it is copied or a parameter.
func TestValuesArrive(t *testing.T) {
	conn := place(t)
	var r Rows
	row(&r, 2, "رسید")
	must(t, r.Copy(t.Context(), conn.PgConn(), "COPY sample FROM STDIN BINARY"))
	var a, b, c int64
	var d bool
	var e, f time.Time
	var g [16]byte
	var h string
	var i []byte
	var j *string
	must(t, conn.QueryRow(t.Context(), "SELECT * FROM sample").Scan(&a, &b, &c, &d, &e, &f, &g, &h, &i, &j))
	if a != 2 || b != -70_000 || c != 1<<40 || !d || !e.Equal(time.Unix(day*86_400, 0)) || !f.Equal(at) || g != [16]byte{1, 15: 2} ||
		h != "رسید" || string(i) != "\x00\xff" || j != nil {
		t.Errorf("read %d %d %d %v %v %v %v %q %v %v", a, b, c, d, e, f, g, h, i, j)
	}
	number, small, large, days := Int16(2), Int32s(1), Int64s(1), Dates(1)
	small.Int32(-70_000)
	large.Int64(1 << 40)
	days.Date(day)
	none32, none64, noneDay := Int32s(0), Int64s(0), Dates(0)
	nothing, never := Int16(-1), Int64(-epochMicro)
	for what, parameters := range map[string][][]byte{
		"smallint":    {number, none32.Parameter(), none64.Parameter(), noneDay.Parameter(), never},
		"integer[]":   {nothing, small.Parameter(), none64.Parameter(), noneDay.Parameter(), never},
		"bigint[]":    {nothing, none32.Parameter(), large.Parameter(), noneDay.Parameter(), never},
		"date[]":      {nothing, none32.Parameter(), none64.Parameter(), days.Parameter(), never},
		"timestamptz": {nothing, none32.Parameter(), none64.Parameter(), noneDay.Parameter(), Int64(at.UnixMicro() - epochMicro)},
	} {
		var p Pipeline
		var sum int64
		p.Execute("sum", parameters...)
		must(t, p.Run(t.Context(), conn.PgConn()))
		if err := conn.QueryRow(t.Context(), "DELETE FROM found RETURNING coalesce(sum, 0)").Scan(&sum); err != nil || sum != 1<<40 {
			t.Errorf("by %s: found %d, %v", what, sum, err)
		}
	}
}

// Many rows travel in many messages, and one pipeline is one transaction.
func TestAPipelineIsOneTransaction(t *testing.T) {
	conn := place(t)
	var p Pipeline
	var first, second Rows
	for n := range int16(1000) {
		row(&first, n, strings.Repeat("x", 200))
		row(&second, n+1000, "y")
	}
	p.Execute("begin")
	p.Copy("copy", &first)
	p.Copy("copy", &second)
	p.Copy("copy", &Rows{}) // Nothing to copy is no statement.
	must(t, p.Run(t.Context(), conn.PgConn()))
	count(t, conn, 2000)
	_, err := conn.Exec(t.Context(), "ROLLBACK")
	must(t, err)
	count(t, conn, 0)
}

// The first error ends a pipeline wherever it strikes; it is the server's, nothing is left behind, and the connection goes on.
func TestAPipelineEndsAtItsFirstError(t *testing.T) {
	conn := place(t)
	for what, c := range map[string]struct {
		texts []string
		code  string
	}{
		"a rule of the table in the last row": {[]string{"a", "b", "bad"}, "23514"},
		"the same key twice":                  {[]string{"a", "same"}, "23505"},
	} {
		var p Pipeline
		var spoilt, after Rows
		for n, text := range c.texts {
			if text == "same" {
				n = 0
			}
			row(&spoilt, int16(n), text)
		}
		row(&after, 100, "never")
		p.Execute("begin")
		p.Copy("copy", &spoilt)
		p.Copy("copy", &after)
		err := p.Run(t.Context(), conn.PgConn())
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.Code != c.code {
			t.Errorf("%s: %v, want %s", what, err, c.code)
		}
		_, err = conn.Exec(t.Context(), "ROLLBACK")
		must(t, err)
		count(t, conn, 0)
	}
	if err := conn.Ping(t.Context()); err != nil {
		t.Errorf("the connection is of no use: %v", err)
	}
}

// A pipeline whose time is over is an error that is not the server's: nobody knows what was done.
func TestAPipelineHasADeadline(t *testing.T) {
	conn := place(t)
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	var p Pipeline
	p.Execute("begin")
	err := p.Run(late, conn.PgConn())
	var refused *pgconn.PgError
	if err == nil || errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
}

func count(t *testing.T, conn *pgx.Conn, want int) {
	t.Helper()
	var n int
	must(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM sample").Scan(&n))
	if n != want {
		t.Errorf("%d rows, want %d", n, want)
	}
}

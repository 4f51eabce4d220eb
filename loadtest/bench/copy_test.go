package main

import (
	"log/slog"
	"testing"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/postgres"
	"treasury-switch/internal/testdb"
)

// scene is a test's database with payments that were recorded, and the rows that they left.
type scene struct {
	address string
	conn    *pgx.Conn
	ids     [][16]byte
	*sample
}

func recorded(t *testing.T, payments int) *scene {
	t.Helper()
	ctx := t.Context()
	s := &scene{address: testdb.URL(t)}
	err := openBooks(ctx, s.address)
	if err == nil {
		s.conn, err = postgres.Connect(ctx, s.address)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.conn.Close(t.Context()) })
	before := s.counts(t)
	b := &books{address: func() string { return s.address }, lanes: 2, log: slog.New(slog.DiscardHandler)}
	if s.ids, err = b.payMany(ctx, payments); err != nil {
		t.Fatal(err)
	}
	if s.sample, err = takeSample(ctx, s.address, before, s.ids); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *scene) counts(t *testing.T) map[string]int64 {
	t.Helper()
	all, err := tables(t.Context(), s.conn)
	if err != nil {
		t.Fatal(err)
	}
	found, err := counts(t.Context(), s.conn, all)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (s *scene) execute(t *testing.T, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := s.conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// tellApart makes each payment one of a terminal of its own: copies within a day are not (I4), and no index holds that.
const tellApart = `UPDATE payment SET terminal = right(id::text, 8)`

// TestCopiedRowsAreRight records payments, copies their rows again under new keys, and holds the product's own invariants
// over all of them: the limit is measured with rows that every constraint and every check takes.
func TestCopiedRowsAreRight(t *testing.T) {
	s := recorded(t, 700)
	const times = 3
	groups := s.batches(s.ids, 300)
	if len(groups) != 3 || groups[2].payments != 100 {
		t.Fatalf("%d groups, the last of %d payments", len(groups), groups[len(groups)-1].payments)
	}
	for n := range times {
		for i := range groups {
			groups[i].renew(shift{spans: 1, days: -int32(n) * 20}) // The second and third copies are payments of earlier days.
			if err := groups[i].write(t.Context(), s.conn); err != nil {
				t.Fatal(err)
			}
		}
	}
	after := s.counts(t)
	for _, one := range s.tables {
		if want := int64(s.perRow[one.name] * float64(len(s.ids)) * (times + 1)); after[one.name] != want {
			t.Errorf("%s has %d rows, want %d", one.name, after[one.name], want)
		}
	}
	// Balances are what groups share and are not copied: here they are reckoned anew.
	s.execute(t, `TRUNCATE balance`, fillBalances, tellApart)
	if err := checkBooks(t.Context(), s.address); err != nil {
		t.Error(err)
	}
	var payments, numbers, days int64
	row := s.conn.QueryRow(t.Context(), `SELECT count(*), count(DISTINCT rrn), count(DISTINCT opened_on) FROM payment`)
	if err := row.Scan(&payments, &numbers, &days); err != nil {
		t.Fatal(err)
	}
	if payments != numbers || days < times {
		t.Errorf("%d payments have %d numbers and are of %d days", payments, numbers, days)
	}
}

// TestRowsSplitAndJoin: rows in binary form come out as they went in, and what is torn is refused.
func TestRowsSplitAndJoin(t *testing.T) {
	rows := [][][]byte{{[]byte("one"), nil, {}}, {[]byte("two"), []byte("x"), nil}}
	text := append([]byte{}, binaryHeader...)
	for _, row := range rows {
		text, _ = appendRow(text, row)
	}
	text = append(text, binaryEnd...)
	found, err := splitRows(text)
	if err != nil || len(found) != len(rows) {
		t.Fatalf("%d rows, %v", len(found), err)
	}
	for i, row := range rows {
		for j, field := range row {
			if string(found[i][j]) != string(field) || (found[i][j] == nil) != (field == nil) {
				t.Errorf("row %d field %d is %q, want %q", i, j, found[i][j], field)
			}
		}
	}
	for n := range text {
		if _, err := splitRows(text[:n]); err == nil {
			t.Errorf("rows cut at byte %d are taken", n)
		}
	}
}

package main

import (
	"log/slog"
	"testing"

	"treasury-switch/internal/postgres"
	"treasury-switch/internal/testdb"
)

// TestCopiedRowsAreRight records payments, copies their rows again under new keys, and holds the product's own invariants
// over all of them: the limit is measured with rows that every constraint and every check takes.
func TestCopiedRowsAreRight(t *testing.T) {
	ctx := t.Context()
	address := testdb.URL(t)
	if err := openBooks(ctx, address); err != nil {
		t.Fatal(err)
	}
	conn, err := postgres.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	all, err := tables(ctx, conn)
	if err != nil {
		t.Fatal(err)
	}
	before, err := counts(ctx, conn, all)
	if err != nil {
		t.Fatal(err)
	}
	b := &books{address: func() string { return address }, lanes: 2, log: slog.New(slog.DiscardHandler)}
	ids, err := b.payMany(ctx, 700)
	if err != nil {
		t.Fatal(err)
	}
	s, err := takeSample(ctx, address, before, ids)
	if err != nil {
		t.Fatal(err)
	}
	const times = 3
	groups := s.batches(ids, 300)
	if len(groups) != 3 || groups[2].payments != 100 {
		t.Fatalf("%d groups, the last of %d payments", len(groups), groups[len(groups)-1].payments)
	}
	for n := range times {
		for i := range groups {
			groups[i].renew(shift{spans: 1, days: -int32(n) * 20}) // The second and third copies are payments of earlier days.
			if err := groups[i].write(ctx, conn); err != nil {
				t.Fatal(err)
			}
		}
	}
	after, err := counts(ctx, conn, all)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range s.tables {
		if want := int64(s.perRow[one.name] * float64(len(ids)) * (times + 1)); after[one.name] != want {
			t.Errorf("%s has %d rows, want %d", one.name, after[one.name], want)
		}
	}
	// Balances are what groups share and are not copied: here they are reckoned anew.
	for _, statement := range []string{`TRUNCATE balance`, fillBalances} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	// Nor are the requests told apart, which no index holds: here each copy is one of a terminal of its own (I4).
	if _, err := conn.Exec(ctx, `UPDATE payment SET terminal = left(id::text, 8)`); err != nil {
		t.Fatal(err)
	}
	if err := checkBooks(ctx, address); err != nil {
		t.Error(err)
	}
	var payments, numbers, days int64
	row := conn.QueryRow(ctx, `SELECT count(*), count(DISTINCT rrn), count(DISTINCT opened_on) FROM payment`)
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

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"treasury-switch/internal/postgres"
)

// sample is the rows of recorded payments, read back from the database table by table, so that the limit is always that
// of the rows the product writes.
type sample struct {
	payments int
	tables   []sampled
	perRow   map[string]float64 // rows of a table for one payment
	shared   []string           // tables that grew by less than a row for each payment: groups share their rows
}

// sampled is the rows of one table, grouped by payment.
type sampled struct {
	relation
	keys    []int         // columns that hold the payment's id
	numbers map[int]int64 // columns of numbers that no two rows share, with how far they reach from the least to the greatest
	rows    map[[16]byte][][][]byte
}

// takeSample reads the rows of the payments with these ids, from every table with a column that holds the id of each.
// Other tables that grew since before, where that is known, are those that groups of payments share.
func takeSample(ctx context.Context, address string, before map[string]int64, ids [][16]byte) (*sample, error) {
	conn, err := postgres.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := nameSample(ctx, conn, ids); err != nil {
		return nil, err
	}
	all, err := tables(ctx, conn)
	if err != nil {
		return nil, err
	}
	after, err := counts(ctx, conn, all)
	if err != nil {
		return nil, err
	}
	s := &sample{payments: len(ids), perRow: map[string]float64{}}
	for _, t := range all {
		key, err := keyOf(ctx, conn, t, len(ids))
		if err != nil {
			return nil, err
		}
		if key == "" {
			if known, ok := before[t.name]; ok && after[t.name] != known {
				s.shared = append(s.shared, t.name)
			}
			continue
		}
		var text bytes.Buffer
		if _, err := conn.PgConn().CopyTo(ctx, &text, t.copyOut(key)); err != nil {
			return nil, fmt.Errorf("read the rows of %s: %w", t.name, err)
		}
		one, count, err := readSampled(t, text.Bytes(), ids)
		if err != nil {
			return nil, err
		}
		s.tables, s.perRow[t.name] = append(s.tables, one), float64(count)/float64(len(ids))
	}
	if len(s.tables) == 0 {
		return nil, fmt.Errorf("no table holds the ids of %d payments", len(ids))
	}
	return s, nil
}

// readSampled finds the columns that must change in a copy: those that hold a payment's id, and numbers that are unique.
func readSampled(t relation, text []byte, ids [][16]byte) (sampled, int, error) {
	rows, err := splitRows(text)
	if err != nil {
		return sampled{}, 0, fmt.Errorf("read the rows of %s: %w", t.name, err)
	}
	one := sampled{relation: t, numbers: map[int]int64{}, rows: make(map[[16]byte][][][]byte, len(ids))}
	known := make(map[[16]byte]bool, len(ids))
	for _, id := range ids {
		known[id] = true
	}
	for i, c := range t.columns {
		if slices.ContainsFunc(rows, func(row [][]byte) bool { return len(row[i]) != 16 || !known[[16]byte(row[i])] }) {
			if c.kind == "int8" {
				one.addNumbers(i, rows)
			}
			continue
		}
		one.keys = append(one.keys, i)
	}
	if len(one.keys) == 0 {
		return sampled{}, 0, fmt.Errorf("no column of %s holds the id of its payment", t.name)
	}
	for _, row := range rows {
		id := [16]byte(row[one.keys[0]])
		one.rows[id] = append(one.rows[id], row)
	}
	return one, len(rows), nil
}

// addNumbers adds a column whose numbers are unique.
func (s *sampled) addNumbers(i int, rows [][][]byte) {
	seen := make(map[int64]bool, len(rows))
	least, greatest := int64(math.MaxInt64), int64(math.MinInt64)
	for _, row := range rows {
		if len(row[i]) != 8 {
			return
		}
		n := int64(binary.BigEndian.Uint64(row[i]))
		if seen[n] {
			return
		}
		seen[n], least, greatest = true, min(least, n), max(greatest, n)
	}
	s.numbers[i] = greatest - least + 1
}

// describe names what is copied, for the table of results.
func (s *sample) describe() string {
	var parts []string
	for _, t := range s.tables {
		parts = append(parts, fmt.Sprintf("%s %.4g", t.name, s.perRow[t.name]))
	}
	text := "rows a payment: " + strings.Join(parts, ", ")
	if len(s.shared) > 0 {
		text += "; without the rows that groups share: " + strings.Join(s.shared, ", ")
	}
	return text
}

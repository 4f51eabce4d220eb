package main

import (
	"context"
	"fmt"

	"treasury-switch/internal/postgres"

	"github.com/jackc/pgx/v5"
)

// relation is a table that payments are recorded in, as the database's catalogue describes it.
type relation struct {
	name    string
	columns []column
}

// column is a column that rows are written to; generated ones are left out.
type column struct {
	name string
	kind string // the type's name in the catalogue, as int8
}

// list is the columns in their order, quoted.
func (t relation) list() string {
	text := ""
	for i, c := range t.columns {
		if i > 0 {
			text += ", "
		}
		text += pgx.Identifier{c.name}.Sanitize()
	}
	return text
}

// quoted is the name, quoted for SQL.
func (t relation) quoted() string { return pgx.Identifier{t.name}.Sanitize() }

// copyIn is the statement that takes rows in PostgreSQL's binary form.
func (t relation) copyIn() string {
	return `COPY ` + t.quoted() + ` (` + t.list() + `) FROM STDIN (FORMAT binary)`
}

// copyOut is the statement that gives those of the payments that nameSample names, by the column that holds their ids.
func (t relation) copyOut(key string) string {
	return `COPY (SELECT ` + t.list() + ` FROM ` + t.quoted() + ` WHERE ` + key + ` IN (SELECT id FROM bench_sample)) TO STDOUT (FORMAT binary)`
}

// tables are those of the program: ordinary and partitioned ones, not the partitions themselves.
func tables(ctx context.Context, db postgres.Querier) ([]relation, error) {
	rows, err := db.Query(ctx, `
		SELECT c.relname, a.attname, t.typname
		  FROM pg_class c
		  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
		  JOIN pg_type t ON t.oid = a.atttypid
		 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
		 ORDER BY c.relname, a.attnum`)
	if err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	var all []relation
	var name string
	var c column
	_, err = pgx.ForEachRow(rows, []any{&name, &c.name, &c.kind}, func() error {
		if len(all) == 0 || all[len(all)-1].name != name {
			all = append(all, relation{name: name})
		}
		last := &all[len(all)-1]
		last.columns = append(last.columns, c)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	return all, nil
}

// counts returns the number of rows of each table.
func counts(ctx context.Context, db postgres.Querier, all []relation) (map[string]int64, error) {
	found := make(map[string]int64, len(all))
	for _, t := range all {
		var n int64
		if err := db.QueryRow(ctx, `SELECT count(*) FROM `+t.quoted()).Scan(&n); err != nil {
			return nil, fmt.Errorf("count the rows of %s: %w", t.name, err)
		}
		found[t.name] = n
	}
	return found, nil
}

// nameSample makes the ids of payments known to the connection's statements.
func nameSample(ctx context.Context, db postgres.Querier, ids [][16]byte) error {
	for _, one := range []struct {
		sql  string
		args []any
	}{
		{`CREATE TEMPORARY TABLE bench_sample (id uuid PRIMARY KEY)`, nil},
		{`INSERT INTO bench_sample SELECT unnest($1::uuid[])`, []any{ids}},
		{`ANALYZE bench_sample`, nil},
	} {
		if _, err := db.Exec(ctx, one.sql, one.args...); err != nil {
			return fmt.Errorf("name the payments of the sample: %w", err)
		}
	}
	return nil
}

// keyOf is the column of a table that holds the id of every payment of the sample, quoted; empty where there is none.
func keyOf(ctx context.Context, db postgres.Querier, t relation, payments int) (string, error) {
	for _, c := range t.columns {
		if c.kind != "uuid" {
			continue
		}
		key := pgx.Identifier{c.name}.Sanitize()
		var n int
		err := db.QueryRow(ctx, `SELECT count(DISTINCT s.id) FROM bench_sample s JOIN `+t.quoted()+` t ON t.`+key+` = s.id`).Scan(&n)
		if err != nil {
			return "", fmt.Errorf("look for payments in %s: %w", t.name, err)
		}
		if n == payments {
			return key, nil
		}
	}
	return "", nil
}

package main

import (
	"context"
	"fmt"

	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
	"treasury-switch/migrations"
	"treasury-switch/switch/payment"
)

// The books of the measurements: agencies with a clearing and a partner account each, and one account of the first agency
// that receives a share of every payment.
const (
	firstAgency = 1000
	agencies    = 200
)

// openBooks migrates an empty database and opens the books in it.
func openBooks(ctx context.Context, address string) error {
	if _, err := migrations.Up(ctx, address); err != nil {
		return err
	}
	conn, err := postgres.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	const all = "generate_series(1000, 1199) n"
	for _, sql := range []string{
		`INSERT INTO agency (code, name, name_en, state, partner, feed) SELECT n, 'agency', 'agency', 'open', true, false FROM ` + all,
		`INSERT INTO approval (id, act, book, subject, content, maker, made_at, state, checker, decided_at, reason)
			VALUES ('A-1', 'account.add', 1, 'accounts', '{}', 'maker', now(), 'approved', 'checker', now(), '')`,
		`INSERT INTO account (agency, id, book, code, kind, state, name, province, deposit_mode, valid_from)
			SELECT n, n * 10000000::bigint + 1000001, 1, 'clearing@' || n, 'clearing', 'open', 'clearing', '', 'NONE', '2020-01-01'
			  FROM ` + all,
		`INSERT INTO account (agency, id, book, code, kind, state, name, iban, province, deposit_mode, valid_from, approval)
			SELECT n, n * 10000000::bigint + 1000100, 1, 'P-' || n || '-01', 'partner', 'open', 'partner',
			       'IR' || lpad((98 - ((lpad(n::text, 22, '0') || '182700')::numeric % 97))::text, 2, '0') || lpad(n::text, 22, '0'),
			       '', 'NONE', '2020-01-01', 'A-1' FROM ` + all,
		`INSERT INTO account (agency, id, book, code, kind, state, name, iban, province, deposit_mode, valid_from, approval)
			VALUES (1000, 10001000101, 1, 'P-1000-02', 'partner', 'open', 'hot', 'IR630100004001010203000123', '', 'NONE',
			        '2020-01-01', 'A-1')`,
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("open the books of the measurements: %w", err)
		}
	}
	return nil
}

// checkBooks holds the product's own invariants over what was recorded: a rate of wrong records is worth nothing.
func checkBooks(ctx context.Context, address string) error {
	if err := postgres.Analyse(ctx, address); err != nil {
		return err
	}
	pool, err := postgres.Open(ctx, address, postgres.Options{StatementTimeout: -1, MaxConns: 2})
	if err != nil {
		return err
	}
	defer pool.Close()
	books, err := ledger.Violations(ctx, pool)
	if err != nil {
		return err
	}
	payments, err := payment.CheckPayments(ctx, pool, 0)
	if err != nil {
		return err
	}
	if len(books) > 0 {
		return fmt.Errorf("the books of the measurements do not hold: %s: %s %s", books[0].Rule, books[0].ID, books[0].Detail)
	}
	if len(payments) > 0 {
		return fmt.Errorf("the payments of the measurements do not hold: %s %s: %s", payments[0].Invariant, payments[0].Rule, payments[0].ID)
	}
	return nil
}

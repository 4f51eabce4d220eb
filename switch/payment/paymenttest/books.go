// Package paymenttest is shared by tests of payments: two agencies with their accounts, a clock that the test sets,
// and the check of the books at the end.
package paymenttest

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// The two agencies, and the accounts that share a payment of the first.
var (
	Share1 = ledger.NewAccountID(101, ledger.Live, 100)
	Share2 = ledger.NewAccountID(106, ledger.Live, 100)
)

// Seed writes the agencies and their accounts P-101-01 and P-106-01; with feed, the first agency has one.
func Seed(t testing.TB, owner *pgxpool.Pool, feed bool) {
	t.Helper()
	exec := func(sql string, args ...any) {
		if _, err := owner.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO approval (id, act, book, subject, content, maker, made_at, state, checker, decided_at, reason)
		VALUES ('A-1', 'account.add', 1, 'x', '{}', 'maker', now(), 'approved', 'checker', now(), '')`)
	for _, a := range []struct {
		id         ledger.AccountID
		code, iban string
	}{{Share1, "P-101-01", "IR630100004001010203000123"}, {Share2, "P-106-01", "IR720100004059010203000456"}} {
		exec(`INSERT INTO agency (code, name, name_en, state, partner, feed) VALUES ($1, 'نام', 'Name', 'open', true, $2)`,
			a.id.Agency(), feed && a.id == Share1)
		tx, err := owner.Begin(t.Context())
		if err == nil {
			err = ledger.AddHouse(t.Context(), tx, a.id.Agency())
		}
		if err == nil {
			err = tx.Commit(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		exec(`INSERT INTO account (agency, id, book, code, kind, state, name, iban, province, deposit_mode, valid_from, approval)
			VALUES ($1, $2, 1, $3, 'partner', 'open', 'n', $4, '', 'NONE', '2020-01-01', 'A-1')`, a.id.Agency(), a.id, a.code, a.iban)
	}
}

// Holds checks every invariant of payments and of the ledger.
func Holds(t testing.TB, db *pgxpool.Pool) {
	t.Helper()
	found, err := payment.CheckPayments(t.Context(), db, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Errorf("%s %s: %s %s", v.Invariant, v.Rule, v.ID, v.Detail)
	}
	wrong, err := ledger.Violations(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range wrong {
		t.Errorf("I1: %v", v)
	}
}

// Log writes into the log of a test.
func Log(t testing.TB) *slog.Logger { return slog.New(slog.NewTextHandler(writer{t}, nil)) }

type writer struct{ t testing.TB }

func (w writer) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// Run runs do until stop is called; stopped is closed when it has returned.
func Run(do func(context.Context)) (stop context.CancelFunc, stopped chan struct{}) {
	ctx, stop := context.WithCancel(context.Background())
	stopped = make(chan struct{})
	go func() { do(ctx); close(stopped) }()
	return stop, stopped
}

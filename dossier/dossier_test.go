package dossier

import (
	"fmt"
	"io/fs"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/examples"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/testdb"
	"treasury-switch/ledger"
	"treasury-switch/money"
	"treasury-switch/registry"
	"treasury-switch/switch/payment"
)

// recorded writes a payment of 1,000 rial of agency 101 that was approved, and whose reversal waits for the network and has a case. It
// returns the tracking code.
func recorded(t *testing.T, now time.Time) string {
	t.Helper()
	lists, err := fs.Sub(examples.Files, "registry")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := registry.LoadSample(t.Context(), testdb.New(t), lists, now); err != nil {
		t.Fatal(err)
	}
	account, err := ledger.Find(t.Context(), testdb.New(t), ledger.Live, "R-101-140101-01")
	if err != nil {
		t.Fatal(err)
	}
	day := calendar.DateOf(now)
	price := fmt.Sprintf(`{"s":"PASSPORT","v":[4711],"l":[{"c":"fee","r":1000,"l":"an older law"}],"h":[{"a":%d,"r":1000}]}`, account.ID)
	for _, do := range []struct {
		sql  string
		args []any
	}{
		{`INSERT INTO number_block (day, first, size, agency, node, taken_at) VALUES ($1, 1, 128, 101, 'n', $2)`, []any{day.Time(), now}},
		{`INSERT INTO business_day (book, day, state, opened_at, source) VALUES (1, $1, 'open', $2, 'cut-over')`, []any{day.Time(), now}},
		{`INSERT INTO payment (agency, opened_on, id, rrn, amount, opened_at, send_before, deadline, fingerprint, pan_token, key_day, book,
		       feed, channel, acquirer, acceptor, terminal, stan, local_time, processing, reference, price, pan_first6, pan_last4, sealed_pan)
		  VALUES (101, $1, '00000000-0000-0000-0000-000000000001', $3, 1000, $2, $2, $2, gen_random_uuid(), gen_random_uuid(), $1, 1, false,
		       'pos', '581672000', '000000000000101', '10100001', '000001', '101010', '000000', '', $4, '603799', '0014', 'sealed')`,
			[]any{day.Time(), now, int64(payment.NewRRN(day, 1)), price}},
		{`INSERT INTO event (agency, opened_on, payment, version, plan_id, at, was, status, reason, actor, network, told, approval, business_day)
		  SELECT agency, opened_on, id, 1, 1, opened_at + interval '2 s', 'PENDING', 'APPROVED', 'answered', 'network', '00', '00', '123456', opened_on FROM payment
		  UNION ALL SELECT agency, opened_on, id, 2, 1, opened_at + interval '9 s', 'APPROVED', 'REVERSING', 'terminal_reversal', 'terminal', '', '00', '', opened_on
		    FROM payment`, nil},
		{`INSERT INTO transfer (agency, business_day, journal, debit, credit, amount, version, line, book, reverses)
		  SELECT agency, opened_on, id, $1::bigint, $2::bigint, 1000, 1, 1, 1, 0 FROM payment
		  UNION ALL SELECT agency, opened_on, id, $2::bigint, $3::bigint, 1000, 2, 1, 1, 1 FROM payment`,
			[]any{ledger.House(101, ledger.Live, ledger.Clearing), account.ID, ledger.House(101, ledger.Live, ledger.Suspense)}},
		{`INSERT INTO saf (agency, opened_on, payment, book, stan, transmission, amount, tries, rejects, next_at, queued_at)
		  SELECT agency, opened_on, id, 1, 2, opened_at, 1000, 3, 1, opened_at, opened_at FROM payment`, nil},
		{`INSERT INTO payment_case (agency, opened_on, payment, version, book, owner, reason, opened_at)
		  SELECT agency, opened_on, id, 2, 1, 'reconciliation', 'reversal_rejected', opened_at FROM payment`, nil},
	} {
		if _, err := testdb.Owner(t).Exec(t.Context(), do.sql, do.args...); err != nil {
			t.Fatalf("%s: %v", do.sql, err)
		}
	}
	return string(payment.NewTracking(ledger.Live, day, 1))
}

// A dossier has the payment's request, history, money, queued reversal and cases, masked.
func TestEverythingOfAPaymentIsShown(t *testing.T) {
	now := time.Now()
	code, db := recorded(t, now), testdb.New(t)
	p, err := Show(t.Context(), db, code, now)
	if err != nil {
		t.Fatal(err)
	}
	if string(p.Tracking) != code || p.Status != payment.Reversing || p.Service != "PASSPORT" || p.Amount != 1000 || p.PAN != "603799******0014" || p.Approval != "123456" ||
		p.BusinessDay != calendar.DateOf(now) || len(p.Lines) != 1 || p.Lines[0] != (Line{"fee", money.Rial(1000), "an older law"}) {
		t.Errorf("%+v", p)
	}
	if len(p.History) != 2 || p.History[1].Status != payment.Reversing || p.History[1].After != 9*time.Second || p.History[0].Network != "00" || p.History[0].Actor != "network" {
		t.Errorf("history: %+v", p.History)
	}
	if len(p.Journals) != 2 || p.Journals[1].Credit == "" || p.Journals[1].Amount != 1000 {
		t.Errorf("journals: %+v", p.Journals)
	}
	if p.Queued == nil || p.Queued.Tries != 3 || len(p.Cases) != 1 || p.Cases[0].Owner != "reconciliation" {
		t.Errorf("queued: %+v, cases: %+v", p.Queued, p.Cases)
	}
}

// Of a tariff that is not there any more the recorded lines are told, and the account by its name.
func TestAnAmountIsExplained(t *testing.T) {
	now := time.Now()
	code, db := recorded(t, now), testdb.New(t)
	e, err := Explain(t.Context(), db, code, now)
	if err != nil || e.Reproduced || len(e.Lines) != 1 || e.Lines[0].Amount != 1000 || e.Lines[0].Citation.Instrument != "an older law" {
		t.Errorf("%+v, %v", e, err)
	}
	if len(e.Shares) != 1 || e.Shares[0].Account != "R-101-140101-01" || e.Shares[0].Name == "" || e.Shares[0].Agency != 101 || e.Shares[0].Amount != 1000 {
		t.Errorf("shares: %+v", e.Shares)
	}
	if _, err := testdb.Owner(t).Exec(t.Context(), `UPDATE payment SET price = replace(price, '"h":[{"a":', '"h":[{"a":9')`); err != nil {
		t.Fatal(err)
	}
	if e, err = Explain(t.Context(), db, code, now); err != nil || e.Shares[0].Name != "" || e.Shares[0].Account == "" {
		t.Errorf("of an account that nobody knows: %+v, %v", e.Shares, err)
	}
}

func TestWhatIsNotThere(t *testing.T) {
	now, db := time.Now(), testdb.New(t)
	code := string(payment.NewTracking(ledger.Live, calendar.DateOf(now), 1))
	last := "0"
	if code[15:] == last {
		last = "1"
	}
	for text, kind := range map[string]fault.Kind{code: fault.NotFound, code[:15] + last: fault.Invalid, "12": fault.Invalid} {
		if _, err := Show(t.Context(), db, text, now); fault.KindOf(err) != kind {
			t.Errorf("show %s: %v", text, err)
		}
		if _, err := Explain(t.Context(), db, text, now); fault.KindOf(err) != kind {
			t.Errorf("explain %s: %v", text, err)
		}
	}
}

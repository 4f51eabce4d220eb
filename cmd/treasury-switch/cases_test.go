package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/testdb"
	"treasury-switch/ledger"
	"treasury-switch/switch/cases"
	"treasury-switch/switch/payment"
)

// stuck is a payment of 1,000 rial that the network never answered and whose reversal it refused: a CASE. It returns its
// tracking code.
func stuck(t *testing.T) string {
	t.Helper()
	owner, now := testdb.Owner(t), time.Now()
	day := calendar.DateOf(now)
	rrn := payment.NewRRN(day, 1)
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
			[]any{day.Time(), now, int64(rrn), `{"s":"PASSPORT","h":[{"a":` + itoa(int64(ledger.NewAccountID(101, ledger.Live, 100))) + `,"r":1000}]}`}},
		{`INSERT INTO event (agency, opened_on, payment, version, plan_id, at, was, status, reason, actor, network, told, approval)
		  SELECT agency, opened_on, id, 1, 1, opened_at, 'PENDING', 'REVERSING', 'no_answer', 'switch', '', '68', '' FROM payment
		  UNION ALL SELECT agency, opened_on, id, 2, 1, opened_at, 'REVERSING', 'CASE', 'reversal_rejected', 'network', '30', '', '' FROM payment`, nil},
		{`INSERT INTO payment_case (agency, opened_on, payment, version, book, owner, reason, opened_at)
		  SELECT agency, opened_on, id, 2, 1, 'reconciliation', 'reversal_rejected', opened_at FROM payment`, nil},
		{`INSERT INTO open_case (agency, opened_on, payment, version) SELECT agency, opened_on, payment, version FROM payment_case`, nil},
	} {
		if _, err := owner.Exec(t.Context(), do.sql, do.args...); err != nil {
			t.Fatalf("%s: %v", do.sql, err)
		}
	}
	return string(payment.NewTracking(ledger.Live, day, 1))
}

func TestACaseNeedsTwoPersons(t *testing.T) {
	url := sampled(t)
	code := stuck(t)
	for _, step := range []struct {
		args string
		code int
		says string
	}{
		{"check", 0, "All invariants hold."},
		{"cases list", 0, code},
		{"cases show " + code, 0, "Nobody has proposed anything."},
		{"cases decide " + code + " --as checker", 66, "nobody has proposed"},
		{"cases propose " + code + " --outcome paid --reason x --as maker", 64, "--outcome"},
		{"cases propose " + code + " --outcome closed --reason x --as maker", 73, "is a CASE"},
		{"cases propose " + code + " --outcome reversed --reason x", 77, "--as maker"},
		{"cases propose " + code + " --outcome reversed --reason letter-812 --as maker", 0, "cases decide " + code + " --proposal 2.1"},
		{"cases list", 0, "reversed by maker"},
		{"cases decide " + code + " --as maker", 77, "somebody else"},
		{"cases reject " + code + " --reason no --as stranger", 77, "no member of staff"},
		{"cases reject " + code + " --reason wrong-letter --as checker", 0, "wrong-letter"},
		{"cases propose " + code + " --outcome approved --reason letter-813 --as maker", 0, "--proposal 2.2"},
		{"cases decide " + code + " --proposal 2.1 --as checker", 73, "2.2 by now"},
		{"cases decide " + code + " --proposal 2.2 --as checker", 0, "APPROVED"},
		{"cases decide " + code + " --proposal 2.2 --as checker", 0, "APPROVED"},
		{"cases list", 0, "No case waits for anybody."},
		{"cases list --all", 0, "answered"},
		{"cases list --limit 0", 65, "--limit"},
		{"payment show " + code, 0, "maker+checker"},
		{"ledger statement R-101-140101-01", 0, "1,000"},
		{"check", 0, "All invariants hold."},
	} {
		if code, out, problem := command(t, append(strings.Fields(step.args), url)...); code != step.code || !strings.Contains(out+problem, step.says) {
			t.Errorf("%s: %d, want %d and %q in\n%s%s", step.args, code, step.code, step.says, out, problem)
		}
	}
	_, out, problem := command(t, "cases", "show", code, "--json", url)
	var d cases.Dossier
	if err := json.Unmarshal([]byte(out), &d); err != nil || len(d.Proposals) != 2 || !d.Proposals[1].Done || d.Cases[0].State != cases.Answered {
		t.Errorf("for programs: %v\n%s%s", err, out, problem)
	}
	var held int
	if err := testdb.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM lane WHERE id > 0 AND incarnation IS NOT NULL`).Scan(&held); err != nil || held != 0 {
		t.Errorf("%d lanes not given back, %v", held, err)
	}
}

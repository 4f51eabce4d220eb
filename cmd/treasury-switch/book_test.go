package main

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"
	"time"

	"treasury-switch/examples"
	"treasury-switch/internal/testdb"
	"treasury-switch/registry"
)

// sampled is a test database with the sample lists; it returns its address as a flag.
func sampled(t *testing.T) string {
	t.Helper()
	lists, err := fs.Sub(examples.Files, "registry")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := registry.LoadSample(t.Context(), testdb.New(t), lists, time.Now()); err != nil {
		t.Fatal(err)
	}
	return "--database-url=" + testdb.URL(t)
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	url := sampled(t)
	if code, out, problem := command(t, "check", url); code != 0 || !strings.Contains(out, "All invariants hold.") {
		t.Fatalf("fresh books: %d\n%s%s", code, out, problem)
	}
	_, err := testdb.Owner(t).Exec(t.Context(),
		`INSERT INTO balance (agency, account, business_day, lane, debit, credit) VALUES (101, 1011000100, '2026-11-21', 1, 0, 5)`)
	if err != nil {
		t.Fatal(err)
	}
	code, out, problem := command(t, "check", url)
	if code != exitViolated || !strings.Contains(out, "VIOLATED") || !strings.Contains(out, "1011000100") {
		t.Errorf("a balance without a transfer: %d\n%s%s", code, out, problem)
	}
	code, out, _ = command(t, "check", url, "--json")
	var result checked
	if err := json.Unmarshal([]byte(out), &result); err != nil || code != exitViolated || result.Holds || len(result.Violations) == 0 || result.Violations[0].Invariant != "I1" {
		t.Errorf("for programs: %d, %v\n%s", code, err, out)
	}
	if code, _, _ := command(t, "ledger", "trial-balance", url); code != exitViolated {
		t.Errorf("a trial balance that does not balance ends with %d", code)
	}
}

func TestAnAccountNeedsTwoPersons(t *testing.T) {
	url := sampled(t)
	propose := []string{"accounts", "add", "R-101-140101-02", "--name=درآمد", "--iban=IR63 0100 0040 0101 0203 0001 23", "--json", url}
	code, out, problem := command(t, append(propose, "--as=maker")...)
	var r registry.Request
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 || r.State != "pending" {
		t.Fatalf("propose: %d %s%s", code, out, problem)
	}
	for _, step := range []struct {
		args string
		code int
		says string
	}{
		{"accounts show R-101-140101-02", 66, "R-101-140101-02"},
		{"accounts requests", 0, r.ID},
		{"accounts approve " + r.ID + " --as maker", 77, "somebody else"},
		{"accounts approve " + r.ID + " --as stranger", 77, "no member of staff"},
		{"accounts approve " + r.ID + " --as checker", 0, "approved"},
		{"accounts approve " + r.ID + " --as checker", 73, "already"},
		{"accounts show R-101-140101-02", 0, "IR630100004001010203000123"},
		{"accounts freeze R-101-140101-02 --as maker", 0, "frozen"},
		{"accounts close R-101-140101-02 --as maker", 0, "account.close"},
		{"accounts requests --limit 0", 65, "--limit"},
		{"accounts list --agency 101", 0, "R-101-140101-02"},
	} {
		if code, out, problem := command(t, append(strings.Fields(step.args), url)...); code != step.code || !strings.Contains(out+problem, step.says) {
			t.Errorf("%s: %d, want %d and %q in\n%s%s", step.args, code, step.code, step.says, out, problem)
		}
	}
}

func TestAllFaultsOfAnEntryAreToldTogether(t *testing.T) {
	code, _, problem := command(t, "accounts", "add", "R-101-990101-02", "--name=", "--iban=IR012345678901234567890123", "--province=XX",
		"--as=maker", sampled(t))
	for _, field := range []string{"name", "code", "iban", "province"} {
		if !strings.Contains(problem, field+": ") {
			t.Errorf("%d: nothing about %s in %q", code, field, problem)
		}
	}
	if code != 65 {
		t.Errorf("exit code %d", code)
	}
}

func TestListsAreKept(t *testing.T) {
	url := sampled(t)
	for _, step := range []struct {
		args string
		code int
		says string
	}{
		{"agencies add 109 --name ثبت --name-en Registration --as maker", 0, "000000000000109"},
		{"agencies add 109 --name ثبت --name-en Registration --as maker", 73, "109"},
		{"agencies list --limit 1", 0, "--after 101"},
		{"agencies freeze 109 --as maker", 0, "frozen"},
		{"agencies reopen 109 --as maker", 0, "open"},
		{"agencies close 109 --as maker", 0, "closed"},
		{"agencies reopen 109 --as maker", 73, "it is closed"},
		{"agencies show 109", 0, "closed"},
		{"services add FAST --agency 101 --name سریع --name-en Fast --as maker", 0, "FAST"},
		{"services freeze FAST --as maker", 0, "frozen"},
		{"services show FAST", 0, "frozen"},
		{"services list --agency 101", 0, "PASSPORT"},
		{"terminals add 10900001..10900003 --agency 101 --type 43 --limit 5,000,000 --as maker", 0, "5,000,000"},
		{"terminals add 10900001 --agency 101 --as maker", 73, "10900001"},
		{"terminals close 10900003 --as maker", 0, "closed"},
		{"terminals show 10900003", 0, "43 kiosk"},
		{"terminals list --agency 101 --limit 1000 --json", 0, `"id": "10900002"`},
		{"ledger statement clearing@101", 0, "closing balance"},
		{"ledger statement R-999-140101-01", 66, "R-999-140101-01"},
		{"day list", 0, "not named a business day"},
		{"day close 1405/08/30 --as maker", 66, "no business day"},
		{"payment show 0524710000002577", 65, "check digit"},
		{"payment show ۰۵۲۴۷۱۰۰۰۰۰۰۲۵۷۶", 66, "serial 257 of 1405/09/01"},
		{"migrate --status", 0, "00001_roles.sql"},
	} {
		if code, out, problem := command(t, append(strings.Fields(step.args), url)...); code != step.code || !strings.Contains(out+problem, step.says) {
			t.Errorf("%s: %d, want %d and %q in\n%s%s", step.args, code, step.code, step.says, out, problem)
		}
	}
}

func TestAnEmptyDatabaseIsMigratedAndThenCurrent(t *testing.T) {
	url := "--database-url=" + testdb.Empty(t)
	if code, _, problem := command(t, "check", url); code == 0 || !strings.Contains(problem, "treasury-switch migrate") {
		t.Errorf("without tables: %d %s", code, problem)
	}
	if code, out, problem := command(t, "migrate", url); code != 0 || !strings.Contains(out, "migrations applied") {
		t.Errorf("migrate: %d %s%s", code, out, problem)
	}
	if code, out, _ := command(t, "migrate", url); code != 0 || !strings.Contains(out, "was current") {
		t.Errorf("migrate again: %d %s", code, out)
	}
}

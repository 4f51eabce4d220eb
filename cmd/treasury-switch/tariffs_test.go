package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"treasury-switch/internal/testdb"
	"treasury-switch/tariffs"
)

// form is a tariff of the sample service COPY, and of FORM, which nobody sells.
const form = `service: SERVICE
agency: 102
title: {fa: رونوشت, en: Copy}
from: FROM
basis: {instrument: قانون نمونه, article: "7"}
components:
  - code: copy
    title: {fa: رونوشت, en: Copy}
    per_unit: AMOUNT
    account: R-102-140102-01
`

// tariffFile writes a tariff and returns its path. Lines are put behind the first day.
func tariffFile(t *testing.T, service, from, amount string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), service+".yaml")
	text := strings.NewReplacer("SERVICE", service, "FROM", from, "AMOUNT", amount).Replace(form)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

type called struct {
	args string
	code int
	says string
}

func walk(t *testing.T, flag string, steps []called) {
	t.Helper()
	for _, step := range steps {
		args := strings.Fields(strings.TrimSpace(step.args + " " + flag))
		if code, out, problem := command(t, args...); code != step.code || !strings.Contains(out+problem, step.says) {
			t.Errorf("%s: %d, want %d and %q in\n%s%s", step.args, code, step.code, step.says, out, problem)
		}
	}
}

func TestATariffGoesFromAFileToAPrice(t *testing.T) {
	url := sampled(t)
	first, second := tariffFile(t, "COPY", "1404/01/01", "250,000"), tariffFile(t, "COPY", "1405/07/01", "300,000")
	walk(t, url, []called{
		{"tariffs list", 0, "There is no tariff."},
		{"tariffs import " + first, 77, "--as maker"},
		{"tariffs import " + first + " --as stranger", 77, "no member of staff"},
		{"tariffs import " + first + " --as maker", 0, "entered"},
		{"tariffs import " + first + " " + second + " --as maker", 0, "was there"},
		{"tariffs quote --service COPY --units 2 --date 1405-08-30", 66, "unknown service"},
		{"tariffs approve COPY --as checker", 73, "draft, not submitted"},
		{"tariffs submit COPY@1404-01-01 --as maker", 0, "A second person"},
		{"tariffs approve COPY --as maker", 77, "takes a checker"},
		{"tariffs approve COPY --as checker", 0, "approved"},
		{"tariffs submit COPY --as maker", 0, "submitted"},
		{"tariffs approve COPY --as checker", 0, "ends: its last day is 2026-09-22 (1405/06/31)"},
		{"tariffs quote --service copy --units 2 --date 1405-06-31", 0, "500,000 rial"},
		{"tariffs quote --service COPY --units ۲ --date ۱۴۰۵/۰۷/۰۱", 64, "--units"},
		{"tariffs quote --service COPY --units 2 --date ۱۴۰۵/۰۷/۰۱", 0, "600,000 rial"},
		{"tariffs quote --service COPY --units 2 --date 1405-08-30 --as-of 1400-01-01", 66, "unknown service"},
		{"tariffs quote --service COPY --units 2 --date 1405-08-30 --as-of soon", 65, "soon"},
		{"tariffs quote --service COPY --date 1405-08-30", 65, "units"},
		{"tariffs quote --service COPY --units 2 --base 1e9", 65, "--base"},
		{"tariffs quote --service COPY --units 3 --date 1405-08-30 --file " + first, 0, "750,000 rial"},
		{"tariffs list --state superseded", 0, "1405/06/31"},
		{"tariffs list --state none", 64, "--state"},
		{"tariffs show COPY --date 1404-06-01", 0, "superseded by COPY@1405/07/01"},
		{"tariffs show COPY --date 1403-06-01", 66, "no tariff in force"},
		{"tariffs show COPY@1405-07-01", 0, "per_unit: 300,000"},
		{"tariffs show 99999", 66, "99999"},
		{"tariffs diff 1405-06-31 1405-07-01", 0, "20"},
		{"tariffs diff 1405-08-01 1405-08-02", 0, "Nothing changes."},
		{"tariffs withdraw COPY --reason x --as checker", 73, "say which"},
		{"tariffs withdraw COPY@1405-07-01 --reason annulled --as maker", 77, "takes a checker"},
		{"tariffs withdraw COPY@1405-07-01 --reason annulled --as checker", 0, "COPY has no tariff from 2026-09-23 (1405/07/01)."},
		{"tariffs withdraw COPY@1405-07-01 --reason annulled --as checker", 73, "withdrawn already"},
		{"tariffs quote --service COPY --units 2 --date 1405-07-01", 66, "no tariff on this date"},
		{"tariffs import " + second + " --as maker", 0, "stay withdrawn"},
		{"tariffs import " + second + " --as maker --again", 0, "entered"},
	})
	revision := []string{}
	for range 2 {
		_, out, _ := command(t, "tariffs", "quote", "--service=COPY", "--units=2", "--date=1404/01/01", "--as-of=2099-01-01", url)
		revision = append(revision, out)
	}
	if revision[0] != revision[1] || !strings.Contains(revision[0], "500,000") {
		t.Errorf("the same question, other answers:\n%s\n%s", revision[0], revision[1])
	}
}

// The samples of two years go the whole way beside each other.
func TestSampleTariffsComeIntoForce(t *testing.T) {
	url := sampled(t)
	files, err := filepath.Glob("../../examples/tariffs/140[45]/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	services := strings.Fields("PASSPORT COPY PETITION COURT-CLAIM COURT-APPEAL COMPLAINT VEHICLE-TRANSFER TRAFFIC-FINE DEED LICENCE")
	for _, step := range []struct {
		args []string
		as   string
	}{{append([]string{"check"}, files...), ""}, {append([]string{"import"}, files...), "--as=maker"},
		{append([]string{"submit"}, services...), "--as=maker"}, {append([]string{"approve"}, services...), "--as=checker"}} {
		args := append([]string{"tariffs"}, step.args...)
		if step.as != "" {
			args = append(args, step.as)
		}
		if code, out, problem := command(t, append(args, url)...); code != 0 {
			t.Fatalf("%s: %d\n%s%s", step.args[0], code, out, problem)
		}
	}
	walk(t, url, []called{{"tariffs diff 1404-12-29 1405-01-01", 0, "COURT-CLAIM"}, {"tariffs list --state submitted", 0, "There is no tariff."}})
}

func TestWhatDoesNotExistIsToldWhenATariffIsEntered(t *testing.T) {
	url := sampled(t)
	unsold, path := tariffFile(t, "UNSOLD", "1405/01/01", "1"), tariffFile(t, "PASSPORT", "1405/01/01", "1")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), "R-102-140102-01", "R-102-140102-99", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, problem := command(t, "tariffs", "import", unsold, path, "--as=maker", url)
	for _, want := range []string{"UNSOLD: there is no such service", "PASSPORT: agency 101 sells this service, not 102", "PASSPORT: there is no account R-102-140102-99"} {
		if code != 65 || !strings.Contains(problem, want) {
			t.Errorf("%d: nothing of %q in %s", code, want, problem)
		}
	}
	if _, out, _ := command(t, "tariffs", "list", url); !strings.Contains(out, "There is no tariff.") {
		t.Errorf("entered all the same: %s", out)
	}
	// An account that was closed in the meantime is told to the second person.
	good := tariffFile(t, "COPY", "1405/01/01", "1")
	walk(t, url, []called{{"tariffs import " + good + " --as maker", 0, "entered"}, {"tariffs submit COPY --as maker", 0, "submitted"}})
	if _, err := testdb.Owner(t).Exec(t.Context(), `UPDATE service SET agency = 101 WHERE code = 'COPY'`); err != nil {
		t.Fatal(err)
	}
	walk(t, url, []called{{"tariffs approve COPY --as checker", 65, "agency 101 sells this service"}})
}

func TestFilesAreCheckedWithoutADatabase(t *testing.T) {
	good, other := tariffFile(t, "COPY", "1404/01/01", "250,000"), tariffFile(t, "COPY", "1404/01/01", "300,000")
	later, bad := tariffFile(t, "COPY", "1405/01/01", "300,000"), tariffFile(t, "COPY", "1405/13/01", "-1")
	nowhere := "--database-url=postgres://nobody@127.0.0.1:1/none"
	walk(t, nowhere, []called{
		{"tariffs check " + good + " " + later, 0, "Nothing is wrong with 2 tariffs in 2 files."},
		{"tariffs check " + good + " " + other, 65, other + ":1: COPY from 1404/01/01: overlaps the tariff from 1404/01/01 in " + good},
		{"tariffs check none.yaml", 66, "none.yaml"},
		{"tariffs check " + bad, 65, bad + ":4: "},
		{"tariffs import " + bad + " --as maker", 65, bad + ":9: "},
	})
	code, out, _ := command(t, "tariffs", "check", bad, good, "--json")
	var result checkedTariffs
	if err := json.Unmarshal([]byte(out), &result); err != nil || code != 65 || result.Tariffs != 1 || len(result.Faults) != 2 || result.Faults[0].Line != 4 || result.Faults[1].Line != 9 {
		t.Errorf("%d %v %+v", code, err, result)
	}
}

// The JSON of a quote is what portals are told about: integers in rial, and lists that are never null.
func TestQuoteAsJSON(t *testing.T) {
	file := tariffFile(t, "COPY", "1404/01/01", "250,000")
	code, out, problem := command(t, "tariffs", "quote", "--service=COPY", "--units=3", "--date=1405-08-30", "--json", "--file="+file)
	var q struct {
		Service, Date string
		Total         int64
		Lines         []struct {
			Component    string
			Amount, Base int64
			Citation     tariffs.Citation
		}
		Shares []struct {
			Account string
			Amount  int64
		}
		Exemptions []struct{}
	}
	if err := json.Unmarshal([]byte(out), &q); err != nil || code != 0 {
		t.Fatal(code, err, out, problem)
	}
	if q.Service != "COPY" || q.Date != "2026-11-21" || q.Total != 750_000 || len(q.Lines) != 1 || q.Lines[0].Base != 250_000 ||
		q.Lines[0].Citation.Article != "7" || len(q.Shares) != 1 || q.Shares[0].Account != "R-102-140102-01" || q.Shares[0].Amount != 750_000 ||
		q.Exemptions == nil {
		t.Errorf("%s", out)
	}
}

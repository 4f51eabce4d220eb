package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// written puts a text into a file and returns its path.
func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sold is a tariff of the sample service COPY, with keys put behind its first day.
func sold(from, keys, price, to string) string {
	return "service: COPY\nagency: 102\ntitle: {fa: رونوشت, en: Copy}\nfrom: " + from + "\n" + keys + "basis: {instrument: قانون نمونه}\ncomponents:\n" +
		"  - {code: copy, title: {fa: رونوشت, en: Copy}, " + price + ", account: " + to + "}\n"
}

const courts, partner = "R-102-140102-01", "P-107-01"

// Files that pass check can be read by quote and simulate, and the other way round.
func TestCheckAndQuoteAcceptTheSame(t *testing.T) {
	nowhere := "--database-url=postgres://nobody@127.0.0.1:1/none"
	for name, c := range map[string]struct{ text, tells string }{
		"open, then open":    {sold("1405/01/01", "", "fixed: 5", courts) + "---\n" + sold("1406/01/01", "", "fixed: 7", courts), ""},
		"trailing ---":       {sold("1405/01/01", "", "fixed: 5", courts) + "---\n", ""},
		"mark between":       {sold("1405/01/01", "until: 1406/01/01\n", "fixed: 5", courts) + "---\n\ufeff" + sold("1406/01/01", "", "fixed: 7", courts), ""},
		"decided_by changes": {sold("1405/01/01", "", "fixed: 5", courts) + "---\n" + sold("1406/01/01", "decided_by: service\n", "fixed: 7", courts), ""},
		"over a gap": {sold("1405/01/01", "until: 1405/07/01\n", "fixed: 5", courts) + "---\n" + sold("1406/01/01", "decided_by: service\n", "fixed: 7", courts),
			":10: COPY from 1406/01/01: after the tariff from 1405/01/01 in "},
		"overlapping": {sold("1405/01/01", "until: 1407/01/01\n", "fixed: 5", courts) + "---\n" + sold("1406/01/01", "", "fixed: 7", courts),
			":10: COPY from 1406/01/01: overlaps the tariff from 1405/01/01 in "},
		"null":            {sold("1405/01/01", "until: ~\n", "fixed: 5", courts), ":5: until: ~ means no value"},
		"maximum: 0":      {sold("1405/01/01", "", "percent: 5, maximum: 0", courts), ":7: maximum: "},
		"Gregorian":       {sold("2026/03/21", "", "fixed: 5", courts), ":4: from: date \"2026/03/21\": the year is Gregorian; in the Jalali calendar that day is 1405/01/01"},
		"hidden override": {sold("1405/01/01", "", "fixed: 5", "\"P-107-01\u202e\""), ":7: account: holds U+202E RIGHT-TO-LEFT OVERRIDE"},
	} {
		file := written(t, "copy.yaml", c.text)
		want := 0
		if c.tells != "" {
			want = 65
		}
		for _, args := range []string{"tariffs check " + file, "tariffs quote --service COPY --date 1406-02-01 --file " + file} {
			code, out, problem := command(t, append(strings.Fields(args), nowhere)...)
			if code != want || want != 0 && !strings.Contains(problem, file+c.tells) {
				t.Errorf("%s: %s: %d, want %d and %q\n%s%s", name, args, code, want, c.tells, out, problem)
			}
		}
		// Simulate reads the files before it looks for a database.
		code, _, problem := command(t, "tariffs", "simulate", "--from=1405-01-01", "--to=1405-12-29", "--file="+file, nowhere)
		if read := code != 65; read != (want == 0) {
			t.Errorf("%s: simulate: %d\n%s", name, code, problem)
		}
	}
}

// The day that decides, and whose shares they are, is told; the price of who asked before is that of then.
func TestQuoteTellsTheDayThatDecides(t *testing.T) {
	file := written(t, "copy.yaml", sold("1404/01/01", "", "fixed: 1000", courts)+"---\n"+sold("1405/01/01", "decided_by: request\n", "fixed: 2000", partner))
	quote := "tariffs quote --service copy --file " + file
	walk(t, "--json=false", []called{
		{quote + " --date 1405/01/05 --requested 1404/12/20", 0, "1,000 rial"},
		{quote + " --date 1405/01/05 --requested 1404/12/20", 0, partner}, // paid in 1405
		{quote + " --date 1405/01/05 --requested 2026-03-21", 0, "The day of the request decides: 2026-03-21 (1405/01/01)."},
		{quote + " --date 1405/01/05", 0, "The day of the request decides, and none was given: this is the price if it is the day of payment."},
		{quote + " --date 1404/12/29", 0, "1,000 rial"},
	})
	if _, out, _ := command(t, strings.Fields(quote+" --date 1404/12/29")...); strings.Contains(out, "decides") {
		t.Errorf("the day of payment decides, as everybody expects:\n%s", out)
	}
	code, out, _ := command(t, strings.Fields(quote+" --date 1405/01/05 --requested 1405/01/02 --json")...)
	for _, want := range []string{`"decided": "2026-03-22"`, `"decided_by": "request"`} {
		if code != 0 || !strings.Contains(out, want) || strings.Contains(out, "assumed") {
			t.Errorf("%d: no %s in\n%s", code, want, out)
		}
	}
}

// Everywhere a day is read, a Gregorian one with slashes is refused with the forms that are right.
func TestGregorianDaysWithSlashes(t *testing.T) {
	file := written(t, "copy.yaml", sold("1404/01/01", "", "fixed: 1000", courts))
	nowhere := "--database-url=postgres://nobody@127.0.0.1:1/none"
	const right = "write it with hyphens, 2026-08-23; in the Jalali calendar that day is 1405/06/01"
	quote := "tariffs quote --service COPY --file " + file
	walk(t, nowhere, []called{
		{quote + " --date 2026/08/23", 65, right}, {quote + " --due 2026/08/23", 65, right}, {quote + " --requested ۲۰۲۶/۰۸/۲۳", 65, right},
		{quote + " --served 2026/8/23", 65, "2026-8-23"}, {"tariffs quote --service COPY --as-of 2026/08/23", 65, right},
		{"tariffs diff 2026/08/23 1405-08-01", 65, right}, {"tariffs diff 1405-01-01 2026/08/23", 65, right},
		{"tariffs price-list --date 2026/08/23", 65, right}, {"tariffs show COPY --date 2026/08/23", 65, right},
		{"tariffs simulate --from 2026/08/23 --to 1405-08-01 --file " + file, 65, right}, {"tariffs simulate --from 1405-01-01 --to 2026/08/23 --file " + file, 65, right},
		{"tariffs withdraw COPY --from 2026/08/23 --reason x --as checker", 65, right},
		{"ledger trial-balance --from 2026/08/23", 65, right}, {"ledger statement clearing@101 --to 2026/08/23", 65, right},
		{"day close 2026/08/23 --as maker", 65, right},
		{"accounts add P-107-02 --name x --iban x --valid-from 2026/08/23 --as maker", 65, right},
		{"send --terminal 10200001 --service COPY --pan 6037990000000014 --requested 2026/08/23", 65, right},
		{"send --terminal 10200001 --service COPY --pan 6037990000000014 --due 2026/08/23", 65, right},
		{"send --terminal 10200001 --service COPY --pan 6037990000000014 --served 2026/08/23", 65, right},
		// A Jalali date is no part of a time that programs write.
		{"tariffs quote --service COPY --as-of 1405-06-01T10:00:00Z", 65, "with a Gregorian date"},
		{quote + " --date 05/06/01", 65, "1405/08/30"}, {quote + " --date 1405/06/01", 0, "1,000 rial"}, {quote + " --date ۲۰۲۶-۰۸-۲۳", 0, "1,000 rial"},
		{quote + " --due= --date 1405/06/01", 64, "--due: is empty"}, {quote + " --category= --date 1405/06/01", 64, "--category: is empty"},
	})
}

// An unknown category or option is refused with the list of those there are; digits of codes are the same in every alphabet.
func TestUnknownCodesAreListed(t *testing.T) {
	file := written(t, "copy.yaml", sold("1404/01/01", "", "fixed: {LEVEL-1: 100, LEVEL-۲: 200}, exempt: [{category: N۱, percent: 50, basis: {instrument: a}}]", courts))
	quote := "tariffs quote --service COPY --date 1405/01/05 --file " + file
	walk(t, "--json=false", []called{
		{quote + " --option LEVEL-3", 65, "unknown option: the tariff knows the options LEVEL-1, LEVEL-2"},
		{quote + " --option LEVEL-1 --category NEDY", 65, "unknown category: the tariff knows the categories N1"},
		{quote + " --option LEVEL-۲ --category N۱", 0, "100 rial"}, {quote + " --option LEVEL-2", 0, "200 rial"},
	})
	none := written(t, "none.yaml", sold("1404/01/01", "", "fixed: 100", courts))
	walk(t, "--json=false", []called{
		{"tariffs quote --service COPY --date 1405/01/05 --option FAST --file " + none, 65, "unknown option: the tariff has no options"},
		{"tariffs quote --service COPY --date 1405/01/05 --category NEEDY --file " + none, 65, "unknown category: the tariff has no categories"},
	})
}

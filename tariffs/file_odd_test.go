package tariffs

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"treasury-switch/internal/fault"
)

// plain is a file of one document, for oddFiles to change.
var plain = component("    fixed: 5\n" + account)

func changed(old, new string) string { return strings.Replace(plain, old, new, 1) }

// oddFiles are files that are unusual and well-formed, or that say something
// which could be taken for something else: how many tariffs are read, or which
// faults are told, each "line: part of the text", in order.
var oddFiles = map[string]struct {
	text    string
	tariffs int
	faults  []string
}{
	"trailing ---":              {plain + "---\n", 1, nil},
	"trailing --- and remark":   {plain + "---\n# nothing more\n", 1, nil},
	"trailing ...":              {plain + "...\n", 1, nil},
	"leading ---":               {"---\n" + plain, 1, nil},
	"--- twice between":         {plain + "---\n---\n" + plain, 2, nil},
	"mark at the beginning":     {"\ufeff" + plain, 1, nil},
	"mark behind ---":           {plain + "---\n\ufeff" + plain, 2, nil},
	"mark before ---":           {"\ufeff" + plain + "\ufeff---\n" + plain, 2, nil},
	"mark at the end":           {plain + "\ufeff", 1, nil},
	"files put together":        {"\ufeff" + plain + "\ufeff" + plain, 0, []string{"11: service: given twice", "12: agency: given twice", "13: title: given", "14: from: given", "15: basis: given", "16: components: given"}},
	"mark inside a text":        {changed("en: Fee", `en: "Fe\ufeffe"`), 0, []string{"3: en: holds U+FEFF BYTE ORDER MARK"}},
	"only ---":                  {"---\n", 0, []string{"1: no tariff"}},
	"lines of another system":   {strings.ReplaceAll(plain, "\n", "\r\n"), 1, nil},
	"~ for a text":              {changed("fa: حق", "fa: ~"), 0, []string{"3: fa: ~ means no value"}},
	"null for a text":           {changed("en: Fee", "en: null"), 0, []string{"3: en: null means no value"}},
	"NULL for a code":           {changed("code: fee", "code: NULL"), 0, []string{"7: code: NULL means no value"}},
	"null in quotes":            {changed("en: Fee", `en: "null"`), 1, nil},
	"nothing for a key":         {plain + "until:\n", 0, []string{"11: until: has no value"}},
	"nothing in quotes":         {plain + "decided_by: \"\"\n", 0, []string{"11: decided_by: has no value"}},
	"nothing for the basis":     {plain + "    basis:\n", 0, []string{"11: want keys"}},
	"null in a list":            {component("    percent: 5\n    of: [~]\n" + account), 0, []string{"10: of: ~ means no value"}},
	"a tag":                     {changed("fixed: 5", "fixed: !!str 5"), 0, []string{"9: fixed: YAML tags such as !!str"}},
	"a tag of a mapping":        {changed("basis: {", "basis: !x {"), 0, []string{"5: basis: YAML tags such as !x", "7: components[0].basis.instrument"}},
	"right-to-left override":    {changed("fa: حق", "fa: \"\u202eحق\""), 0, []string{"3: fa: holds U+202E RIGHT-TO-LEFT OVERRIDE"}},
	"written as an escape":      {changed("en: Fee", `en: "Fe\u2066e"`), 0, []string{"3: en: holds U+2066 LEFT-TO-RIGHT ISOLATE"}},
	"mark of direction in code": {changed("code: fee", "code: fe\u200fe"), 0, []string{"7: code: holds U+200F RIGHT-TO-LEFT MARK"}},
	"hidden in a service":       {changed("service: FEE", "service: FEE\u061c"), 0, []string{"1: service: holds U+061C ARABIC LETTER MARK"}},
	"hidden in an option":       {changed("fixed: 5", "fixed: {A\u202d: 5}"), 0, []string{`9: key "A\u202d" holds U+202D LEFT-TO-RIGHT OVERRIDE`, "9: fixed: want an option"}},
	"hidden in a key":           {changed("fixed: 5", "fix\u200bed: 5"), 0, []string{"7: components[0]: want exactly one", `9: key "fix\u200bed" holds U+200B ZERO WIDTH SPACE`}},
	"joiners are spelling":      {changed("fa: حق", "fa: می\u200cشود\u200d"), 1, nil},
	"Gregorian with slashes":    {changed("1405/01/01", "2026/03/21"), 0, []string{`4: from: date "2026/03/21": the year is Gregorian; in the Jalali calendar that day is 1405/01/01`}},
	"Gregorian with hyphens":    {changed("1405/01/01", "2026-03-21"), 0, []string{"4: from: date \"2026-03-21\": the year is Gregorian"}},
	"Gregorian gazette":         {changed("{instrument: قانون}", "{instrument: قانون, gazette_date: ۲۰۲۶/۰۳/۲۱}"), 0, []string{"5: gazette_date: date"}},
	"year of two digits":        {changed("1405/01/01", "05/01/01"), 0, []string{`4: from: "05/01/01": want a Jalali date such as 1405/01/01`}},
	"the day that is no date":   {changed("1405/01/01", "1348/10/11"), 0, []string{"4: from: "}},
	"maximum of nothing":        {component("    percent: 5\n    maximum: 0\n" + account), 0, []string{`10: maximum: "0": everybody would pay nothing`}},
	"nothing without a base":    {component("    percent: 5\n    without_base: ۰\n" + account), 0, []string{`10: without_base: "۰": whoever names no base`}},
	"minimum of nothing":        {component("    percent: 5\n    minimum: 0\n" + account), 1, nil},
	"most of nothing":           {component("    percent: 5\n    late: {every: month, percent: 5, most: 0}\n" + account), 0, []string{`10: most: "0": lateness would cost nothing`}},
	"most percent of nothing":   {component("    percent: 5\n    late: {every: month, percent: 5, most_percent: 0.00}\n" + account), 0, []string{`10: most_percent: "0.00": lateness`}},
	"late for nothing":          {component("    percent: 5\n    late: {percent: 0}\n" + account), 0, []string{`10: percent: "0": lateness would cost nothing`}},
	"late for nothing and more": {component("    percent: 5\n    late: {times: 2, amount: 0}\n" + account), 0, []string{`10: amount: "0": lateness would cost nothing`}},
	"bracket up to nothing":     {component("    brackets: {mode: slab, rates: [{percent: 1, up_to: 0}]}\n" + account), 0, []string{`9: up_to: "0": a bound is more than 0`}},
	"free is a price":           {component("    fixed: {A: 0, B: 5}\n" + account), 1, nil},
	"Persian digits in codes":   {strings.NewReplacer("FEE", "FEE۱", "code: fee", "code: fee۱", "101-140101", "۱۰۱-140101").Replace(component("    percent: {A۲: 5, B-٣: 6}\n    late: {every: ۳۰-days, percent: 5}\n" + account)), 1, nil},
	"the same in other digits":  {component("    percent: {A2: 5, A۲: 6}\n" + account), 0, []string{"9: A2: given twice"}},
}

func TestOddFiles(t *testing.T) {
	for name, row := range oddFiles {
		t.Run(name, func(t *testing.T) {
			versions, err := Parse("f.yaml", []byte(row.text))
			if len(versions) != row.tariffs {
				t.Errorf("%d tariffs, want %d", len(versions), row.tariffs)
			}
			if row.faults != nil {
				wantLines(t, err, row.faults)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// Digits of codes are the same in every alphabet, wherever a code appears.
func TestPersianDigitsInCodes(t *testing.T) {
	text := "service: FEE۱\nagency: 101\ntitle: {fa: حق, en: Fee}\nfrom: 1405/01/01\nbasis: {instrument: قانون, scan_sha256: " + strings.ReplaceAll(scan, "0", "۰") + "}\n" +
		"components:\n  - {code: fee۱, title: {fa: حق, en: Fee}, fixed: {A۱: 5000}, exempt: [{category: N۲, basis: {instrument: a}}], account: R-۱۰۱-140101-٠١}\n" +
		"  - {code: vat, title: {fa: حق, en: Fee}, percent: 5, of: [fee٣, fee۱], account: P-106-01}\n" +
		"  - {code: fee٣, title: {fa: حق, en: Fee}, fixed: 1, account: P-106-01}\n" +
		"round_total: {to: 2, direction: up, carrier: fee۱}\nsharing:\n  - {component: fee۱, from: 1405/02/01, basis: {instrument: a}, account: P-۱۰۶-01}\n"
	persian, err := Parse("persian.yaml", []byte(text))
	must(t, err)
	latin, err := Parse("latin.yaml", []byte(strings.NewReplacer("۰", "0", "۱", "1", "۲", "2", "٣", "3", "٠", "0", "١", "1", "۶", "6").Replace(text)))
	must(t, err)
	if persian[0].ID != latin[0].ID || !slices.Equal(persian[0].Components[1].Of, []string{"fee3", "fee1"}) {
		t.Errorf("%s\nis not\n%s", persian[0].body(), latin[0].body())
	}
}

// What one command finds nothing wrong with, the others read: an open tariff
// ends where the next begins, and what cannot stand beside each other is told
// with its place.
func TestFilesAreCheckedTogether(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		must(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	open := write("open.yaml", plain)
	next := write("next.yaml", "# remark\n"+changed("1405/01/01", "1406/01/01"))
	elsewhere := write("elsewhere.yaml", strings.Replace(changed("1405/01/01", "1407/01/01"), "agency: 101", "agency: 102", 1))
	ends := write("ends.yaml", plain+"until: 1406/07/01\n")
	first := write("first.yaml", changed("1405/01/01", "1404/01/01")+"until: 1404/07/01\n---\n"+plain+"decided_by: service\n")
	for _, row := range []struct {
		paths []string
		fault string
	}{
		{[]string{open, next}, ""}, {[]string{next, open}, ""},
		{[]string{open, open}, open + ":1: FEE from 1405/01/01: overlaps the tariff from 1405/01/01 in " + open},
		{[]string{next, ends}, next + ":2: FEE from 1406/01/01: overlaps the tariff from 1405/01/01 in " + ends},
		{[]string{open, elsewhere}, elsewhere + ":1: FEE from 1407/01/01: agency 102 sells it here, and 101 in the tariff from 1405/01/01"},
		{[]string{first}, first + ":13: FEE from 1405/01/01: after the tariff from 1404/01/01 in " + first + ", decided_by changes over days without a tariff"},
	} {
		versions, err := CheckFiles(row.paths...)
		set, quoted := SetOfFiles(row.paths...)
		if (err == nil) != (row.fault == "") || (quoted == nil) != (err == nil) || err != nil && (fault.KindOf(err) != fault.Invalid || !strings.HasPrefix(err.Error(), row.fault)) {
			t.Errorf("%v: %v, and %v; want %q", row.paths, err, quoted, row.fault)
		}
		if row.fault == "" && (len(versions) != 2 || len(set.Gaps("FEE")) != 0) {
			t.Errorf("%v: %d tariffs, %v", row.paths, len(versions), set.Gaps("FEE"))
		}
	}
	if _, err := CheckFiles(filepath.Join(folder, "none.yaml")); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a file that is not there: %v", err)
	}
}

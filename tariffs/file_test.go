package tariffs

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

const wholeFile = `# every key there is
service: LICENCE
agency: ۱۰۱
title: {fa: پروانه, en: Licence}
from: ۱۴۰۵-۰۱-۰۱
until: 1406/01/01
basis: {instrument: قانون, article: "1", note: "2", gazette: "3", gazette_date: 1404/12/29, text: remark}
components:
  - code: fee
    title: {fa: حق, en: Fee}
    fixed: ۲٬۰۰۰٬۰۰۰
    shares:
      - account: R-101-140101-01
        percent: 66٫6
      - account: P-106-01
        percent: 33.40
  - code: page
    title: {fa: برگ, en: Page}
    per_unit: 1,000
    units: 10
    shares:
      - {account: R-101-140101-01, parts: 2}
      - {account: P-106-01, parts: 1}
  - code: duty
    title: {fa: عوارض, en: Duty}
    percent: 0.50
    round:
      to: 1,000
      direction: up
    shares:
      - account: P-106-01
        amount: 1,500
      - account: R-101-140101-01
        remainder: yes
    basis: {instrument: other}
---
service: SECOND
agency: 102
title: {fa: دوم, en: Second}
from: 1405/01/01
basis: {instrument: قانون}
components:
  - {code: fee, title: {fa: حق, en: Fee}, fixed: 5, account: R-102-140102-01}
`

func TestParseReadsEveryKey(t *testing.T) {
	versions, err := Parse("whole.yaml", []byte(wholeFile))
	if err != nil || len(versions) != 2 {
		t.Fatalf("%d tariffs, %v", len(versions), err)
	}
	v := versions[0]
	fee, page, duty := v.Components[0], v.Components[1], v.Components[2]
	for _, row := range []struct {
		key       string
		got, want any
	}{
		{"agency", v.Agency, int32(101)},
		{"title", v.Title, Title{"پروانه", "Licence"}},
		{"from", v.From, day(t, "1405/01/01")},
		{"until", v.Until, day(t, "1406/01/01")},
		{"until of the second", versions[1].Until, calendar.Date(0)},
		{"basis", v.Basis, Citation{"قانون", "1", "2", "3", day(t, "1404/12/29"), "remark", ""}},
		{"fixed", fee.Amount, money.Rial(2_000_000)},
		{"basis of the fee", fee.Basis, v.Basis},
		{"shares in percent", fee.Shares, []Portion{inPercent("R-101-140101-01", "66.6"), inPercent("P-106-01", "33.4")}},
		{"kind", page.Kind, PerUnit},
		{"units", page.PerUnits, int64(10)},
		{"percent", duty.Rate, decimal.RequireFromString("0.5")},
		{"round", duty.Rounding, Rounding{1000, Up}},
		{"shares and a remainder", duty.Shares, []Portion{inRial("P-106-01", 1500), rest("R-101-140101-01")}},
		{"basis of the duty", duty.Basis.Instrument, "other"},
	} {
		if !reflect.DeepEqual(row.got, row.want) {
			t.Errorf("%s: %v, want %v", row.key, row.got, row.want)
		}
	}
	if v.ID == versions[1].ID {
		t.Errorf("two tariffs have the id %d", v.ID)
	}
}

// component puts the lines of a component's amount and shares into a file
// where they begin at line 9.
func component(lines string) string {
	return "service: FEE\nagency: 101\ntitle: {fa: حق, en: Fee}\nfrom: 1405/01/01\nbasis: {instrument: قانون}\n" +
		"components:\n  - code: fee\n    title: {fa: حق, en: Fee}\n" + lines
}

const account = "    account: R-101-140101-01\n"

func TestParseTellsEveryFaultWithItsLine(t *testing.T) {
	for name, row := range map[string]struct {
		text string
		want []string // "line: part of the text", all of them in order
	}{
		"empty":           {"", []string{"1: no tariff"}},
		"only a remark":   {"# nothing\n", []string{"1: no tariff"}},
		"no mapping":      {"- a\n", []string{"1: want keys"}},
		"broken":          {"service: FEE\n  agency: [", []string{"2: "}},
		"unknown key":     {component("    fixed: 1\n    colour: red\n" + account), []string{`10: unknown key "colour"`}},
		"twice":           {component("    fixed: 1\n    fixed: 2\n" + account), []string{"10: fixed: given twice"}},
		"reference":       {component("    fixed: &a 1\n    units: *a\n" + account), []string{"10: units: references"}},
		"amount":          {component("    fixed: 1,00\n" + account), []string{`9: fixed: "1,00": want an amount`}},
		"amount in parts": {component("    fixed: [1]\n" + account), []string{"9: fixed: want a plain value"}},
		"option":          {component("    fixed: {a: 1}\n" + account), []string{"9: components[0].options[0].code: want capital"}},
		"negative":        {component("    fixed: -1\n" + account), []string{"9: fixed"}},
		"too large":       {component("    fixed: 1,000,000,000,000\n" + account), []string{"9: components[0].amount: want 0 to"}},
		"no kind":         {component(account), []string{"7: components[0]: want exactly one of fixed"}},
		"two kinds":       {component("    fixed: 1\n    percent: 2\n" + account), []string{"7: components[0]: want exactly one"}},
		"rate":            {component("    percent: 1e9\n" + account), []string{"9: percent"}},
		"rate too fine":   {component("    percent: 0.1234567\n" + account), []string{"9: percent"}},
		"rate too high":   {component("    percent: 1000.1\n" + account), []string{"9: components[0].rate"}},
		"units alone":     {component("    fixed: 1\n    units: 3\n" + account), []string{"10: units: \"3\": goes with per_unit"}},
		"no units":        {component("    per_unit: 1\n    units: 0\n" + account), []string{"10: components[0].per_units"}},
		"round of fixed":  {component("    fixed: 1\n    round: {to: 10}\n" + account), []string{"9: components[0].amount: not a multiple"}},
		"round to none":   {component("    percent: 1\n    round: {direction: up}\n" + account), []string{"10: round: want to"}},
		"round sideways":  {component("    percent: 1\n    round: {to: 1, direction: left}\n" + account), []string{"10: components[0].rounding.direction"}},
		"no shares":       {component("    fixed: 1\n"), []string{"7: components[0].shares: want 1 to 20"}},
		"both":            {component("    fixed: 1\n    shares: []\n" + account), []string{"11: account"}},
		"account":         {component("    fixed: 1\n    account: R-101\n"), []string{"10: components[0].shares[0].account"}},
		"percents":        {component("    fixed: 1\n    shares:\n      - {account: P-106-01, percent: 99}\n"), []string{"11: components[0].shares: percents"}},
		"methods": {component("    fixed: 1\n    shares:\n      - {account: P-106-01, percent: 99}\n      - {account: P-106-01, parts: 1}\n"),
			[]string{"11: components[0].shares: want all"}},
		"two methods": {component("    fixed: 1\n    shares:\n      - {account: P-106-01, percent: 99, parts: 1}\n"),
			[]string{"11: components[0].shares[0]: want exactly one"}},
		"two remainders": {component("    fixed: 1\n    shares:\n      - {account: P-106-01, remainder: yes}\n      - {account: P-106-01, remainder: yes}\n"),
			[]string{"11: components[0].shares: want all"}},
		"fixed shares": {component("    fixed: 9\n    shares:\n      - {account: P-106-01, amount: 10}\n      - {account: P-106-01, remainder: yes}\n"),
			[]string{"11: components[0].shares: fixed shares are more"}},
		"control": {strings.Replace(component("    fixed: 1\n"+account), "قانون", `"a\0b"`, 1), []string{"5: basis: too long, control", "7: components[0].basis: too long"}},
		"dates":   {"service: FEE\nfrom: 1404/12/30\nuntil: 1403/01/01\n", []string{"1: agency", "1: title", "1: basis", "1: components", `2: from: "1404/12/30"`}},
		"all": {"service: fee\nagency: x\ntitle: {fa: حق}\nfrom: 1405/01/01\nuntil: 1405/01/01\ncomponents: 3\n",
			[]string{"1: service", "1: basis.instrument", `2: agency: "x"`, "3: title", "5: until", "6: components: want a list"}},
		"both documents": {"service: fee\n---\nservice: FEE\n", []string{"1: service", "1: agency", "1: title", "1: from", "1: basis", "1: components",
			"3: agency", "3: title", "3: from", "3: basis", "3: components"}},
	} {
		t.Run(name, func(t *testing.T) {
			versions, err := Parse("f.yaml", []byte(row.text))
			var faults FileFaults
			if fault.KindOf(err) != fault.Invalid || versions != nil || !errors.As(err, &faults) {
				t.Fatalf("%v, %v", versions, err)
			}
			wantLines(t, err, row.want)
		})
	}
}

// wantLines holds that an error tells faults of file f.yaml, one a line, in this order.
func wantLines(t *testing.T, err error, faults []string) {
	t.Helper()
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != len(faults) {
		t.Fatalf("want %d faults:\n%v", len(faults), err)
	}
	for i, want := range faults {
		if !strings.Contains(lines[i], "f.yaml:"+want) {
			t.Errorf("%s, want %s", lines[i], want)
		}
	}
}

func TestParseFilesTellsFaultsOfAll(t *testing.T) {
	folder := t.TempDir()
	a, b, good := filepath.Join(folder, "a.yaml"), filepath.Join(folder, "b.yaml"), filepath.Join(folder, "good.yaml")
	must(t, os.WriteFile(a, []byte(component("    fixed: x\n"+account)), 0o600))
	must(t, os.WriteFile(b, []byte(component("    fixed: 1\n    account: x\n")), 0o600))
	must(t, os.WriteFile(good, []byte(component("    fixed: 1\n"+account)), 0o600))
	_, err := ParseFiles(b, good, a)
	for _, place := range []string{"a.yaml:9:", "b.yaml:10:"} {
		if err == nil || !strings.Contains(err.Error(), place) {
			t.Errorf("nothing about %s in %v", place, err)
		}
	}
	if versions, err := ParseFiles(good); err != nil || len(versions) != 1 {
		t.Errorf("the good file: %v, %v", versions, err)
	}
	if _, err := ParseFiles(filepath.Join(folder, "none.yaml")); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a file that is not there: %v", err)
	}
}

// No file makes reading or quoting panic, and what is read is in order: it can
// be written as a file that is read as the same, and what fit finds nothing
// wrong with makes a set.
func FuzzParse(f *testing.F) {
	f.Add([]byte(wholeFile))
	f.Add([]byte(shapesFile))
	f.Add([]byte(component("    percent: 2.5\n    round: {to: 10}\n" + account)))
	for _, row := range oddFiles {
		f.Add([]byte(row.text))
	}
	for _, row := range faultyShapes {
		f.Add([]byte(component(row.text)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		versions, err := Parse("fuzz", text)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatal(err)
			}
			return
		}
		for _, v := range versions {
			file := Export(v)
			again, err := Parse("exported", file)
			if err != nil || len(again) != 1 || again[0].ID != v.ID {
				t.Fatalf("%v, written as\n%s", err, file)
			}
		}
		if fitted := slices.Clone(versions); len(fit(fitted, func(int) string { return "" })) == 0 {
			_, err := NewSet(fitted)
			must(t, err)
		}
		for _, v := range versions {
			set, err := NewSet([]Version{v})
			must(t, err)
			for _, n := range []int64{0, 1, 1 << 40, 1<<63 - 1, -1 << 63} {
				_, _ = set.Quote(Request{Service: v.Service, Date: v.From, Units: n, Base: money.Rial(n), HasBase: true})
			}
		}
	})
}

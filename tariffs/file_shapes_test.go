package tariffs

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// shapesFile has every shape that a component can take, in Persian digits here
// and there.
const shapesFile = `service: SHAPES
agency: 101
title: {fa: شکل ها, en: Shapes}
from: 1405/01/01
decided_by: request
basis: {instrument: قانون, scan_sha256: "` + scan + `"}
components:
  - code: fee
    title: {fa: حق, en: Fee}
    fixed: {HOME: 10000, IMPORTED: ۲۵٬۰۰۰}
    taxable: yes
    exempt:
      - category: NEEDY
        basis: {instrument: قانون حمایت}
      - {category: VETERAN, percent: ۵۰, basis: {instrument: قانون جامع, article: ۴}}
    account: R-101-140101-01
  - code: claim
    title: {fa: دعوا, en: Claim}
    brackets:
      mode: marginal
      rates:
        - {up_to: ۲۰۰٬۰۰۰٬۰۰۰, percent: ۲٫۵}
        - percent: 3.50
    without_base: 1,500,000
    minimum: 10,000
    maximum: 900,000,000
    round: {to: 1000, direction: up}
    account: R-101-140101-01
  - code: transfer
    title: {fa: انتقال, en: Transfer}
    percent: {HOME: 1, IMPORTED: 2}
    depreciation: {per_year: 10, years: 6, floor: 40}
    late:
      after: 60
      times: 2
      basis: {instrument: قانون تخلفات}
    account: R-101-140101-01
  - code: delay
    title: {fa: تأخیر, en: Delay}
    per_unit: 5
    late: {every: month, percent: 2.5, most_percent: 100, most: 1000}
    account: R-101-140101-01
    basis: {instrument: دیگر}
  - code: duty
    title: {fa: عوارض, en: Duty}
    percent: 5
    of: [fee, claim]
    late: {every: 30-days, amount: 100}
    account: R-101-140101-01
  - code: vat
    title: {fa: مالیات, en: Tax}
    percent: ۱۰
    of: taxable
    account: R-101-140101-01
round_total: {to: 1000, direction: up, carrier: fee}
sharing:
  - component: fee
    from: 1405/07/01
    basis: {instrument: آیین نامه}
    shares:
      - {account: R-101-140101-01, percent: 90}
      - {account: P-106-01, percent: 10}
  - {component: fee, from: 1405/10/01, basis: {instrument: لغو}, account: P-106-01}
`

const scan = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestParseReadsEveryShape(t *testing.T) {
	versions, err := Parse("shapes.yaml", []byte(shapesFile))
	must(t, err)
	v := versions[0]
	fee, claim, transfer, delay, duty, vat := v.Components[0], v.Components[1], v.Components[2], v.Components[3], v.Components[4], v.Components[5]
	relief, half := Citation{Instrument: "قانون حمایت"}, Citation{Instrument: "قانون جامع", Article: "۴"}
	for _, row := range []struct {
		key       string
		got, want any
	}{
		{"decided_by", v.DecidedBy, RequestDate},
		{"scan", v.Basis.Scan, scan},
		{"round_total", *v.Total, Total{Rounding{1000, Up}, "fee"}},
		{"sharing", v.Sharing, []Sharing{
			{"fee", day(t, "1405/07/01"), []Portion{inPercent("R-101-140101-01", "90"), inPercent("P-106-01", "10")}, Citation{Instrument: "آیین نامه"}},
			{"fee", day(t, "1405/10/01"), all("P-106-01"), Citation{Instrument: "لغو"}}}},
		{"options", fee.Options, []Option{{Code: "HOME", Amount: 10_000}, {Code: "IMPORTED", Amount: 25_000}}},
		{"taxable", []bool{fee.Taxable, claim.Taxable}, []bool{true, false}},
		{"exempt", fee.Exemptions, []Relief{{"NEEDY", hundred, relief}, {"VETERAN", rate("50"), half}}},
		{"brackets", claim.Brackets, []Bracket{{200_000_000, rate("2.5")}, {0, rate("3.5")}}},
		{"mode", claim.Mode, Marginal},
		{"bounds", []any{claim.WithoutBase, claim.Minimum, claim.Maximum, claim.Rounding},
			[]any{claim.WithoutBase*0 + 1_500_000, claim.Minimum*0 + 10_000, claim.Maximum*0 + 900_000_000, Rounding{1000, Up}}},
		{"rates", transfer.Options, []Option{{Code: "HOME", Rate: rate("1")}, {Code: "IMPORTED", Rate: rate("2")}}},
		{"depreciation", *transfer.Depreciation, Depreciation{rate("10"), 6, rate("40")}},
		{"late", *transfer.Late, Late{After: 60, Every: Once, Times: rate("2"), Basis: Citation{Instrument: "قانون تخلفات"}}},
		{"monthly", *delay.Late, Late{Every: Monthly, Rate: rate("2.5"), MostRate: rate("100"), Most: 1000, Basis: Citation{Instrument: "دیگر"}}},
		{"thirty days", *duty.Late, Late{Every: ThirtyDays, Amount: 100, Basis: v.Basis}},
		{"of", duty.Of, []string{"fee", "claim"}},
		{"kinds", []Kind{fee.Kind, claim.Kind, transfer.Kind, delay.Kind, duty.Kind, vat.Kind}, []Kind{Fixed, Bracketed, Percent, PerUnit, PercentOf, PercentOf}},
		{"of taxable", []bool{duty.OfTaxable, vat.OfTaxable}, []bool{false, true}},
	} {
		if string(written(row.got)) != string(written(row.want)) || reflect.TypeOf(row.got) != reflect.TypeOf(row.want) {
			t.Errorf("%s: %s, want %s", row.key, written(row.got), written(row.want))
		}
	}
}

// faultyShapes are lines of a component, from line 9 on, with the faults to tell.
var faultyShapes = map[string]struct {
	text string
	want []string // "line: part of the text", in order
}{
	"of without percent": {"    fixed: 1\n    of: [a]\n" + account, []string{`10: of: "": goes with percent only`}},
	"of another word":    {"    percent: 1\n    of: all\n" + account, []string{`10: of: "all": want taxable`}},
	"of a mapping":       {"    percent: 1\n    of: {a: 1}\n" + account, []string{`10: of: want a list`}},
	"of lists":           {"    percent: 1\n    of: [[a]]\n" + account, []string{`10: of: want the code`}},
	"of the unknown":     {"    percent: 1\n    of:\n      - x\n" + account, []string{`11: components[0].of[0]: no component`}},
	"of itself":          {"    percent: 1\n    of: [fee]\n" + account, []string{`7: components: charged on each other in a circle: fee > fee`}},
	"no brackets":        {"    brackets: {mode: slab}\n" + account, []string{`9: components[0].brackets: want 1 to 50`}},
	"no mode":            {"    brackets:\n      rates: [{percent: 1}]\n" + account, []string{`10: components[0].mode: want slab`}},
	"brackets in disorder": {"    brackets:\n      mode: slab\n      rates:\n        - {up_to: 5, percent: 1}\n        - {up_to: 5, percent: 1}\n        - {percent: 1}\n" + account,
		[]string{`13: components[0].brackets[1].up_to: want more`}},
	"bracket without rate": {"    brackets: {mode: slab, rates: [{up_to: 1}]}\n" + account, []string{
		`9: components[0].brackets[0]: want a percent`, `9: components[0].brackets[0].up_to: the last`}},
	"no options":         {"    percent: {}\n" + account, []string{"9: percent: want an option"}},
	"rate of an option":  {"    percent: {A: x}\n" + account, []string{`9: A: "x": want a percentage`}},
	"comma in braces":    {"    percent: 1\n    round: {to: 1,000}\n" + account, []string{`10: unknown key "000": inside {} an amount must have no commas`}},
	"option twice":       {"    fixed: {A: 1, A: 2}\n" + account, []string{"9: A: given twice"}},
	"no floor":           {"    percent: 1\n    depreciation: {per_year: 10, years: 6}\n" + account, []string{"10: components[0].depreciation: want floor"}},
	"late, nothing":      {"    percent: 1\n    late: {after: 60}\n" + account, []string{"10: components[0].late: want exactly one"}},
	"late, how often":    {"    percent: 1\n    late: {every: week, percent: 1}\n" + account, []string{"10: components[0].late.every: want once"}},
	"late, months times": {"    percent: 1\n    late:\n      every: month\n      times: 2\n" + account, []string{"12: components[0].late.times: goes"}},
	"late rate too high": {"    percent: 1\n    late:\n      percent: 1001\n" + account, []string{"11: components[0].late.rate: want 0 to 1000"}},
	"exempt, no law":     {"    fixed: 1\n    exempt:\n      - category: NEEDY\n" + account, []string{"11: components[0].exemptions[0].basis.instrument"}},
	"exempt, no list":    {"    fixed: 1\n    exempt: NEEDY\n" + account, []string{"10: exempt: want a list"}},
	"taxable no":         {"    fixed: 1\n    taxable: no\n" + account, []string{`10: taxable: "no": want yes`}},
	"base of fixed":      {"    fixed: 1\n    without_base: 5\n" + account, []string{"10: components[0].without_base: goes"}},
}

func TestParseTellsFaultsOfShapes(t *testing.T) {
	for name, row := range faultyShapes {
		_, err := Parse("f.yaml", []byte(component(row.text)))
		if err == nil {
			t.Errorf("%s: no fault", name)
			continue
		}
		lines := strings.Split(err.Error(), "\n")
		if !slices.EqualFunc(lines, row.want, func(line, want string) bool { return strings.Contains(line, "f.yaml:"+want) }) {
			t.Errorf("%s:\n%v\nwant %v", name, err, row.want)
		}
	}
	top := component("    fixed: 1\n"+account) + "round_total: {to: 5, carrier: x}\nsharing:\n  - {component: y, from: 1405/01/01, account: x}\ndecided_by: no\n"
	_, err := Parse("f.yaml", []byte(top))
	for _, want := range []string{"11: total.carrier", "13: sharing[0].component", "13: sharing[0].from", "13: sharing[0].basis", "13: sharing[0].shares[0].account", "14: decided_by"} {
		if err == nil || !strings.Contains(err.Error(), "f.yaml:"+want) {
			t.Errorf("nothing about %s in %v", want, err)
		}
	}
}

// A file as Export writes it, to look at.
func TestExportWritesWhatAClerkReads(t *testing.T) {
	versions, err := Parse("shapes.yaml", []byte(shapesFile))
	must(t, err)
	file := Export(versions[0])
	words := strings.Join(strings.Fields(string(file)), " ")
	for _, want := range []string{"from: 1405/01/01 decided_by", "- code: claim title", "fixed: HOME: 10,000 IMPORTED: 25,000", "of: [fee, claim]",
		"of: taxable", "- up_to: 200,000,000 percent: 2.5 - percent: 3.5", "taxable: yes", "late: every: month percent: 2.5"} {
		if !strings.Contains(words, want) {
			t.Errorf("no %q in\n%s", want, file)
		}
	}
	if n := strings.Count(words, "instrument:"); n != 7 { // none where that of the schedule or component holds
		t.Errorf("%d citations in\n%s", n, file)
	}
	again, err := Parse("again.yaml", file)
	if err != nil || again[0].ID != versions[0].ID || !bytes.Equal(Export(again[0]), file) {
		t.Errorf("%v, %d and %d\n%s", err, again[0].ID, versions[0].ID, file)
	}
}

package tariffs

import (
	"errors"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"treasury-switch/money"
)

// The tables of this file stand on both sides of every boundary that the
// treasury's rules name.

func rate(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func based(base money.Rial) Request { return Request{Base: base, HasBase: true} }

func brackets(mode Mode, list ...Bracket) Component {
	return Component{Code: "fee", Kind: Bracketed, Mode: mode, Brackets: list, Shares: all("R-101-140101-01")}
}

func TestBracketBoundsAreInclusive(t *testing.T) {
	list := []Bracket{{UpTo: 200_000_000, Rate: rate("2.5")}, {UpTo: 300_000_000, Rate: rate("3.5")}, {Rate: rate("4")}}
	for _, row := range []struct {
		base           money.Rial
		slab, marginal money.Rial
		used           int // brackets of the marginal mode
	}{
		{0, 0, 0, 1},
		{100, 3, 3, 1}, // 2.5
		{199_999_999, 5_000_000, 5_000_000, 1},
		{200_000_000, 5_000_000, 5_000_000, 1},
		{200_000_001, 7_000_000, 5_000_000, 2},
		{200_000_100, 7_000_004, 5_000_004, 2}, // 7,000,003.5 and 5,000,003.5
		{300_000_000, 10_500_000, 8_500_000, 2},
		{300_000_001, 12_000_000, 8_500_000, 3},
		{1_000_000_000, 40_000_000, 36_500_000, 3},
	} {
		slab, err := lineOf(t, brackets(Slab, list...), based(row.base))
		if err != nil || slab.Amount != row.slab || len(slab.Brackets) != 1 || slab.Rate != slab.Brackets[0].Rate {
			t.Errorf("slab of %d: %+v, %v, want %d", row.base, slab, err, row.slab)
		}
		marginal, err := lineOf(t, brackets(Marginal, list...), based(row.base))
		if err != nil || marginal.Amount != row.marginal || len(marginal.Brackets) != row.used {
			t.Errorf("marginal of %d: %+v, %v, want %d", row.base, marginal, err, row.marginal)
		}
	}
	line, err := lineOf(t, brackets(Marginal, list...), based(250_000_000))
	must(t, err)
	want := []BracketUse{{0, 200_000_000, "200000000", "2.5", "5000000"}, {200_000_000, 300_000_000, "50000000", "3.5", "1750000"}}
	if !slices.Equal(line.Brackets, want) || line.Rate != "" || line.Base != 250_000_000 {
		t.Errorf("%+v", line)
	}
}

func TestBaseLosesValueByAge(t *testing.T) {
	c := Component{Code: "duty", Kind: Percent, Shares: all("R-101-140101-01"),
		Options:      []Option{{Code: "HOME", Rate: rate("1")}, {Code: "IMPORTED", Rate: rate("2")}},
		Depreciation: &Depreciation{PerYear: rate("10"), Years: 6, Floor: rate("40")}}
	steep := c
	steep.Depreciation = &Depreciation{PerYear: rate("25"), Years: 4, Floor: rate("12.5")}
	brief := c
	brief.Depreciation = &Depreciation{PerYear: rate("10"), Years: 2, Floor: rate("40")}
	for _, row := range []struct {
		c       Component
		date    string
		first   int
		option  string
		want    money.Rial
		percent string
	}{
		{c, "1405/08/30", 1405, "HOME", 10_000_000, "100"},
		{c, "1405/12/29", 1404, "HOME", 9_000_000, "90"},
		{c, "1406/01/01", 1404, "HOME", 8_000_000, "80"}, // the age changes with the year
		{c, "1405/08/30", 1402, "IMPORTED", 14_000_000, "70"},
		{c, "1405/08/30", 1400, "HOME", 5_000_000, "50"},
		{c, "1405/08/30", 1399, "HOME", 4_000_000, "40"},
		{c, "1405/08/30", 1398, "HOME", 4_000_000, "40"},
		{c, "1405/08/30", 1, "IMPORTED", 8_000_000, "40"},
		{brief, "1405/08/30", 1403, "HOME", 8_000_000, "80"},
		{brief, "1405/08/30", 1400, "HOME", 8_000_000, "80"}, // falls no further after two years
		{steep, "1405/08/30", 1402, "HOME", 2_500_000, "25"},
		{steep, "1405/08/30", 1401, "HOME", 1_250_000, "12.5"},
		{steep, "1405/08/30", 1390, "HOME", 1_250_000, "12.5"},
	} {
		r := based(1_000_000_000)
		r.Date, r.FirstYear, r.Option = day(t, row.date), row.first, row.option
		line, err := lineOf(t, row.c, r)
		if err != nil || line.Amount != row.want || line.BasePercent != row.percent || line.Option != row.option || line.Base != r.Base {
			t.Errorf("%d on %s, %s: %+v, %v, want %d", row.first, row.date, row.option, line, err, row.want)
		}
	}
	for name, row := range map[string]struct {
		change func(*Request)
		want   error
	}{
		"no first year":          {func(r *Request) { r.FirstYear = 0 }, ErrMissingFirstYear},
		"year to come":           {func(r *Request) { r.FirstYear = 1406 }, ErrBadInput},
		"year of other calendar": {func(r *Request) { r.FirstYear = 2024 }, ErrBadInput},
		"negative year":          {func(r *Request) { r.FirstYear = -1 }, ErrBadInput},
		"no option":              {func(r *Request) { r.Option = "" }, ErrMissingOption},
		"other option":           {func(r *Request) { r.Option = "home" }, ErrUnknownOption},
		"no base":                {func(r *Request) { r.HasBase = false }, ErrMissingBase},
	} {
		r := based(1_000_000_000)
		r.Date, r.FirstYear, r.Option = day(t, "1405/08/30"), 1402, "HOME"
		row.change(&r)
		if line, err := lineOf(t, c, r); !errors.Is(err, row.want) {
			t.Errorf("%s: %+v, %v", name, line, err)
		}
	}
}

func TestMinimumAndMaximum(t *testing.T) {
	c := percent("fee", "1", Rounding{Unit: 1000, Direction: Up})
	c.Minimum, c.Maximum = 5_000, 20_000
	for _, row := range []struct {
		base, want money.Rial
		bound      Bound
	}{
		{0, 5_000, AtMinimum}, {499_999, 5_000, AtMinimum}, {500_000, 5_000, ""}, {500_001, 6_000, ""},
		{1_999_999, 20_000, ""}, {2_000_000, 20_000, ""}, {2_000_001, 20_000, AtMaximum}, {1 << 62, 20_000, AtMaximum},
	} {
		line, err := lineOf(t, c, based(row.base))
		if err != nil || line.Amount != row.want || line.Bound != row.bound {
			t.Errorf("%d: %+v, %v, want %d %s", row.base, line, err, row.want, row.bound)
		}
	}
	sheet := perUnit("sheet", 300, 1)
	sheet.Minimum = 1_000
	for units, want := range map[int64]money.Rial{1: 1_000, 3: 1_000, 4: 1_200} {
		if line, err := lineOf(t, sheet, Request{Units: units}); err != nil || line.Amount != want || line.Units != units {
			t.Errorf("%d sheets: %+v, %v, want %d", units, line, err, want)
		}
	}
}

func TestFixedAlternativeWithoutBase(t *testing.T) {
	c := brackets(Slab, Bracket{Rate: rate("2.5")})
	c.WithoutBase = 1_500_000
	c.Depreciation = &Depreciation{PerYear: rate("10"), Years: 1, Floor: rate("10")}
	line, err := lineOf(t, c, Request{})
	if err != nil || line.Amount != 1_500_000 || !line.WithoutBase || line.Base != 1_500_000 || line.Brackets != nil || line.Rate != "" {
		t.Errorf("%+v, %v", line, err)
	}
	r := based(0)
	r.FirstYear = 1400
	if line, err = lineOf(t, c, r); err != nil || line.Amount != 0 || line.WithoutBase {
		t.Errorf("a base of nothing: %+v, %v", line, err)
	}
}

func TestOptionsOfAmounts(t *testing.T) {
	c := Component{Code: "card", Kind: PerUnit, PerUnits: 2, Shares: all("P-106-01"),
		Options: []Option{{Code: "PLAIN", Amount: 100}, {Code: "CHIP", Amount: 250}}}
	line, err := lineOf(t, c, Request{Units: 3, Option: "CHIP"})
	if err != nil || line.Amount != 500 || line.Base != 250 || line.Units != 2 || line.Option != "CHIP" {
		t.Errorf("%+v, %v", line, err)
	}
	if _, err = lineOf(t, c, Request{Units: 3}); !errors.Is(err, ErrMissingOption) {
		t.Error(err)
	}
	c.Kind, c.PerUnits = Fixed, 0
	if line, err = lineOf(t, c, Request{Option: "PLAIN"}); err != nil || line.Amount != 100 {
		t.Errorf("%+v, %v", line, err)
	}
}

package tariffs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"treasury-switch/money"
)

// numberedOptions are as many options.
func numberedOptions(n int) (options []Option) {
	for i := range n {
		options = append(options, Option{Code: fmt.Sprintf("O%d", i), Rate: rate("1")})
	}
	return options
}

// atBound are changes of sound that reach a bound, by whether Check may take them: the last that is possible and the first that is not stand
// side by side.
var atBound = []struct {
	name   string
	change func(*Version)
	good   bool
}{
	{"the last agency", func(v *Version) { v.Agency = 9_999_999 }, true},
	{"no agency", func(v *Version) { v.Agency = 0 }, false},
	{"from the first day", func(v *Version) { v.From = firstDay }, true},
	{"before the first day", func(v *Version) { v.From = firstDay - 1 }, false},
	{"from the last day", func(v *Version) { v.From, v.Sharing = lastDay, nil }, true},
	{"for one day", func(v *Version) { v.Until = v.From + 1 }, true},
	{"no Persian title", func(v *Version) { v.Title.Fa = "" }, false},
	{"no English title", func(v *Version) { v.Title.En = "" }, false},
	{"the longest title", func(v *Version) { v.Title.En = strings.Repeat("x", maxText) }, true},
	{"a longer title", func(v *Version) { v.Title.En = strings.Repeat("x", maxText+1) }, false},
	{"a title that is no text", func(v *Version) { v.Title.En = "\xff" }, false},
	{"a title with a control character", func(v *Version) { v.Title.En = "a\x00b" }, false},
	{"a component without a title", in(atUnit, func(c *Component) { c.Title.Fa = "" }), false},
	{"a gazette of the first day", func(v *Version) { v.Basis.GazetteDate = firstDay }, true},
	{"a gazette of the last day", func(v *Version) { v.Basis.GazetteDate = lastDay }, true},
	{"a gazette after it", func(v *Version) { v.Basis.GazetteDate = lastDay + 1 }, false},
	{"no instrument", func(v *Version) { v.Basis.Instrument = "" }, false},
	{"code in capitals", in(atUnit, func(c *Component) { c.Code = "Unit" }), false},
	{"units of one", in(atUnit, func(c *Component) { c.PerUnits = 1 }), true},
	{"as many units as may be", in(atUnit, func(c *Component) { c.PerUnits = maxCount }), true},
	{"more units", in(atUnit, func(c *Component) { c.PerUnits = maxCount + 1 }), false},
	{"the largest amount", in(atUnit, func(c *Component) { c.Amount = money.MaxPayment }), true},
	{"a larger amount", in(atUnit, func(c *Component) { c.Amount = money.MaxPayment + 1 }), false},
	{"a negative amount", in(atUnit, func(c *Component) { c.Amount = -1 }), false},
	{"negative without base", in(atBrackets, func(c *Component) { c.WithoutBase = -1 }), false},
	{"minimum and maximum are one", in(atBrackets, func(c *Component) { c.Minimum, c.Maximum = 200, 200 }), true},
	{"a negative minimum", in(atBrackets, func(c *Component) { c.Minimum, c.Maximum = -100, 0 }), false},
	{"a minimum beyond payments", in(atBrackets, func(c *Component) { c.Minimum, c.Maximum = money.MaxPayment+1, 0 }), false},
	{"a maximum beyond payments", in(atBrackets, func(c *Component) { c.Maximum = (money.MaxPayment/10 + 1) * 10 }), false},
	{"a fixed amount with a minimum", in(atFixed, func(c *Component) { c.Minimum = 1 }), false},
	{"a fixed amount with brackets", in(atFixed, func(c *Component) { c.Brackets = []Bracket{{Rate: rate("1")}} }), false},
	{"charged on others by name", in(atFixed, func(c *Component) { c.Of = []string{"unit"} }), false},
	{"depreciation over a century", in(atBrackets, func(c *Component) { c.Depreciation.Years = maxYears }), true},
	{"over more", in(atBrackets, func(c *Component) { c.Depreciation.Years = maxYears + 1 }), false},
	{"rounded to the largest payment", in(atUnit, func(c *Component) { c.Rounding.Unit = money.MaxPayment }), true},
	{"rounded to more", in(atUnit, func(c *Component) { c.Rounding.Unit = money.MaxPayment + 1 }), false},
	{"a direction without a unit", in(atUnit, func(c *Component) { c.Rounding = Rounding{Direction: Down} }), false},
	{"as many brackets as may be", in(atBrackets, func(c *Component) { c.Brackets = steep(maxBrackets) }), true},
	{"one bracket more", in(atBrackets, func(c *Component) { c.Brackets = steep(maxBrackets + 1) }), false},
	{"as many options as may be", in(atLate, func(c *Component) { c.Options = numberedOptions(maxOptions) }), true},
	{"one option more", in(atLate, func(c *Component) { c.Options = numberedOptions(maxOptions + 1) }), false},
	{"an option's negative rate", in(atLate, func(c *Component) { c.Options[0].Rate = rate("-1") }), false},
	{"an option's negative amount", in(atUnit, func(c *Component) {
		c.Amount, c.Options = 0, []Option{{Code: "HOME", Amount: -1}, {Code: "IMPORTED", Amount: 1}}
	}), false},
	{"options beside an amount", in(atUnit, func(c *Component) {
		c.Options = []Option{{Code: "HOME", Amount: 1}, {Code: "IMPORTED", Amount: 1}}
	}), false},
	{"late after a century", in(atLate, func(c *Component) { c.Late.After = maxLate - 1 }), true},
	{"late after more", in(atLate, func(c *Component) { c.Late.After = maxLate }), false},
	{"lateness of a negative amount", in(atLate, func(c *Component) { c.Late.Rate, c.Late.Amount = rate("0"), -1 }), false},
	{"lateness up to a negative rate", in(atLate, func(c *Component) { c.Late.MostRate = rate("-1") }), false},
	{"lateness by too long a factor", in(atLate, func(c *Component) {
		c.Late.Rate, c.Late.Every, c.Late.Times = rate("0"), Once, decimal.New(2, -rateDecimals-1).Add(one)
	}), false},
	{"lateness by no factor of size", in(atLate, func(c *Component) {
		c.Late.Rate, c.Late.Every, c.Late.Times = rate("0"), Once, decimal.New(2, 999_999_999)
	}), false},
	{"as many exemptions as may be", in(atUnit, func(c *Component) { relieve(c, maxReliefs) }), true},
	{"one exemption more", in(atUnit, func(c *Component) { relieve(c, maxReliefs+1) }), false},
	{"the whole is exempt", in(atUnit, func(c *Component) { *c = exempt(*c, "NEEDY", "100") }), true},
	{"a total rounded down by more than its carrier bears", func(v *Version) { v.Total.Unit = 2_502 }, false},
	{"a total rounded up by as much", func(v *Version) { v.Total.Rounding = Rounding{Unit: 2_502, Direction: Up} }, true},
	{"a total rounded sideways", func(v *Version) { v.Total.Direction = "sideways" }, false},
	{"a total rounded up by nothing", func(v *Version) { v.Total.Rounding = Rounding{} }, false},
	{"as many shares as may be", in(atUnit, func(c *Component) { c.Shares = slices.Repeat(all("P-106-01"), maxShares) }), true},
	{"no share", in(atUnit, func(c *Component) { c.Shares = nil }), false},
	{"parts of none", in(atUnit, func(c *Component) { c.Shares[0].Parts = 0 }), false},
	{"as many parts as may be", in(atUnit, func(c *Component) { c.Shares[0].Parts = maxCount }), true},
	{"parts beside a percentage", in(atUnit, func(c *Component) {
		c.Shares = []Portion{{Account: "P-106-01", Method: InPercent, Percent: rate("100"), Parts: 1}}
	}), false},
	{"a share of no method", in(atUnit, func(c *Component) { c.Shares[0].Method, c.Shares[0].Parts = "gift", 0 }), false},
	{"a share of no account", in(atUnit, func(c *Component) { c.Shares[0].Account = "clearing@101" }), false},
	{"percentages that sum to 100 with a negative one", in(atUnit, func(c *Component) {
		c.Shares = []Portion{inPercent("P-106-01", "101"), inPercent("P-107-01", "-1")}
	}), false},
	{"percentages that do not", in(atUnit, func(c *Component) {
		c.Shares = []Portion{inPercent("P-106-01", "50"), inPercent("P-107-01", "49.999999")}
	}), false},
	{"a percentage of no size", in(atUnit, func(c *Component) {
		c.Shares = []Portion{{Account: "P-106-01", Method: InPercent, Percent: decimal.New(1, 999_999_999)}}
	}), false},
	{"two remainders", in(atUnit, func(c *Component) { c.Shares = []Portion{rest("P-106-01"), rest("P-107-01")} }), false},
	{"no remainder", in(atUnit, func(c *Component) { c.Shares = []Portion{inRial("P-106-01", 1)} }), false},
	{"amounts, parts and a remainder", in(atUnit, func(c *Component) {
		c.Shares = []Portion{inRial("P-106-01", 1), inParts("P-107-01", 1), rest("P-108-01")}
	}), false},
	{"a share of nothing", in(atUnit, func(c *Component) { c.Shares = []Portion{inRial("P-106-01", 0), rest("P-107-01")} }), false},
	{"a share of more than a payment", in(atUnit, func(c *Component) {
		c.Shares = []Portion{inRial("P-106-01", money.MaxPayment+1), rest("P-107-01")}
	}), false},
	{"a share of the largest payment", in(atUnit, func(c *Component) {
		c.Shares = []Portion{inRial("P-106-01", money.MaxPayment), rest("P-107-01")}
	}), true},
	{"a fixed share of all", in(atFixed, func(c *Component) { c.Shares = []Portion{inRial("P-106-01", 5_000), rest("P-107-01")} }), true},
	{"a fixed share of more", in(atFixed, func(c *Component) { c.Shares = []Portion{inRial("P-106-01", 5_001), rest("P-107-01")} }), false},
	{"a sharing from the last day", func(v *Version) { v.Sharing[0].From = lastDay }, true},
	{"a sharing after it", func(v *Version) { v.Sharing[0].From = lastDay + 1 }, false},
	{"as many sharings as may be", func(v *Version) { v.Sharing = sharings(v, maxSharings) }, true},
	{"one sharing more", func(v *Version) { v.Sharing = sharings(v, maxSharings+1) }, false},
	{"as many components as may be", func(v *Version) { lengthen(v, maxComponents) }, true},
	{"one component more", func(v *Version) { lengthen(v, maxComponents+1) }, false},
	{"fixed amounts as large as a payment", func(v *Version) {
		v.Components[atFixed].Amount = money.MaxPayment - 1
		v.Components[atUnit] = Component{Code: "unit", Kind: Fixed, Amount: 1, Title: title, Basis: v.Basis, Shares: all("P-106-01")}
	}, true},
}

// steep has as many brackets.
func steep(n int) (list []Bracket) {
	for i := range n - 1 {
		list = append(list, Bracket{UpTo: money.Rial(i + 1), Rate: rate("1")})
	}
	return append(list, Bracket{Rate: rate("1")})
}

// relieve exempts as many categories.
func relieve(c *Component, n int) {
	for i := range n {
		*c = exempt(*c, fmt.Sprintf("C%d", i), "1")
	}
}

// sharings are as many dated shares of one component.
func sharings(v *Version, n int) (list []Sharing) {
	for i := range n {
		s := v.Sharing[0]
		s.From = v.From.Add(1 + i)
		list = append(list, s)
	}
	return list
}

// lengthen gives the version as many components.
func lengthen(v *Version, n int) {
	for i := len(v.Components); i < n; i++ {
		c := v.Components[atUnit]
		c.Code = fmt.Sprintf("more-%d", i)
		v.Components = append(v.Components, c)
	}
}

func TestCheckAtItsBounds(t *testing.T) {
	for _, c := range atBound {
		v := sound(t)
		c.change(&v)
		if err := v.Check(); c.good != (err == nil) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestLateForACentury, and not for longer: nothing is reckoned with an interval that can only be a mistake.
func TestLateForACentury(t *testing.T) {
	c := fine(Late{Every: Once, Times: rate("2")})
	for days, want := range map[int]error{maxLate: nil, maxLate + 1: ErrBadInput} {
		r := based(1_000_000)
		r.Date = day(t, "1405/08/30")
		r.Due = r.Date.Add(-days)
		if _, err := lineOf(t, c, r); !errors.Is(err, want) {
			t.Errorf("%d days late: %v, want %v", days, err, want)
		}
	}
}

// TestLeastOfAComponent is what a carrier can always bear: the cheapest option, after the largest exemption, rounded down.
func TestLeastOfAComponent(t *testing.T) {
	for name, c := range map[string]struct {
		component Component
		want      money.Rial
	}{
		"a fixed amount":        {fixed("a", 5_000), 5_000},
		"its cheapest option":   {Component{Kind: Fixed, Options: []Option{{Code: "A", Amount: 70}, {Code: "B", Amount: 50}, {Code: "C", Amount: 60}}}, 50},
		"the first is cheapest": {Component{Kind: Fixed, Options: []Option{{Code: "A", Amount: 50}, {Code: "B", Amount: 70}}}, 50},
		"a minimum":             {Component{Kind: Percent, Amount: 9, Minimum: 100}, 100},
		"no minimum":            {Component{Kind: PerUnit, Amount: 9}, 0},
		"the largest exemption": {exempt(exempt(exempt(fixed("a", 1_000), "A", "10"), "B", "90"), "C", "50"), 100},
		"rounded down":          {Component{Kind: Fixed, Amount: 1_999, Rounding: Rounding{Unit: 1_000, Direction: Up}}, 1_000},
	} {
		if got := c.component.least(); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

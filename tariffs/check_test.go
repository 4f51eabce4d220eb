package tariffs

import (
	"errors"
	"strings"
	"testing"

	"treasury-switch/calendar"
	"treasury-switch/money"
)

// sound is a version with something of everything, for tests to break.
func sound(t testing.TB) Version {
	t.Helper()
	bracketed := brackets(Marginal, Bracket{UpTo: 100, Rate: rate("1")}, Bracket{Rate: rate("2")})
	bracketed.Code, bracketed.WithoutBase, bracketed.Minimum, bracketed.Maximum = "brackets", 10, 100, 200
	bracketed.Depreciation = &Depreciation{PerYear: rate("10"), Years: 6, Floor: rate("40")}
	bracketed.Rounding = Rounding{Unit: 10, Direction: Up}
	late := fine(Late{Every: Daily, Rate: rate("1"), Most: 5})
	late.Options, late.Rate = []Option{{Code: "HOME", Rate: rate("1")}, {Code: "IMPORTED", Rate: rate("2")}}, rate("0")
	v := version(t, "ALL", "1405/01/01", "", exempt(taxable(fixed("fixed", 5_000)), "NEEDY", "50"), perUnit("unit", 10, 1), bracketed, late,
		percentOfOthers("vat", "10"))
	v.Total = &Total{Rounding: Rounding{Unit: 1000, Direction: Down}, Carrier: "fixed"}
	v.Sharing = []Sharing{{Component: "fixed", From: v.From + 1, Shares: all("P-106-01"), Basis: v.Basis}}
	return v
}

func TestSoundVersionPasses(t *testing.T) {
	must(t, sound(t).Check())
}

// The places of sound's components.
const (
	atFixed = iota
	atUnit
	atBrackets
	atLate
	atVAT
)

// in breaks one component.
func in(place int, change func(*Component)) func(*Version) {
	return func(v *Version) { change(&v.Components[place]) }
}

// breaks are changes that Check must refuse, by the words it refuses them with.
var breaks = map[string]func(*Version){
	"decided_by: want payment":                   func(v *Version) { v.DecidedBy = "birthday" },
	"agency: want":                               func(v *Version) { v.Agency = 10_000_000 },
	"from: not in the calendar":                  func(v *Version) { v.From = lastDay + 1 },
	"until: must be after":                       func(v *Version) { v.Until = v.From },
	"basis.gazette_date: not in":                 func(v *Version) { v.Basis.GazetteDate = firstDay - 1 },
	"basis.scan_sha256: want 64":                 func(v *Version) { v.Basis.Scan = "ABC" },
	"title: too long":                            func(v *Version) { v.Title.Fa = " x" },
	"components[1].code: used twice":             in(atUnit, func(c *Component) { c.Code = "fixed" }),
	"components[0].kind: want fixed":             in(atFixed, func(c *Component) { c.Kind = "gift" }),
	"components[2].amount: goes with":            in(atBrackets, func(c *Component) { c.Amount = 1 }),
	"components[0].rate: goes with":              in(atFixed, func(c *Component) { c.Rate = rate("1") }),
	"components[1].per_units: want 1":            in(atUnit, func(c *Component) { c.PerUnits = 0 }),
	"components[0].per_units: goes":              in(atFixed, func(c *Component) { c.PerUnits = 1 }),
	"components[0].brackets: goes":               in(atFixed, func(c *Component) { c.Mode = Slab }),
	"components[2].mode: want slab":              in(atBrackets, func(c *Component) { c.Mode = "" }),
	"components[2].brackets: want 1 to 50":       in(atBrackets, func(c *Component) { c.Brackets = nil }),
	"components[2].brackets[1].up_to: the last":  in(atBrackets, func(c *Component) { c.Brackets[1].UpTo = 200 }),
	"components[2].brackets[0].up_to: want more": in(atBrackets, func(c *Component) { c.Brackets[0].UpTo = 0 }),
	"components[2].brackets[0].rate: want 0":     in(atBrackets, func(c *Component) { c.Brackets[0].Rate = rate("-1") }),
	"components[2].brackets[0].rate: want 0 to":  in(atBrackets, func(c *Component) { c.Brackets[0].Rate = rate("0.0000001") }),
	"components[0].without_base: goes":           in(atFixed, func(c *Component) { c.WithoutBase = 1 }),
	"components[0].depreciation: goes":           in(atFixed, func(c *Component) { c.Depreciation = &Depreciation{Years: 1} }),
	"components[2].depreciation.years: want":     in(atBrackets, func(c *Component) { c.Depreciation.Years = 0 }),
	"components[2].depreciation.per_year: want":  in(atBrackets, func(c *Component) { c.Depreciation.PerYear = rate("101") }),
	"components[2].depreciation.floor: want":     in(atBrackets, func(c *Component) { c.Depreciation.Floor = rate("101") }),
	"components[2].maximum: less":                in(atBrackets, func(c *Component) { c.Maximum = 90 }),
	"components[2].maximum: not a multiple":      in(atBrackets, func(c *Component) { c.Maximum = 105 }),
	"components[2].minimum: not a multiple":      in(atBrackets, func(c *Component) { c.Minimum = 95 }),
	"components[2].rounding.unit: want":          in(atBrackets, func(c *Component) { c.Rounding.Unit = -1 }),
	"components[1].rounding.unit: want 1":        in(atUnit, func(c *Component) { c.Rounding.Direction = Up }),
	"components[1].rounding.direction: want":     in(atUnit, func(c *Component) { c.Rounding = Rounding{1, "sideways"} }),
	"components[0].minimum: a fixed":             in(atFixed, func(c *Component) { c.Maximum = 10_000 }),
	"components[0].amount: not a multiple":       in(atFixed, func(c *Component) { c.Exemptions, c.Rounding.Unit = nil, 3 }),
	"components[0].options[0].amount: not": in(atFixed, func(c *Component) {
		c.Exemptions, c.Rounding.Unit, c.Amount, c.Options = nil, 3, 0, []Option{{Code: "A", Amount: 1}}
	}),
	"components[2].options: goes not": in(atBrackets, func(c *Component) { c.Options = []Option{{Code: "A"}} }),
	"components[3].options: want the same": func(v *Version) {
		v.Components[atUnit].Amount, v.Components[atUnit].Options = 0, []Option{{Code: "HOME"}}
	},
	"components[3].options: want an amount":          in(atLate, func(c *Component) { c.Rate = rate("1") }),
	"components[3].options[0].amount: want":          in(atLate, func(c *Component) { c.Options[0].Amount = 1 }),
	"components[3].options[1].code: used":            in(atLate, func(c *Component) { c.Options[1].Code = "HOME" }),
	"components[3].options[1].code: want":            in(atLate, func(c *Component) { c.Options[1].Code = "imported" }),
	"components[1].options[0].rate: want an":         in(atUnit, func(c *Component) { c.Amount, c.Options = 0, []Option{{Code: "A", Rate: rate("1")}} }),
	"components[3].late.every: want":                 in(atLate, func(c *Component) { c.Late.Every = "" }),
	"components[3].late.after: want":                 in(atLate, func(c *Component) { c.Late.After = -1 }),
	"components[3].late: want exactly":               in(atLate, func(c *Component) { c.Late.Amount = 1 }),
	"components[3].late: want exactly one":           in(atLate, func(c *Component) { c.Late.Rate = rate("0") }),
	"components[3].late.times: goes":                 in(atLate, func(c *Component) { c.Late.Rate, c.Late.Times = rate("0"), rate("2") }),
	"components[3].late.times: want more":            in(atLate, func(c *Component) { c.Late = &Late{Every: Once, Times: rate("1"), Basis: c.Basis} }),
	"components[3].late.most: want":                  in(atLate, func(c *Component) { c.Late.Most = -1 }),
	"components[3].late.basis.instrument":            in(atLate, func(c *Component) { c.Late.Basis.Instrument = "" }),
	"components[0].exemptions[0].category: want":     in(atFixed, func(c *Component) { c.Exemptions[0].Category = "needy" }),
	"components[0].exemptions[1].category: used":     in(atFixed, func(c *Component) { *c = exempt(*c, "NEEDY", "1") }),
	"components[0].exemptions[0].percent: want more": in(atFixed, func(c *Component) { c.Exemptions[0].Percent = rate("0") }),
	"components[0].exemptions[0].percent: want 0 to": in(atFixed, func(c *Component) { c.Exemptions[0].Percent = rate("100.1") }),
	"components[0].exemptions[0].basis.instrument":   in(atFixed, func(c *Component) { c.Exemptions[0].Basis.Instrument = "" }),
	"components[0].of: goes with":                    in(atFixed, func(c *Component) { c.OfTaxable = true }),
	"components[4].of: want a list":                  in(atVAT, func(c *Component) { c.OfTaxable = false }),
	"components[4].of[0]: no component":              in(atVAT, func(c *Component) { c.OfTaxable, c.Of = false, []string{"x"} }),
	"components[4].of[1]: named twice":               in(atVAT, func(c *Component) { c.OfTaxable, c.Of = false, []string{"unit", "unit"} }),
	"components[4].of: no component is taxable":      in(atFixed, func(c *Component) { c.Taxable = false }),
	"components[0].shares[0].percent: goes":          in(atFixed, func(c *Component) { c.Shares[0].Percent = rate("1") }),
	"components[0].shares[0].amount: goes":           in(atFixed, func(c *Component) { c.Shares[0].Amount = 1 }),
	"components[0].shares[0].parts: want":            in(atFixed, func(c *Component) { c.Shares[0].Parts = 1_000_000_000 }),
	"components[0].shares: want 1 to 20":             in(atFixed, func(c *Component) { c.Shares = make([]Portion, 21) }),
	"components: want 1 to 50":                       func(v *Version) { v.Components = make([]Component, 51) },
	"components: fixed amounts are more": func(v *Version) {
		v.Components[atFixed].Amount = money.MaxPayment
		v.Components[atUnit] = Component{Code: "unit", Kind: Fixed, Amount: 1, Title: title, Basis: v.Basis, Shares: all("P-106-01")}
	},
	"total.carrier: no component":                       func(v *Version) { v.Total.Carrier = "x" },
	"total.unit: want 1":                                func(v *Version) { v.Total.Unit = 0 },
	"total.carrier: must always be able to bear":        func(v *Version) { v.Total.Unit = 2_502 }, // half of 5,000 and 1 are borne
	"total.carrier: must always be able":                func(v *Version) { v.Total.Carrier = "brackets" },
	"sharing[0].component: no component":                func(v *Version) { v.Sharing[0].Component = "x" },
	"sharing[0].from: must be after":                    func(v *Version) { v.Sharing[0].From = v.From },
	"sharing[1].from: two for one":                      func(v *Version) { v.Sharing = append(v.Sharing, v.Sharing[0]) },
	"sharing[0].basis.instrument":                       func(v *Version) { v.Sharing[0].Basis.Instrument = "" },
	"sharing[0].shares: fixed shares are more than the": func(v *Version) { v.Sharing[0].Shares = []Portion{inRial("P-106-01", 5_001), rest("P-106-01")} },
}

func TestCheckRefuses(t *testing.T) {
	for want, change := range breaks {
		v := sound(t)
		change(&v)
		if err := v.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
	for _, bears := range []money.Rial{1, 2_501} {
		v := sound(t)
		v.Total.Unit = bears
		must(t, v.Check())
	}
}

// A date that no calendar has is refused before anything is reckoned with it.
func TestDatesOutOfTheCalendar(t *testing.T) {
	set, err := NewSet([]Version{version(t, "FEE", "0001/01/01", "", fixed("fee", 1))})
	must(t, err)
	for date, good := range map[calendar.Date]bool{firstDay: true, firstDay - 1: false, lastDay: true, lastDay + 1: false, -1 << 31: false, 1<<31 - 1: false} {
		if _, err := set.Quote(Request{Service: "FEE", Date: date}); (err == nil) != good {
			t.Errorf("%s: %v", date, err)
		}
	}
	decided := version(t, "FEE", "1405/01/01", "", fixed("fee", 1))
	decided.DecidedBy = RequestDate
	if set, err = NewSet([]Version{decided}); err != nil {
		t.Fatal(err)
	}
	if _, err := set.Quote(Request{Service: "FEE", Date: lastDay + 1, Requested: decided.From}); !errors.Is(err, ErrBadInput) {
		t.Errorf("paid after all calendars: %v", err)
	}
}

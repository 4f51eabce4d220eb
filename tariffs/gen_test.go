package tariffs

import (
	"math"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"treasury-switch/calendar"
	"treasury-switch/money"
)

// The generators below draw tariffs of every shape, nearly all of which Check
// accepts, and requests that are sometimes far out of range.

var accounts = []string{"R-101-140101-01", "R-105-140201-01", "R-101-160101-01", "P-106-01"}

// anyShares draws beneficiaries that Check accepts for a component of at least
// 6,000 rial.
func anyShares(t *rapid.T) []Portion {
	n := rapid.IntRange(1, 6).Draw(t, "n")
	account := rapid.SampledFrom(accounts)
	portions := make([]Portion, n)
	method := rapid.SampledFrom([]Method{Parts, InPercent, Remainder}).Draw(t, "method")
	left := int64(100_000_000) // millionths of a percent
	for i := range portions {
		switch method {
		case Parts:
			portions[i] = inParts(account.Draw(t, "account"), rapid.Int64Range(1, maxCount).Draw(t, "parts"))
		case InPercent:
			part := left
			if i < n-1 {
				part = rapid.Int64Range(0, left).Draw(t, "percent")
			}
			left -= part
			portions[i] = inPercent(account.Draw(t, "account"), decimal.New(part, -rateDecimals).String())
		default:
			portions[i] = inRial(account.Draw(t, "account"), money.Rial(rapid.Int64Range(1, 1000).Draw(t, "rial")))
		}
	}
	if method == Remainder {
		portions[rapid.IntRange(0, n-1).Draw(t, "rest")] = rest(account.Draw(t, "account"))
	}
	return portions
}

func anyRate(t *rapid.T, least, most int64) decimal.Decimal {
	step := rapid.SampledFrom([]int64{1, 1000, 500_000, 1_000_000}).Draw(t, "step")
	millionths := rapid.Int64Range(least*1_000_000, most*1_000_000).Draw(t, "rate")
	return decimal.New(max(millionths/step*step, min(least*1_000_000, millionths)), -rateDecimals)
}

func anyAmount(t *rapid.T, least int64) money.Rial {
	most := rapid.SampledFrom([]int64{100_000, 1_000_000, 1_000_000, 1_000_000_000, int64(money.MaxPayment)}).Draw(t, "size")
	return money.Rial(rapid.Int64Range(least, most).Draw(t, "rial"))
}

// text draws what YAML and JSON could take for something else.
var text = rapid.SampledFrom([]string{"قانون بودجه", "yes", "null", "12", "1405/01/01", "a: b # c", "'\"", "- x", "می\u200cشود", "a\u2028b", "~",
	"ماده ۱۲", "{}", "a\u200cb", "0x1", "1e3", "x\u00a0y", "<<", "=", "|", "*a", "&a", "!a", "%a", "@a", "`a"})

func anyCitation(t *rapid.T) Citation {
	c := Citation{Instrument: text.Draw(t, "instrument"), Article: text.Draw(t, "article")}
	if rapid.Bool().Draw(t, "gazette") {
		c.Gazette, c.GazetteDate, c.Note = "22451", calendar.Date(rapid.Int32Range(1, 20_000).Draw(t, "published")), text.Draw(t, "note")
	}
	return c
}

// anyComponent draws a component; others are the codes it may be charged on.
func anyComponent(t *rapid.T, code string, basis Citation, others []string) Component {
	c := Component{Code: code, Title: Title{Fa: text.Draw(t, "fa"), En: text.Draw(t, "en")}, Basis: basis, Shares: anyShares(t)}
	if rapid.Bool().Draw(t, "own basis") {
		c.Basis = anyCitation(t)
	}
	kinds := []Kind{Fixed, PerUnit, Percent, Bracketed}
	if len(others) > 0 {
		kinds = append(kinds, PercentOf)
	}
	c.Kind = rapid.SampledFrom(kinds).Draw(t, "kind")
	c.Taxable = rapid.Bool().Draw(t, "taxable")
	anyPrice(t, &c, others)
	if c.Kind == Percent || c.Kind == Bracketed {
		anyBase(t, &c)
	}
	if rapid.Bool().Draw(t, "rounded") {
		c.Rounding = Rounding{Unit: rapid.SampledFrom([]money.Rial{1, 7, 10, 1000}).Draw(t, "unit"),
			Direction: rapid.SampledFrom([]Direction{"", HalfUp, Up, Down}).Draw(t, "direction")}
	}
	if c.Kind != Fixed && rapid.Bool().Draw(t, "bounded") {
		unit := max(c.Rounding.Unit, 1)
		c.Minimum = anyAmount(t, 0) / unit * unit
		c.Maximum = (c.Minimum + unit) % (money.MaxPayment / unit * unit)
		if c.Maximum < c.Minimum {
			c.Maximum = 0
		}
	}
	if c.Rounding.Unit > 1 && c.Kind == Fixed {
		c.Exemptions = []Relief{{Category: "NEEDY", Percent: hundred, Basis: anyCitation(t)}}
	}
	anyRules(t, &c)
	return c
}

func anyPrice(t *rapid.T, c *Component, others []string) {
	optional := rapid.IntRange(0, 3).Draw(t, "optional") == 0
	for _, code := range []string{"HOME", "IMPORTED"} {
		o := Option{Code: code}
		switch c.Kind {
		case Fixed, PerUnit:
			o.Amount = anyAmount(t, 6_000)
		case Percent, PercentOf:
			o.Rate = anyRate(t, 0, maxRate)
		}
		c.Options = append(c.Options, o)
	}
	if !optional {
		c.Amount, c.Rate, c.Options = c.Options[0].Amount, c.Options[0].Rate, nil
	}
	switch c.Kind {
	case PerUnit:
		c.PerUnits = rapid.Int64Range(1, 50).Draw(t, "each")
	case PercentOf:
		c.Of = rapid.SliceOfNDistinct(rapid.SampledFrom(others), 1, len(others), func(s string) string { return s }).Draw(t, "of")
	case Bracketed:
		c.Options = nil
		c.Mode = rapid.SampledFrom([]Mode{Slab, Marginal}).Draw(t, "mode")
		var above money.Rial
		for range rapid.IntRange(0, 4).Draw(t, "brackets") {
			above += money.Rial(rapid.Int64Range(1, 1_000_000_000).Draw(t, "up to"))
			c.Brackets = append(c.Brackets, Bracket{UpTo: above, Rate: anyRate(t, 0, 100)})
		}
		c.Brackets = append(c.Brackets, Bracket{Rate: anyRate(t, 0, 100)})
	}
}

func anyBase(t *rapid.T, c *Component) {
	if rapid.Bool().Draw(t, "alternative") {
		c.WithoutBase = anyAmount(t, 1)
	}
	if rapid.Bool().Draw(t, "depreciates") {
		c.Depreciation = &Depreciation{PerYear: anyRate(t, 0, 100), Years: rapid.Int64Range(1, maxYears).Draw(t, "years"), Floor: anyRate(t, 0, 100)}
	}
}

func anyRules(t *rapid.T, c *Component) {
	if rapid.Bool().Draw(t, "late") {
		l := Late{After: rapid.Int64Range(0, 100).Draw(t, "after"), Basis: c.Basis}
		l.Every = rapid.SampledFrom([]Period{Once, Daily, Monthly, ThirtyDays}).Draw(t, "every")
		switch rapid.IntRange(0, 2).Draw(t, "how") {
		case 0:
			l.Every, l.Times = Once, anyRate(t, 2, maxRate)
		case 1:
			l.Rate = anyRate(t, 1, maxRate)
		default:
			l.Amount = anyAmount(t, 1)
		}
		if rapid.Bool().Draw(t, "capped") {
			l.Most, l.MostRate = anyAmount(t, 0), anyRate(t, 0, maxRate)
		}
		c.Late = &l
	}
	if rapid.Bool().Draw(t, "exempt") && len(c.Exemptions) == 0 {
		c.Exemptions = []Relief{{Category: "NEEDY", Percent: anyRate(t, 1, 100), Basis: anyCitation(t)},
			{Category: "VETERAN", Percent: hundred, Basis: anyCitation(t)}}
	}
}

// anyVersion draws a version of a service from 1405/01/01 on.
func anyVersion(t *rapid.T) Version {
	from, _ := calendar.FromJalali(1405, 1, 1)
	v := Version{Agency: 101, Service: "ANY", From: from, Basis: anyCitation(t),
		Title: Title{Fa: text.Draw(t, "fa"), En: text.Draw(t, "en")}}
	v.DecidedBy = rapid.SampledFrom([]Decider{"", PaymentDate, RequestDate, ServiceDate}).Draw(t, "decided by")
	if rapid.Bool().Draw(t, "ends") {
		v.Until = from.Add(rapid.IntRange(100, 2000).Draw(t, "days"))
	}
	codes := []string{"a", "b-1", "c", "yes", "null"}[:rapid.IntRange(1, 5).Draw(t, "components")]
	for i, code := range codes {
		v.Components = append(v.Components, anyComponent(t, code, v.Basis, codes[:i]))
	}
	if last := &v.Components[len(codes)-1]; last.Kind == PercentOf && rapid.Bool().Draw(t, "of taxable") {
		last.Of, last.OfTaxable, last.Taxable = nil, true, false
	}
	// Listed before what it is charged on, now and then.
	if rapid.Bool().Draw(t, "turned") {
		n := len(v.Components)
		v.Components[0], v.Components[n-1] = v.Components[n-1], v.Components[0]
	}
	if rapid.Bool().Draw(t, "round total") {
		v.Total = &Total{Carrier: codes[0], Rounding: Rounding{Unit: rapid.SampledFrom([]money.Rial{1, 10, 1000, 5000}).Draw(t, "unit"),
			Direction: rapid.SampledFrom([]Direction{Up, Up, Down, HalfUp}).Draw(t, "direction")}}
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "sharings") {
		v.Sharing = append(v.Sharing, Sharing{Component: rapid.SampledFrom(codes).Draw(t, "shared"), From: from.Add(1 + i*50 + rapid.IntRange(0, 49).Draw(t, "day")),
			Shares: anyShares(t), Basis: anyCitation(t)})
	}
	v.ID = identify(v)
	return v
}

// anyRequest draws a request for a version; one in four is out of all bounds.
func anyRequest(t *rapid.T, v Version) Request {
	number, date, year := rapid.Int64Range(1, 5_000_000), rapid.Int32Range(int32(v.From), int32(v.From)+150), rapid.IntRange(1380, 1405)
	var ready priced
	for i := range v.Components {
		ready.know(&v.Components[i])
	}
	option, category := append([]string{}, ready.options...), append([]string{""}, ready.categories...)
	if len(option) == 0 {
		option = []string{""}
	}
	if rapid.IntRange(0, 3).Draw(t, "wild") == 0 {
		number = rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{0, -1, math.MinInt64, math.MaxInt64}))
		date = rapid.OneOf(date, rapid.Int32(), rapid.SampledFrom([]int32{0, math.MinInt32, math.MaxInt32}))
		year = rapid.OneOf(rapid.Int(), rapid.SampledFrom([]int{0, math.MinInt, math.MaxInt}))
		option, category = append(option, "", "OTHER"), append(category, "OTHER")
	}
	draw := func(name string) calendar.Date { return calendar.Date(date.Draw(t, name)) }
	r := Request{
		Service: v.Service, Date: draw("date"), Requested: draw("requested"), Served: draw("served"), Due: draw("due"),
		Units: number.Draw(t, "units"), Base: money.Rial(number.Draw(t, "base")), HasBase: rapid.IntRange(0, 4).Draw(t, "has base") > 0,
		Category: rapid.SampledFrom(category).Draw(t, "category"),
		Option:   rapid.SampledFrom(option).Draw(t, "option"), FirstYear: year.Draw(t, "first year"),
	}
	if rapid.IntRange(0, 5).Draw(t, "omits") == 0 {
		r.Due, r.FirstYear, r.Option = 0, 0, ""
	}
	return r
}

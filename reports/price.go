package reports

import (
	"github.com/shopspring/decimal"

	"treasury-switch/money"
	"treasury-switch/tariffs"
)

// price describes in sentences how much a component costs: first the price, then
// what changes it, in the order in which that is computed. titles gives the
// names of the components that it may be charged on.
func (l Language) price(c tariffs.Component, titles map[string]string) []string {
	said := l.rule(c, titles)
	if d := c.Depreciation; d != nil {
		said = append(said, l.pick("مبنا هر سال ", "The base falls by ")+l.Percent(d.PerYear)+
			l.pick(" مقدار اولیه کم می\u200cشود، تا ", " of the original a year, for ")+l.Whole(d.Years)+
			l.pick(" سال و نه کمتر از ", " years, not below ")+l.Percent(d.Floor))
	}
	if c.WithoutBase > 0 {
		said = append(said, l.pick("اگر مبنا معلوم نباشد: ", "If the base is unknown: ")+l.Rial(c.WithoutBase))
	}
	if c.Minimum > 0 {
		said = append(said, l.pick("حداقل ", "At least ")+l.Rial(c.Minimum))
	}
	if c.Maximum > 0 {
		said = append(said, l.pick("حداکثر ", "At most ")+l.Rial(c.Maximum))
	}
	if c.Late != nil {
		said = append(said, l.late(*c.Late))
	}
	for _, r := range c.Exemptions {
		said = append(said, l.relief(r))
	}
	if text := l.Rounding(c.Rounding); text != "" {
		said = append(said, text)
	}
	if c.Taxable {
		said = append(said, l.pick("مشمول مالیات", "Taxable"))
	}
	return said
}

// rule is the price by the component's kind, once for every option.
func (l Language) rule(c tariffs.Component, titles map[string]string) []string {
	if c.Kind == tariffs.Bracketed {
		return l.brackets(c)
	}
	if len(c.Options) == 0 {
		return []string{l.kind(c, c.Amount, c.Rate, titles)}
	}
	said := make([]string, len(c.Options))
	for i, o := range c.Options {
		said[i] = l.code(o.Code) + ": " + l.kind(c, o.Amount, o.Rate, titles)
	}
	return said
}

// kind is the price for an amount or a rate.
func (l Language) kind(c tariffs.Component, amount money.Rial, rate decimal.Decimal, titles map[string]string) string {
	switch c.Kind {
	case tariffs.PerUnit:
		if c.PerUnits == 1 {
			return l.Rial(amount) + l.pick(" برای هر واحد", " a unit")
		}
		return l.Rial(amount) + l.pick(" برای هر ", " for every ") + l.Whole(c.PerUnits) + l.pick(" واحد یا کسری از آن", " units or part of them")
	case tariffs.Percent:
		return l.Percent(rate) + l.pick(" مبنا", " of the base")
	case tariffs.PercentOf:
		if c.OfTaxable {
			return l.Percent(rate) + l.pick(" اجزای مشمول مالیات", " of the taxable components")
		}
		names := make([]string, len(c.Of))
		for i, code := range c.Of {
			names[i] = titles[code]
		}
		return l.Percent(rate) + l.pick(" از ", " of ") + l.List(names...)
	}
	return l.Rial(amount)
}

// brackets lists the rates with their bounds, which are inclusive, and says
// what a rate is charged on.
func (l Language) brackets(c tariffs.Component) []string {
	said := make([]string, 0, len(c.Brackets)+1)
	var above money.Rial
	for _, b := range c.Brackets {
		bounds := l.pick("بیش از ", "Above ") + l.Amount(above)
		switch {
		case above == 0 && b.UpTo == 0:
			bounds = l.pick("هر مبلغ", "Any base")
		case above == 0:
			bounds = l.pick("تا ", "Up to ") + l.Amount(b.UpTo)
		case b.UpTo != 0:
			bounds += l.pick(" تا ", " up to ") + l.Amount(b.UpTo)
		}
		said = append(said, bounds+": "+l.Percent(b.Rate))
		above = b.UpTo
	}
	if c.Mode == tariffs.Slab {
		return append(said, l.pick("نرخ پله بر کل مبنا", "The rate of the bracket is charged on the whole base"))
	}
	return append(said, l.pick("هر نرخ تنها بر همان بخش از مبنا", "Each rate is charged on its part of the base"))
}

// late is the cost of a late payment.
func (l Language) late(p tariffs.Late) string {
	said := l.pick("پس از سررسید: ", "After the due date: ")
	if p.After > 0 {
		said = l.pick("بیش از ", "More than ") + l.Whole(p.After) + l.pick(" روز پس از سررسید: ", " days after the due date: ")
	}
	switch {
	case !p.Times.IsZero():
		said += l.number(p.Times.String()) + l.pick(" برابر", " times the price")
	case p.Amount > 0:
		said += l.Rial(p.Amount) + l.pick(" افزوده می\u200cشود", " more") + l.every(p.Every)
	default:
		said += l.Percent(p.Rate) + l.pick(" افزوده می\u200cشود", " more") + l.every(p.Every)
	}
	if !p.MostRate.IsZero() {
		said += l.pick("، حداکثر ", ", at most ") + l.Percent(p.MostRate)
	}
	if p.Most > 0 {
		said += l.pick("، حداکثر ", ", at most ") + l.Rial(p.Most)
	}
	return said
}

// every is how often lateness is charged.
func (l Language) every(p tariffs.Period) string {
	switch p {
	case tariffs.Daily:
		return l.pick(" برای هر روز", " a day")
	case tariffs.Monthly:
		return l.pick(" برای هر ماه یا کسری از آن", " a month or part of it")
	case tariffs.ThirtyDays:
		return l.pick(" برای هر ۳۰ روز یا کسری از آن", " for every 30 days or part of them")
	}
	return l.pick(" یک بار", " once")
}

// relief names who pays less.
func (l Language) relief(r tariffs.Relief) string {
	if r.Percent.Equal(decimal.NewFromInt(100)) {
		return l.pick("معاف: ", "Exempt: ") + r.Category
	}
	return l.pick("معاف تا ", "Exempt by ") + l.Percent(r.Percent) + ": " + r.Category
}

// Rounding describes how an amount is rounded; empty for the usual, half up to one
// rial.
func (l Language) Rounding(r tariffs.Rounding) string {
	unit := max(r.Unit, 1)
	switch r.Direction {
	case tariffs.Up:
		return l.pick("رو به بالا تا مضرب ", "Rounded up to ") + l.Rial(unit)
	case tariffs.Down:
		return l.pick("رو به پایین تا مضرب ", "Rounded down to ") + l.Rial(unit)
	}
	if unit == 1 {
		return ""
	}
	return l.pick("گرد شده تا مضرب ", "Rounded to ") + l.Rial(unit)
}

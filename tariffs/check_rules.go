package tariffs

import (
	"treasury-switch/money"
)

// bounds checks minimum, maximum and that rounding does not leave them, or
// change what the law fixes.
func (p *problems) bounds(path string, c *Component) {
	p.amount(path+".minimum", c.Minimum)
	p.amount(path+".maximum", c.Maximum)
	p.unless(c.Kind != Fixed || c.Minimum == 0 && c.Maximum == 0, path+".minimum", "a fixed amount has no bounds")
	p.unless(c.Maximum == 0 || c.Maximum >= c.Minimum, path+".maximum", "less than the minimum")
	unit := max(c.Rounding.Unit, 1)
	p.unless(c.Minimum%unit == 0, path+".minimum", "not a multiple of the rounding unit")
	p.unless(c.Maximum%unit == 0, path+".maximum", "not a multiple of the rounding unit")
	if c.Kind == Fixed && c.Late == nil && len(c.Exemptions) == 0 {
		p.unless(c.Amount%unit == 0, path+".amount", "not a multiple of the rounding unit")
		for i, o := range c.Options {
			p.unless(o.Amount%unit == 0, index(path+".options", i)+".amount", "not a multiple of the rounding unit")
		}
	}
}

func (p *problems) late(path string, l *Late) {
	p.citation(path+".basis", l.Basis)
	p.unless(l.After >= 0 && l.After < maxLate, path+".after", "want 0 to 36,524 days")
	switch l.Every {
	case Once, Daily, Monthly, ThirtyDays:
	default:
		p.unless(false, path+".every", "want once, day, month or 30-days")
	}
	p.rate(path+".times", l.Times, maxRate)
	p.rate(path+".rate", l.Rate, maxRate)
	p.amount(path+".amount", l.Amount)
	p.rate(path+".most_rate", l.MostRate, maxRate)
	p.amount(path+".most", l.Most)
	given := 0
	for _, set := range []bool{!l.Times.IsZero(), !l.Rate.IsZero(), l.Amount != 0} {
		if set {
			given++
		}
	}
	p.unless(given == 1, path, "want exactly one of times, percent and amount")
	if !l.Times.IsZero() {
		p.unless(l.Every == Once, path+".times", "goes with every: once only")
		p.unless(short(l.Times) && l.Times.GreaterThan(one), path+".times", "want more than 1")
	}
}

func (p *problems) reliefs(path string, list []Relief) {
	p.unless(len(list) <= maxReliefs, path, "want at most 50 of them")
	seen := make(map[string]bool)
	for i, e := range list {
		path := index(path, i)
		p.unless(choiceForm.MatchString(e.Category), path+".category", "want capital letters, digits and hyphens")
		p.unless(!seen[e.Category], path+".category", "used twice")
		seen[e.Category] = true
		p.rate(path+".percent", e.Percent, 100)
		p.unless(!e.Percent.IsZero(), path+".percent", "want more than 0")
		p.citation(path+".basis", e.Basis)
	}
}

// total checks that the carrier can always bear what rounding the total takes
// from it, so that no request is left without a price.
func (p *problems) total(v Version) {
	if v.Total == nil {
		return
	}
	p.rounding("total", v.Total.Rounding)
	p.unless(v.Total.Unit >= 1, "total.unit", "want 1 rial or more")
	for i := range v.Components {
		c := &v.Components[i]
		if c.Code != v.Total.Carrier {
			continue
		}
		bears := v.Total.Direction == Up || bounded(c) && c.least() >= v.Total.Unit-1
		p.unless(bears, "total.carrier", "must always be able to bear the difference: "+
			"round up, or name a component whose fixed amount or minimum is at least the unit, exemptions considered")
		return
	}
	p.unless(false, "total.carrier", "no component of this code")
}

// bounded reports whether what least reads of the component is sound, so that
// a faulty version can be checked to its end.
func bounded(c *Component) bool {
	var found problems
	found.amount("", c.Amount)
	found.amount("", c.Minimum)
	for _, o := range c.Options {
		found.amount("", o.Amount)
	}
	found.reliefs("", c.Exemptions)
	found.rounding("", c.Rounding)
	return len(found) == 0
}

// sharings checks the shares dated apart from the price.
func (p *problems) sharings(v Version) {
	p.unless(len(v.Sharing) <= maxSharings, "sharing", "want at most 200 of them")
	type key struct {
		component string
		from      int32
	}
	seen := make(map[key]bool)
	for i, s := range v.Sharing {
		path := index("sharing", i)
		var component *Component
		for j := range v.Components {
			if v.Components[j].Code == s.Component {
				component = &v.Components[j]
			}
		}
		p.unless(component != nil, path+".component", "no component of this code")
		p.unless(s.From > v.From && s.From <= lastDay, path+".from", "must be after the first day of the tariff")
		k := key{s.Component, int32(s.From)}
		p.unless(!seen[k], path+".from", "two for one component and day")
		seen[k] = true
		p.citation(path+".basis", s.Basis)
		most := money.Rial(-1)
		if component != nil && component.Kind == Fixed && len(component.Options) == 0 {
			most = component.Amount
		}
		p.shares(path+".shares", s.Shares, most)
	}
}

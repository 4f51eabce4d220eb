package tariffs

import (
	"maps"

	"treasury-switch/money"
)

// components checks each component, and what they are to each other.
func (p *problems) components(list []Component) {
	if len(list) < 1 || len(list) > maxComponents {
		p.unless(false, "components", "want 1 to 50 of them")
		return
	}
	seen, taxable := make(map[string]bool), false
	var fixed money.Rial
	for i := range list {
		c, path := &list[i], index("components", i)
		p.unless(!seen[c.Code], path+".code", "used twice")
		seen[c.Code] = true
		taxable = taxable || c.Taxable
		p.component(path, c)
		if c.Kind == Fixed && c.Amount <= money.MaxPayment {
			fixed += c.Amount
		}
	}
	p.unless(fixed <= money.MaxPayment, "components", "fixed amounts are more than one payment can carry")
	p.sameOptions(list)
	for i := range list {
		p.references(index("components", i), &list[i], seen, taxable)
	}
	if _, cycle := steps(list); cycle != "" {
		p.unless(false, "components", "charged on each other in a circle: "+cycle)
	}
}

// sameOptions checks that one choice serves all components: a request names but
// one option.
func (p *problems) sameOptions(list []Component) {
	var first map[string]bool
	for i, c := range list {
		if len(c.Options) == 0 {
			continue
		}
		codes := make(map[string]bool, len(c.Options))
		for _, o := range c.Options {
			codes[o.Code] = true
		}
		if first == nil {
			first = codes
		}
		p.unless(maps.Equal(first, codes), index("components", i)+".options", "want the same options as the component before")
	}
}

// references checks the components that a component is charged on.
func (p *problems) references(path string, c *Component, known map[string]bool, taxable bool) {
	if c.Kind != PercentOf {
		p.unless(len(c.Of) == 0 && !c.OfTaxable, path+".of", "goes with a percentage of other components only")
		return
	}
	p.unless((len(c.Of) > 0) != c.OfTaxable, path+".of", "want a list of components, or taxable")
	p.unless(!c.OfTaxable || taxable, path+".of", "no component is taxable")
	named := make(map[string]bool)
	for i, code := range c.Of {
		p.unless(known[code], index(path+".of", i), "no component of this code")
		p.unless(!named[code], index(path+".of", i), "named twice")
		named[code] = true
	}
}

func (p *problems) component(path string, c *Component) {
	p.unless(componentForm.MatchString(c.Code), path+".code", "want small letters, digits and hyphens")
	p.title(path+".title", c.Title)
	p.citation(path+".basis", c.Basis)
	p.amount(path+".amount", c.Amount)
	p.rate(path+".rate", c.Rate, maxRate)
	p.kind(path, c)
	p.options(path, c)
	p.bounds(path, c)
	p.rounding(path+".rounding", c.Rounding)
	if c.Late != nil {
		p.late(path+".late", c.Late)
	}
	p.reliefs(path+".exemptions", c.Exemptions)
	most := money.Rial(-1)
	if c.Kind == Fixed && len(c.Options) == 0 {
		most = c.Amount
	}
	p.shares(path+".shares", c.Shares, most)
}

// kind checks that a component has what its kind needs, and nothing of another.
func (p *problems) kind(path string, c *Component) {
	switch c.Kind {
	case Fixed, PerUnit, Percent, Bracketed, PercentOf:
	default:
		p.unless(false, path+".kind", "want fixed, per-unit, percent, brackets or percent-of")
		return
	}
	amounts, rates := c.Kind == Fixed || c.Kind == PerUnit, c.Kind == Percent || c.Kind == PercentOf
	based := c.Kind == Percent || c.Kind == Bracketed
	p.unless(amounts || c.Amount == 0, path+".amount", "goes with a fixed amount or a price per unit only")
	p.unless(rates || c.Rate.IsZero(), path+".rate", "goes with a percentage only")
	if c.Kind == PerUnit {
		p.unless(c.PerUnits >= 1 && c.PerUnits <= maxCount, path+".per_units", "want 1 to 999,999,999")
	} else {
		p.unless(c.PerUnits == 0, path+".per_units", "goes with a price per unit only")
	}
	if c.Kind == Bracketed {
		p.brackets(path, c)
	} else {
		p.unless(len(c.Brackets) == 0 && c.Mode == "", path+".brackets", "goes with brackets only")
	}
	p.amount(path+".without_base", c.WithoutBase)
	p.unless(based || c.WithoutBase == 0, path+".without_base", "goes with a rate on the base only")
	p.unless(based || c.Depreciation == nil, path+".depreciation", "goes with a rate on the base only")
	if c.Depreciation != nil {
		p.depreciation(path+".depreciation", c.Depreciation)
	}
}

// brackets checks that every base lies in exactly one bracket.
func (p *problems) brackets(path string, c *Component) {
	p.unless(c.Mode == Slab || c.Mode == Marginal, path+".mode", "want slab or marginal")
	path += ".brackets"
	if len(c.Brackets) < 1 || len(c.Brackets) > maxBrackets {
		p.unless(false, path, "want 1 to 50 of them")
		return
	}
	above, last := money.Rial(0), len(c.Brackets)-1
	for i, b := range c.Brackets {
		p.rate(index(path, i)+".rate", b.Rate, maxRate)
		if i == last {
			p.unless(b.UpTo == 0, index(path, i)+".up_to", "the last bracket must have no bound")
			break
		}
		// A bound is not a payment: a value of any size may be filed.
		p.unless(b.UpTo > above, index(path, i)+".up_to", "want more than the bracket before")
		above = b.UpTo
	}
}

func (p *problems) depreciation(path string, d *Depreciation) {
	p.rate(path+".per_year", d.PerYear, 100)
	p.rate(path+".floor", d.Floor, 100)
	p.unless(d.Years >= 1 && d.Years <= maxYears, path+".years", "want 1 to 100")
}

// options checks amounts and rates that a request chooses among.
func (p *problems) options(path string, c *Component) {
	if len(c.Options) == 0 {
		return
	}
	p.unless(c.Kind != Bracketed, path+".options", "goes not with brackets")
	p.unless(c.Amount == 0 && c.Rate.IsZero(), path+".options", "want an amount or rate by option, or one for all")
	p.unless(len(c.Options) <= maxOptions, path+".options", "want at most 50 of them")
	amounts, seen := c.Kind == Fixed || c.Kind == PerUnit, make(map[string]bool)
	for i, o := range c.Options {
		path := index(path+".options", i)
		p.unless(choiceForm.MatchString(o.Code), path+".code", "want capital letters, digits and hyphens")
		p.unless(!seen[o.Code], path+".code", "used twice")
		seen[o.Code] = true
		p.amount(path+".amount", o.Amount)
		p.rate(path+".rate", o.Rate, maxRate)
		p.unless(amounts || o.Amount == 0, path+".amount", "want a rate")
		p.unless(!amounts || o.Rate.IsZero(), path+".rate", "want an amount")
	}
}

package tariffs

import (
	"github.com/shopspring/decimal"
	"go.yaml.in/yaml/v3"

	"treasury-switch/internal/digits"
	"treasury-switch/money"
)

// component reads one component. Its kind follows from which of the keys fixed,
// per_unit, percent and brackets it has.
func (r *reader) component(node *yaml.Node, path string, schedule Citation) Component {
	f := r.mapping(node, path, "component")
	c := Component{Code: f.code("code"), Title: f.title(), Basis: f.basis(schedule)}
	f.price(&c)
	f.others(&c)
	c.Depreciation, c.Taxable = f.depreciation(), f.flag("taxable")
	c.WithoutBase = f.rialAbove("without_base", "whoever names no base would pay nothing; leave it out if there is no price without a base, and write an exemption for whoever pays nothing by law")
	c.Minimum = f.rial("minimum")
	c.Maximum = f.rialAbove("maximum", "everybody would pay nothing; leave it out if nothing bounds the price, or write fixed: 0")
	c.Late = f.late(c.Basis)
	for i, element := range f.list("exempt") {
		c.Exemptions = append(c.Exemptions, r.relief(element, index(f.at("exemptions"), i)))
	}
	f.rename("exempt", "exemptions")
	c.Rounding = f.rounding()
	c.Shares = f.shares()
	return c
}

// price reads the one key that holds the component's price.
func (f fields) price(c *Component) {
	kinds := 0
	if f.has("fixed") {
		c.Kind = Fixed
		c.Amount, c.Options = f.amountOrOptions("fixed")
		kinds++
	}
	if f.has("per_unit") {
		c.Kind, c.PerUnits = PerUnit, 1
		c.Amount, c.Options = f.amountOrOptions("per_unit")
		kinds++
	}
	if f.has("percent") {
		c.Kind = Percent
		c.Rate, c.Options = f.rateOrOptions("percent")
		kinds++
	}
	if f.has("brackets") {
		c.Kind = Bracketed
		f.brackets(c)
		kinds++
	}
	if kinds != 1 {
		f.r.fail(f.path, f.line, f.path+": want exactly one of fixed, per_unit, percent, brackets")
	}
	if f.has("units") {
		c.PerUnits = f.whole("units")
		if c.Kind != PerUnit {
			f.wrong("units", "goes with per_unit only")
		}
		f.rename("units", "per_units")
	}
}

// amountOrOptions reads one amount, or an amount for each option.
func (f fields) amountOrOptions(key string) (money.Rial, []Option) {
	if f.node[key].Kind != yaml.MappingNode {
		amount := f.rial(key)
		f.rename(key, "amount")
		return amount, nil
	}
	m, options := f.choices(key)
	for i := range options {
		options[i].Amount = m.rial(options[i].Code)
	}
	return 0, options
}

// rateOrOptions reads one rate, or a rate for each option.
func (f fields) rateOrOptions(key string) (decimal.Decimal, []Option) {
	if f.node[key].Kind != yaml.MappingNode {
		rate := f.percent(key)
		f.rename(key, "rate")
		return rate, nil
	}
	m, options := f.choices(key)
	for i := range options {
		options[i].Rate = m.percent(options[i].Code)
	}
	return decimal.Zero, options
}

// choices reads the options of a mapping from option to amount or rate.
func (f fields) choices(key string) (fields, []Option) {
	m, codes := f.r.read(f.node[key], f.at("options"), nil)
	options := make([]Option, len(codes))
	for i, code := range codes {
		options[i].Code = code
		f.r.lines[index(f.at("options"), i)] = m.node[code].Line
	}
	if len(options) == 0 {
		f.r.fail(f.at("options"), m.line, key+": want an option with its value")
	}
	return m, options
}

// others reads what a percentage is charged on besides the request's base:
// a list of components, or taxable.
func (f fields) others(c *Component) {
	if !f.has("of") {
		return
	}
	if c.Kind != Percent {
		f.wrong("of", "goes with percent only")
		return
	}
	c.Kind = PercentOf
	if f.node["of"].Kind == yaml.ScalarNode {
		c.OfTaxable = true
		if f.text("of") != "taxable" {
			f.wrong("of", "want taxable, or a list of components")
		}
		return
	}
	for i, node := range f.list("of") {
		f.r.lines[index(f.at("of"), i)] = node.Line
		if node.Kind != yaml.ScalarNode {
			f.r.fail(index(f.at("of"), i), node.Line, "of: want the code of a component")
			continue
		}
		c.Of = append(c.Of, digits.Latin(f.r.scalar(node, index(f.at("of"), i), "of")))
	}
}

func (f fields) brackets(c *Component) {
	b := f.r.mapping(f.node["brackets"], f.at("brackets"), "brackets")
	c.Mode = Mode(b.text("mode"))
	f.r.lines[f.at("mode")] = b.line
	for i, node := range b.list("rates") {
		e := f.r.mapping(node, index(f.at("brackets"), i), "bracket")
		c.Brackets = append(c.Brackets, Bracket{UpTo: e.rialAbove("up_to", "a bound is more than 0; leave it out in the last bracket"), Rate: e.percent("percent")})
		if !e.has("percent") {
			f.r.fail(e.at("rate"), e.line, e.path+": want a percent")
		}
		e.rename("percent", "rate")
	}
}

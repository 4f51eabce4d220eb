package tariffs

import (
	"bytes"

	"github.com/shopspring/decimal"
	"go.yaml.in/yaml/v3"
)

// Export writes a version as a tariff file: one YAML document in the order and
// spelling of the samples, Latin digits. Parse reads it back as the same
// version, of the same id.
func Export(v Version) []byte {
	d := document{}
	d.text("service", v.Service)
	d.number("agency", decimal.NewFromInt32(v.Agency))
	d.title(v.Title)
	d.date("from", v.From)
	d.date("until", v.Until)
	d.text("decided_by", string(v.DecidedBy))
	d.basis(v.Basis, Citation{})
	components := list{}
	for i := range v.Components {
		components.add(exportComponent(&v.Components[i], v.Basis))
	}
	d.list("components", components)
	if v.Total != nil {
		round := document{}
		round.rounding(v.Total.Rounding)
		round.text("carrier", v.Total.Carrier)
		d.mapping("round_total", round)
	}
	sharings := list{}
	for _, s := range v.Sharing {
		e := document{}
		e.text("component", s.Component)
		e.date("from", s.From)
		e.shares(s.Shares)
		e.basis(s.Basis, Citation{})
		sharings.add(e)
	}
	d.list("sharing", sharings)
	return d.encode()
}

// encode gives the text of a document.
func (d *document) encode() []byte {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(d.node()); err != nil {
		panic("tariffs: a version that cannot be written: " + err.Error()) // only strings in it
	}
	return text.Bytes()
}

func exportComponent(c *Component, schedule Citation) document {
	d := document{}
	d.text("code", c.Code)
	d.title(c.Title)
	d.price(c)
	if c.OfTaxable {
		d.text("of", "taxable")
	}
	d.texts("of", c.Of)
	d.flag("taxable", c.Taxable)
	if c.Depreciation != nil {
		e := document{}
		e.number("per_year", c.Depreciation.PerYear)
		e.number("years", decimal.NewFromInt(c.Depreciation.Years))
		e.number("floor", c.Depreciation.Floor)
		d.mapping("depreciation", e)
	}
	d.rial("without_base", c.WithoutBase)
	d.rial("minimum", c.Minimum)
	d.rial("maximum", c.Maximum)
	d.late(c.Late, c.Basis)
	d.exemptions(c.Exemptions)
	if c.Rounding != (Rounding{}) {
		round := document{}
		round.rounding(c.Rounding)
		d.mapping("round", round)
	}
	d.shares(c.Shares)
	d.basis(c.Basis, schedule)
	return d
}

// price writes the key that holds the component's price.
func (d *document) price(c *Component) {
	switch c.Kind {
	case Fixed:
		d.amountOrOptions("fixed", c)
	case PerUnit:
		d.amountOrOptions("per_unit", c)
		if c.PerUnits != 1 {
			d.number("units", decimal.NewFromInt(c.PerUnits))
		}
	case Percent, PercentOf:
		if len(c.Options) == 0 {
			d.number("percent", c.Rate)
			return
		}
		e := document{}
		for _, o := range c.Options {
			e.number(o.Code, o.Rate)
		}
		d.mapping("percent", e)
	case Bracketed:
		rates := list{}
		for _, b := range c.Brackets {
			e := document{}
			e.rial("up_to", b.UpTo)
			e.number("percent", b.Rate)
			rates.add(e)
		}
		e := document{}
		e.text("mode", string(c.Mode))
		e.list("rates", rates)
		d.mapping("brackets", e)
	}
}

func (d *document) amountOrOptions(key string, c *Component) {
	if len(c.Options) == 0 {
		d.amount(key, c.Amount)
		return
	}
	e := document{}
	for _, o := range c.Options {
		e.amount(o.Code, o.Amount)
	}
	d.mapping(key, e)
}

package tariffs

import (
	"github.com/shopspring/decimal"
	"go.yaml.in/yaml/v3"

	"treasury-switch/calendar"
	"treasury-switch/money"
)

// document is a mapping under construction, its keys in order. What is absent
// in a file is not written: empty texts, no dates, amounts of zero.
type document struct{ content []*yaml.Node }

// list is a sequence of mappings under construction.
type list struct{ content []*yaml.Node }

func (d *document) node() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Content: d.content} }

func (l *list) add(d document) { l.content = append(l.content, d.node()) }

// put writes a key and its value; a key is always a plain word.
func (d *document) put(key string, value *yaml.Node) {
	d.content = append(d.content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, value)
}

// text quotes what a reader of YAML would take for something else than text.
func (d *document) text(key, value string) {
	if value != "" {
		d.put(key, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value})
	}
}

// plain writes a value that is a number, a date or yes without quotes.
func (d *document) plain(key, value string) {
	d.put(key, &yaml.Node{Kind: yaml.ScalarNode, Value: value})
}

func (d *document) number(key string, n decimal.Decimal) { d.plain(key, n.String()) }

func (d *document) amount(key string, a money.Rial) { d.plain(key, a.Grouped()) }

func (d *document) rial(key string, a money.Rial) {
	if a != 0 {
		d.amount(key, a)
	}
}

func (d *document) rate(key string, rate decimal.Decimal) {
	if !rate.IsZero() {
		d.number(key, rate)
	}
}

func (d *document) date(key string, day calendar.Date) {
	if !day.IsZero() {
		d.plain(key, day.JalaliString())
	}
}

func (d *document) flag(key string, set bool) {
	if set {
		d.plain(key, "yes")
	}
}

func (d *document) mapping(key string, e document) { d.put(key, e.node()) }

func (d *document) list(key string, l list) {
	if len(l.content) > 0 {
		d.put(key, &yaml.Node{Kind: yaml.SequenceNode, Content: l.content})
	}
}

// texts writes short codes on one line.
func (d *document) texts(key string, values []string) {
	if len(values) == 0 {
		return
	}
	node := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, value := range values {
		node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value})
	}
	d.put(key, node)
}

func (d *document) title(t Title) {
	e := document{}
	e.text("fa", t.Fa)
	e.text("en", t.En)
	d.mapping("title", e)
}

// basis writes a citation, unless it is the one that holds where none is given.
func (d *document) basis(c, given Citation) {
	if c == given {
		return
	}
	e := document{}
	e.text("instrument", c.Instrument)
	e.text("article", c.Article)
	e.text("note", c.Note)
	e.text("gazette", c.Gazette)
	e.date("gazette_date", c.GazetteDate)
	e.text("text", c.Text)
	e.text("scan_sha256", c.Scan)
	d.mapping("basis", e)
}

func (d *document) rounding(r Rounding) {
	d.rial("to", r.Unit)
	d.text("direction", string(r.Direction))
}

func (d *document) late(l *Late, component Citation) {
	if l == nil {
		return
	}
	e := document{}
	if l.After != 0 {
		e.number("after", decimal.NewFromInt(l.After))
	}
	e.text("every", string(l.Every))
	e.rate("times", l.Times)
	e.rate("percent", l.Rate)
	e.rial("amount", l.Amount)
	e.rate("most_percent", l.MostRate)
	e.rial("most", l.Most)
	e.basis(l.Basis, component)
	d.mapping("late", e)
}

func (d *document) exemptions(reliefs []Relief) {
	all := list{}
	for _, r := range reliefs {
		e := document{}
		e.text("category", r.Category)
		e.number("percent", r.Percent)
		e.basis(r.Basis, Citation{})
		all.add(e)
	}
	d.list("exempt", all)
}

// shares writes the beneficiaries: one account if it gets all, or a list.
func (d *document) shares(portions []Portion) {
	if len(portions) == 1 && portions[0] == (Portion{Account: portions[0].Account, Method: Parts, Parts: 1, Percent: portions[0].Percent}) {
		d.text("account", portions[0].Account)
		return
	}
	all := list{}
	for _, p := range portions {
		e := document{}
		e.text("account", p.Account)
		switch p.Method {
		case Parts:
			e.number("parts", decimal.NewFromInt(p.Parts))
		case InPercent:
			e.number("percent", p.Percent)
		case InRial:
			e.amount("amount", p.Amount)
		case Remainder:
			e.flag("remainder", true)
		}
		all.add(e)
	}
	d.list("shares", all)
}

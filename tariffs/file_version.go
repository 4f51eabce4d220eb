package tariffs

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// version reads one document and checks what was read.
func (r *reader) version(node *yaml.Node) Version {
	f := r.mapping(node, "", "service", "agency", "title", "from", "until", "basis", "components")
	v := Version{
		Service: f.code("service"), Agency: int32(f.whole("agency")), Title: f.title(),
		From: f.date("from"), Until: f.date("until"),
	}
	v.Basis = f.basis(Citation{})
	for i, element := range f.list("components") {
		v.Components = append(v.Components, r.component(element, index("components", i), v.Basis))
	}
	r.explain(v)
	v.ID = Identify(v)
	return v
}

// explain tells what Problems finds, with the line of the nearest path known.
func (r *reader) explain(v Version) {
	for _, p := range v.Problems() {
		if r.told(p.Path) {
			continue
		}
		r.fail(p.Path, r.line(p.Path), p.Error())
	}
}

// told reports whether a path, or something it stands in or holds, was told of.
func (r *reader) told(path string) bool {
	for broken := range r.broken {
		if within(broken, path) || within(path, broken) {
			return true
		}
	}
	return false
}

// within reports whether path is outer or something inside it.
func within(path, outer string) bool {
	rest, inside := strings.CutPrefix(path, outer)
	return inside && (outer == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}

// line finds the line of a path, or of the nearest one around it.
func (r *reader) line(path string) int {
	for path != "" {
		if line, known := r.lines[path]; known {
			return line
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return r.lines[""]
}

func (f fields) title() Title {
	if !f.has("title") {
		return Title{}
	}
	t := f.r.mapping(f.node["title"], f.at("title"), "fa", "en")
	return Title{Fa: t.text("fa"), En: t.text("en")}
}

// basis reads a citation; where there is none, that of the schedule holds.
func (f fields) basis(schedule Citation) Citation {
	if !f.has("basis") {
		return schedule
	}
	b := f.r.mapping(f.node["basis"], f.at("basis"),
		"instrument", "article", "note", "gazette", "gazette_date", "text")
	return Citation{
		Instrument: b.text("instrument"), Article: b.text("article"), Note: b.text("note"),
		Gazette: b.text("gazette"), GazetteDate: b.date("gazette_date"), Text: b.text("text"),
	}
}

// component reads one component. Which of the keys fixed, per_unit and percent
// is there says what kind it is.
func (r *reader) component(node *yaml.Node, path string, schedule Citation) Component {
	f := r.mapping(node, path, "code", "title", "fixed", "per_unit", "units", "percent", "round",
		"account", "shares", "basis")
	c := Component{Code: f.code("code"), Title: f.title(), Basis: f.basis(schedule)}
	kinds := 0
	if f.has("fixed") {
		c.Kind, c.Amount = Fixed, f.rial("fixed")
		f.rename("fixed", "amount")
		kinds++
	}
	if f.has("per_unit") {
		c.Kind, c.Amount, c.PerUnits = PerUnit, f.rial("per_unit"), 1
		f.rename("per_unit", "amount")
		kinds++
	}
	if f.has("percent") {
		c.Kind, c.Rate = Percent, f.percent("percent")
		f.rename("percent", "rate")
		kinds++
	}
	if kinds != 1 {
		r.fail(path+".kind", f.line, path+": want exactly one of fixed, per_unit, percent")
	}
	if f.has("units") {
		c.PerUnits = f.whole("units")
		f.rename("units", "per_units")
		if c.Kind != PerUnit {
			f.wrong("units", "goes with per_unit only")
		}
	}
	c.Rounding = f.rounding()
	c.Shares = f.shares()
	return c
}

// rename makes the line, and a fault, of a key of the file known under the name
// of the field in Version.
func (f fields) rename(key, field string) {
	f.r.lines[f.at(field)] = f.r.lines[f.at(key)]
	if f.r.broken[f.at(key)] {
		f.r.broken[f.at(field)] = true
	}
}

func (f fields) rounding() Rounding {
	if !f.has("round") {
		return Rounding{}
	}
	m := f.r.mapping(f.node["round"], f.at("rounding"), "to", "direction")
	rounding := Rounding{Unit: m.rial("to"), Direction: Direction(m.text("direction"))}
	if !m.has("to") || rounding.Unit < 1 {
		f.r.fail(f.at("rounding"), m.line, "round: want to: and a number of rial")
	}
	return rounding
}

// shares reads the beneficiaries: one account for all of it, or a list.
func (f fields) shares() []Portion {
	if f.has("account") {
		f.r.lines[f.at("shares[0].account")] = f.node["account"].Line
		if f.has("shares") {
			f.wrong("account", "goes without shares")
		}
		return []Portion{{Account: f.code("account"), Method: Parts, Parts: 1}}
	}
	var portions []Portion
	for i, node := range f.list("shares") {
		portions = append(portions, f.r.portion(node, index(f.at("shares"), i)))
	}
	return portions
}

func (r *reader) portion(node *yaml.Node, path string) Portion {
	f := r.mapping(node, path, "account", "parts", "percent", "amount", "remainder")
	p := Portion{
		Account: f.code("account"), Parts: f.whole("parts"),
		Percent: f.percent("percent"), Amount: f.rial("amount"),
	}
	given := 0
	for key, method := range map[string]Method{"parts": Parts, "percent": InPercent, "amount": InRial} {
		if f.has(key) {
			p.Method = method
			given++
		}
	}
	if f.flag("remainder") {
		p.Method = Remainder
		given++
	}
	if given != 1 {
		r.fail(path+".method", f.line, path+": want exactly one of parts, percent, amount, remainder")
	}
	return p
}

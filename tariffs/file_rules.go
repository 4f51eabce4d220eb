package tariffs

import (
	"go.yaml.in/yaml/v3"
)

// depreciation reads how the base loses value.
func (f fields) depreciation() *Depreciation {
	if !f.has("depreciation") {
		return nil
	}
	m := f.r.mapping(f.node["depreciation"], f.at("depreciation"), "depreciation")
	for _, key := range []string{"per_year", "years", "floor"} {
		if !m.has(key) {
			f.r.fail(m.at(key), m.line, m.path+": want "+key)
		}
	}
	return &Depreciation{PerYear: m.percent("per_year"), Years: m.whole("years"), Floor: m.percent("floor")}
}

// late reads what lateness costs. It rests on the law of the component where it
// has none of its own, and is charged once where it does not say how often.
func (f fields) late(component Citation) *Late {
	if !f.has("late") {
		return nil
	}
	m := f.r.mapping(f.node["late"], f.at("late"), "late")
	const free, most = "lateness would cost nothing; leave out late", "lateness would cost nothing; leave it out if nothing bounds what is added"
	l := Late{
		After: m.whole("after"), Every: Once, Times: m.percentAbove("times", free), Rate: m.percentAbove("percent", free),
		Amount: m.rialAbove("amount", free), MostRate: m.percentAbove("most_percent", most), Most: m.rialAbove("most", most), Basis: m.basis(component),
	}
	if m.has("every") {
		l.Every = Period(m.code("every"))
	}
	m.rename("percent", "rate")
	m.rename("most_percent", "most_rate")
	return &l
}

// relief reads one exemption; where it does not say how much, it is all.
func (r *reader) relief(node *yaml.Node, path string) Relief {
	f := r.mapping(node, path, "exemption")
	e := Relief{Category: f.code("category"), Percent: hundred, Basis: f.basis(Citation{})}
	if f.has("percent") {
		e.Percent = f.percent("percent")
	}
	return e
}

// rounding reads the rounding of a component.
func (f fields) rounding() Rounding {
	if !f.has("round") {
		return Rounding{}
	}
	f.rename("round", "rounding")
	return f.r.mapping(f.node["round"], f.at("rounding"), "round").roundingTo("round")
}

// total reads the rounding of the sum.
func (f fields) total() *Total {
	if !f.has("round_total") {
		return nil
	}
	m := f.r.mapping(f.node["round_total"], f.at("total"), "round_total")
	return &Total{Rounding: m.roundingTo("round_total"), Carrier: m.code("carrier")}
}

// roundingTo reads unit and direction, which the mapping named key holds.
func (f fields) roundingTo(key string) Rounding {
	rounding := Rounding{Unit: f.rial("to"), Direction: Direction(f.text("direction"))}
	if (!f.has("to") || rounding.Unit < 1) && !f.r.broken[f.at("to")] {
		f.r.fail(f.path, f.line, key+": want to: and a number of rial")
	}
	return rounding
}

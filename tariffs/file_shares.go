package tariffs

import (
	"go.yaml.in/yaml/v3"
)

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
	f := r.mapping(node, path, "portion")
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
		r.fail(path, f.line, path+": want exactly one of parts, percent, amount, remainder")
	}
	return p
}

// sharing reads the shares of a component from a later day on.
func (r *reader) sharing(node *yaml.Node, path string) Sharing {
	f := r.mapping(node, path, "sharing")
	return Sharing{
		Component: f.code("component"), From: f.date("from"), Shares: f.shares(), Basis: f.basis(Citation{}),
	}
}

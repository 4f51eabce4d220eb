package tariffs

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// version reads one document and checks what was read.
func (r *reader) version(node *yaml.Node) Version {
	f := r.mapping(node, "", "tariff")
	v := Version{
		Service: f.code("service"), Agency: int32(f.whole("agency")), Title: f.title(),
		From: f.date("from"), Until: f.date("until"),
		DecidedBy: Decider(f.text("decided_by")), Basis: f.basis(Citation{}), Total: f.total(),
	}
	for i, element := range f.list("components") {
		v.Components = append(v.Components, r.component(element, index("components", i), v.Basis))
	}
	for i, element := range f.list("sharing") {
		v.Sharing = append(v.Sharing, r.sharing(element, index("sharing", i)))
	}
	r.explain(v)
	v.ID = identify(v)
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

// told reports whether a path, or one above or below it, was already reported.
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
	t := f.r.mapping(f.node["title"], f.at("title"), "title")
	return Title{Fa: t.text("fa"), En: t.text("en")}
}

// basis reads a citation; where there is none, that of the schedule holds.
func (f fields) basis(schedule Citation) Citation {
	if !f.has("basis") {
		return schedule
	}
	b := f.r.mapping(f.node["basis"], f.at("basis"), "basis")
	return Citation{
		Instrument: b.text("instrument"), Article: b.text("article"), Note: b.text("note"),
		Gazette: b.text("gazette"), GazetteDate: b.date("gazette_date"), Text: b.text("text"),
		Scan: b.code("scan_sha256"),
	}
}

// rename makes the line, and a fault, of a key of the file known under the name
// of the field in Version.
func (f fields) rename(key, field string) {
	f.r.lines[f.at(field)] = f.r.lines[f.at(key)]
	if f.r.broken[f.at(key)] {
		f.r.broken[f.at(field)] = true
	}
}

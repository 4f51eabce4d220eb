package reports

import (
	"treasury-switch/internal/digits"
	"treasury-switch/tariffs"
)

// Citation writes a legal source: instrument, article, note, and the Official
// Gazette that published it. Articles and notes that are not numbers name
// themselves.
func (l Language) Citation(c tariffs.Citation) string {
	source := l.List(l.Digits(c.Instrument), l.numbered(l.pick("ماده ", "article "), c.Article), l.numbered(l.pick("تبصره ", "note "), c.Note))
	if c.Gazette == "" {
		return source
	}
	gazette := l.pick("روزنامه رسمی ", "Official Gazette ") + l.Digits(c.Gazette)
	if !c.GazetteDate.IsZero() {
		gazette += l.pick("، ", " of ") + l.Day(c.GazetteDate)
	}
	return source + l.pick("؛ ", "; ") + gazette
}

// numbered puts a word before a number.
func (l Language) numbered(word, text string) string {
	if latin := digits.Latin(text); digits.Only(latin) {
		return word + l.Digits(latin)
	}
	return l.Digits(text)
}

// basis lists the sources of a component, of its penalty and its exemptions.
func (l Language) basis(c tariffs.Component) []string {
	sources := []string{l.Citation(c.Basis)}
	if c.Late != nil {
		sources = append(sources, l.pick("دیرکرد: ", "Lateness: ")+l.Citation(c.Late.Basis))
	}
	for _, r := range c.Exemptions {
		sources = append(sources, l.pick("معافیت ", "Exemption ")+r.Category+": "+l.Citation(r.Basis))
	}
	return sources
}

package report

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"n": number, "ms": milliseconds, "g": grouped, "pc": func(v float64) string { return number(v*100) + " %" },
	"sorted": func(m any) []string {
		switch m := m.(type) {
		case map[string]Latency:
			return sorted(m, kindOrder)
		case map[string]Process:
			return sorted(m, processOrder)
		case map[string]int64:
			return sorted(m, nil)
		case map[string]any:
			return sorted(m, nil)
		}
		return nil
	},
	"json": func(v any) (string, error) {
		text, err := json.Marshal(v)
		return strings.Trim(string(text), `"`), err
	},
	"words": func(name string) string { return strings.ReplaceAll(name, "_", " ") },
}).Parse(pageText))

// milliseconds writes a time with as many digits as are readable.
func milliseconds(v float64) string {
	switch {
	case v >= 100:
		return grouped(int64(v + .5))
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// HTML writes the result as a page that needs no other file and no script.
func (r *Result) HTML(w io.Writer) error {
	var plots []template.HTML
	for _, c := range r.charts() {
		// Everything that comes from outside is escaped where the chart is drawn.
		plots = append(plots, template.HTML(c.SVG()))
	}
	err := pageTemplate.Execute(w, struct {
		*Result
		Plots []template.HTML
	}{r, plots})
	if err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// Failed is the number of errors.
func (r *Result) Failed() int64 {
	var n int64
	for _, e := range r.Errors {
		n += e
	}
	return n
}

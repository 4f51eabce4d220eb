package report

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// chart is one plot over a common horizontal axis.
type chart struct {
	Title string
	Unit  string // of the vertical axis
	Under string // of the horizontal axis
	X     []float64
	Lines []line
	Bands []band     // parts of the horizontal axis with a name
	Marks []mark     // where the horizontal axis is labelled; nil: round numbers
	Limit *limit     // a horizontal line
	span  [2]float64 // of X
	top   float64
}

// line is one line of a chart, with a value for every X; NaN is a gap.
type line struct {
	Name string
	Y    []float64
}

// limit is a value that must not be exceeded.
type limit struct {
	At   float64
	Name string
}

// band is a shaded part.
type band struct {
	Name     string
	From, To float64
}

// mark is a label of the horizontal axis.
type mark struct {
	At   float64
	Text string
}

// Size of a chart in its own units, and of the margins around its field.
const (
	width, height           = 720.0, 260.0
	left, right, above, low = 56.0, 14.0, 30.0, 44.0
	gridLines               = 5
	xLabels                 = 8
)

// SVG draws the chart. Its colours are classes of the page, so that they suit a light and a dark one.
func (c chart) SVG() string {
	c.span, c.top = c.extent()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" role="img" aria-label="%s">`, width, height, escape(c.Title))
	for _, one := range c.Bands {
		from, to := c.x(max(one.From, c.span[0])), c.x(min(one.To, c.span[1]))
		if to <= from {
			continue
		}
		fmt.Fprintf(&b, `<rect class="band" x="%.1f" y="%g" width="%.1f" height="%g"/>`, from, above, to-from, height-above-low)
		fmt.Fprintf(&b, `<text class="faint" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, (from+to)/2, height-low-6, escape(one.Name))
	}
	c.axes(&b)
	for i, l := range c.Lines {
		fmt.Fprintf(&b, `<path class="line c%d" d="%s"/>`, i, c.path(l.Y))
	}
	c.legend(&b)
	b.WriteString(`</svg>`)
	return b.String()
}

// extent is the range of X and the top of Y, which begins at zero.
func (c chart) extent() (span [2]float64, top float64) {
	span = [2]float64{math.Inf(1), math.Inf(-1)}
	for _, x := range c.X {
		span = [2]float64{min(span[0], x), max(span[1], x)}
	}
	if len(c.X) == 0 {
		span[0] = 0
	}
	if span[1] <= span[0] {
		span[1] = span[0] + 1 // A single place needs room as well.
	}
	for _, l := range c.Lines {
		for _, y := range l.Y {
			if !math.IsNaN(y) {
				top = max(top, y)
			}
		}
	}
	if c.Limit != nil {
		top = max(top, c.Limit.At*1.1)
	}
	return span, gridLines * step(top/gridLines)
}

// step is the smallest of 1, 2, 2.5 and 5 times a power of ten that is not below a value.
func step(value float64) float64 {
	if value <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(value)))
	for _, times := range []float64{1, 2, 2.5, 5} {
		if times*power >= value*(1-1e-9) {
			return times * power
		}
	}
	return 10 * power
}

func (c chart) x(v float64) float64 {
	return left + (v-c.span[0])/(c.span[1]-c.span[0])*(width-left-right)
}

func (c chart) y(v float64) float64 { return height - low - v/c.top*(height-above-low) }

// axes draws the grid with its labels.
func (c chart) axes(b *strings.Builder) {
	for i := range gridLines + 1 {
		v := c.top * float64(i) / gridLines
		fmt.Fprintf(b, `<line class="grid" x1="%g" y1="%.1f" x2="%g" y2="%.1f"/>`, left, c.y(v), width-right, c.y(v))
		fmt.Fprintf(b, `<text x="%g" y="%.1f" text-anchor="end">%s</text>`, left-6, c.y(v)+4, number(v))
	}
	marks := c.Marks
	if marks == nil {
		each := step((c.span[1] - c.span[0]) / xLabels)
		for v := math.Ceil(c.span[0]/each) * each; v <= c.span[1]; v += each {
			marks = append(marks, mark{v, number(v)})
		}
	}
	for _, m := range marks {
		fmt.Fprintf(b, `<text x="%.1f" y="%g" text-anchor="middle">%s</text>`, c.x(m.At), height-low+16, escape(m.Text))
	}
	fmt.Fprintf(b, `<text class="faint" x="%g" y="%g" text-anchor="end">%s</text>`, width-right, height-6, escape(c.Under))
	if c.Limit != nil {
		at := c.y(c.Limit.At)
		fmt.Fprintf(b, `<line class="limit" x1="%g" y1="%.1f" x2="%g" y2="%.1f"/>`, left, at, width-right, at)
		fmt.Fprintf(b, `<text class="faint" x="%g" y="%.1f" text-anchor="end">%s</text>`, width-right-4, at-4, escape(c.Limit.Name))
	}
}

// path is the SVG path of a line, broken at gaps.
func (c chart) path(y []float64) string {
	var b strings.Builder
	pen := "M"
	for i, v := range y {
		if i >= len(c.X) || math.IsNaN(v) {
			pen = "M"
			continue
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", pen, c.x(c.X[i]), c.y(v))
		pen = "L"
	}
	return b.String()
}

// legend writes the title above and the names of the lines below.
func (c chart) legend(b *strings.Builder) {
	fmt.Fprintf(b, `<text class="title" x="4" y="16">%s<tspan class="unit" dx="8">%s</tspan></text>`, escape(c.Title), escape(c.Unit))
	at := left
	for i, l := range c.Lines {
		fmt.Fprintf(b, `<path class="line c%d" d="M%.1f %gL%.1f %g"/><text x="%.1f" y="%g">%s</text>`, i, at, height-10, at+14, height-10,
			at+18, height-6, escape(l.Name))
		at += 7.2*float64(len(l.Name)) + 34
	}
}

// number writes a number as short as it can be read.
func number(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v >= 1000 || v == math.Trunc(v):
		return grouped(int64(math.Round(v)))
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// grouped writes a number with commas between groups of three digits.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

func escape(s string) string {
	var b strings.Builder
	// A builder takes everything.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

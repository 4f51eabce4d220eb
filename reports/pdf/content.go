package pdf

import (
	"bytes"
	"fmt"

	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// content is what is drawn on one page, from its lower left corner.
type content struct {
	bytes.Buffer
	books [weights]*glyphBook
	err   error // the first that occurred
}

// on writes a length in points.
func on(l length) string {
	sign := ""
	if l < 0 {
		sign, l = "-", -l
	}
	return fmt.Sprintf("%s%d.%03d", sign, l/point, l%point)
}

// fill draws a rectangle in a shade of grey, from 0, black, to 1000, white.
func (c *content) fill(x, y, width, height length, grey int64) {
	fmt.Fprintf(c, "%s g %s %s %s %s re f 0 g\n", on(length(grey)), on(x), on(y), on(width), on(height))
}

// rule draws a thin line.
func (c *content) rule(x1, y1, x2, y2, thickness length) {
	fmt.Fprintf(c, "%s w 0.600 G %s %s m %s %s l S\n", on(thickness), on(x1), on(y1), on(x2), on(y2))
}

// line draws a line of text from x to the right, standing on y.
func (c *content) line(l line, x, y length) {
	if len(l.runs) == 0 {
		return
	}
	fmt.Fprintf(c, "BT /F%d %s Tf\n", l.style.weight, on(l.style.size))
	for _, run := range l.runs {
		fmt.Fprintf(c, "1 0 0 1 %s %s Tm ", on(x), on(y))
		c.run(l, run)
		x += l.style.of(run.Advance)
	}
	c.WriteString("ET\n")
}

// run shows the glyphs of a run. The viewer advances by the widths of the font
// file; where shaping wants the next glyph elsewhere, for kerning or for a mark
// above a letter, a number between the strings moves it.
func (c *content) run(l line, run shaping.Output) {
	book := c.books[l.style.weight]
	var pen, viewer int64 // thousandths of an em
	var exact, rise fixed.Int26_6
	c.WriteByte('[')
	for i, g := range run.Glyphs {
		if g.YOffset != rise {
			rise = g.YOffset
			fmt.Fprintf(c, "] TJ %s Ts [", on(l.style.of(rise)))
		}
		pen = int64((exact + g.XOffset).Round())
		if move := pen - viewer; move != 0 {
			fmt.Fprintf(c, "%d", -move)
		}
		use := glyphUse{glyph: uint16(g.GlyphID)}
		if i == 0 || run.Glyphs[i-1].TextIndex() != g.TextIndex() {
			use.text = string(l.text[g.TextIndex() : g.TextIndex()+g.RunesCount()])
		}
		number, err := book.number(use)
		if err != nil && c.err == nil {
			c.err = err
		}
		fmt.Fprintf(c, "<%04X>", number)
		viewer = pen + book.typeface.file.width(use.glyph)
		exact += g.Advance
	}
	c.WriteString("] TJ")
	if rise != 0 {
		c.WriteString(" 0 Ts")
	}
	c.WriteByte('\n')
}

package pdf

import (
	"treasury-switch/internal/fault"
	"treasury-switch/reports"
)

// The page is A4 upright (ISO 216: 210 mm by 297 mm).
const (
	pageWidth  length = 595_276
	pageHeight length = 841_890
	margin            = 40 * point
	textWidth         = pageWidth - 2*margin
	footHeight        = 24 * point
	padding           = 4 * point
	hair              = 400 * point / 1000
	mostPages         = 2_000
)

// The styles of a document.
var (
	titleStyle   = style{bold, 16 * point}
	factStyle    = style{regular, 9 * point}
	groupStyle   = style{bold, 12 * point}
	itemStyle    = style{bold, 9 * point}
	sideStyle    = style{regular, 8*point + point/2}
	columnStyle  = style{bold, 8*point + point/2}
	cellStyle    = style{regular, 8*point + point/2}
	footingStyle = style{regular, 8 * point}
)

// leading is the distance between two lines; the letters of the font reach
// about one and a half of its size from top to bottom.
func (s style) leading() length { return s.size * 165 / 100 }

// layout fills pages from top to bottom.
type layout struct {
	document reports.Document
	texts    *typesetter
	books    [weights]*glyphBook
	columns  []span
	pages    []*content
	y        length // the upper edge of what comes next
	top      length // y of a page that has no row yet
}

// span is the horizontal place of a column.
type span struct{ x, width length }

// page is the last one.
func (l *layout) page() *content { return l.pages[len(l.pages)-1] }

// bottom is how far rows reach down.
const bottom = margin + footHeight + padding

// newPage begins a page with the heads of the columns.
func (l *layout) newPage() {
	l.pages = append(l.pages, &content{books: l.books})
	l.y = pageHeight - margin
	if len(l.pages) == 1 {
		l.heading()
	}
	if len(l.document.Groups) > 0 {
		heads := make([]string, len(l.document.Columns))
		for i, column := range l.document.Columns {
			heads[i] = column.Title
		}
		l.cells(l.broken(heads, columnStyle), columnStyle, 880)
	}
	l.top = l.y
}

// heading writes the title and the facts of the document.
func (l *layout) heading() {
	l.text(l.document.Title, titleStyle)
	for _, fact := range l.document.Facts {
		l.text(fact, factStyle)
	}
	l.y -= 6 * point
}

// text writes lines over the whole width, beginning where lines of the
// language begin.
func (l *layout) text(text string, s style) {
	for _, one := range l.texts.lines(text, s, textWidth) {
		l.y -= s.leading()
		l.put(one, span{margin, textWidth}, l.y, l.document.Language.RightToLeft())
	}
}

// put draws a line at the right or left end of a span. Its lower edge is y;
// the letters sit a third of their size above it.
func (l *layout) put(one line, at span, y length, right bool) {
	x := at.x
	if right {
		x += at.width - one.width
	}
	l.page().line(one, x, y+one.style.size*45/100)
}

// spans divides the width among the columns in the direction of the language.
func spans(d reports.Document) ([]span, error) {
	var sum int64
	for _, column := range d.Columns {
		if column.Width < 1 || column.Width > 1000 {
			return nil, fault.New(fault.Bug, "write PDF: column %q is %d wide", column.Title, column.Width)
		}
		sum += column.Width
	}
	placed := make([]span, len(d.Columns))
	var before int64
	for i, column := range d.Columns {
		from, to := int64(textWidth)*before/sum, int64(textWidth)*(before+column.Width)/sum
		placed[i] = span{margin + length(from), length(to - from)}
		if d.Language.RightToLeft() {
			placed[i].x = pageWidth - margin - length(to)
		}
		before += column.Width
	}
	return placed, nil
}

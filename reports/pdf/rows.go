package pdf

import (
	"treasury-switch/internal/fault"
	"treasury-switch/reports"
)

// group writes a heading and its items.
func (l *layout) group(g reports.Group) error {
	for i, item := range g.Items {
		heading := ""
		if i == 0 {
			heading = g.Title
		}
		if err := l.item(heading, item); err != nil {
			return err
		}
	}
	return nil
}

// item writes the line of an item and its rows. The headings stay together
// with the first row.
func (l *layout) item(heading string, item reports.Item) error {
	rows := make([][][]line, len(item.Rows))
	for i, row := range item.Rows {
		if len(row) != len(l.columns) {
			return fault.New(fault.Bug, "write PDF: a row of %d cells in a table of %d columns", len(row), len(l.columns))
		}
		rows[i] = l.broken(row, cellStyle)
	}
	names, side := l.itemLine(item)
	height := length(len(names))*itemStyle.leading() + padding
	together := height
	if heading != "" {
		together += groupStyle.leading() + 2*padding
	}
	if len(rows) > 0 {
		together += tall(rows[0], cellStyle)
	}
	if l.y-together < bottom && l.y < l.top {
		l.newPage()
	}
	if heading != "" {
		l.y -= padding
		l.text(heading, groupStyle)
		l.y -= padding
	}
	l.itemBand(names, side, height)
	for _, row := range rows {
		if err := l.row(row); err != nil {
			return err
		}
	}
	l.y -= padding
	return nil
}

// itemLine breaks the name of an item and the text at the other end of its
// line.
func (l *layout) itemLine(item reports.Item) (names, side []line) {
	const sideWidth = textWidth * 45 / 100
	if item.Side != "" {
		side = l.texts.lines(item.Side, sideStyle, sideWidth-2*padding)
	}
	names = l.texts.lines(item.Title, itemStyle, textWidth-sideWidth-2*padding)
	for len(names) < len(side) {
		names = append(names, line{style: itemStyle})
	}
	return names, side
}

// itemBand draws the shaded line of an item.
func (l *layout) itemBand(names, side []line, height length) {
	l.page().fill(margin, l.y-height, textWidth, height, 950)
	right := l.document.Language.RightToLeft()
	inner := span{margin + padding, textWidth - 2*padding}
	y := l.y - padding/2
	for i, name := range names {
		y -= itemStyle.leading()
		l.put(name, inner, y, right)
		if i < len(side) {
			l.put(side[i], inner, y, !right)
		}
	}
	l.y -= height
}

// broken breaks the texts of a row to the widths of their columns.
func (l *layout) broken(texts []string, s style) [][]line {
	cells := make([][]line, len(texts))
	for i, text := range texts {
		cells[i] = l.texts.lines(text, s, l.columns[i].width-2*padding)
	}
	return cells
}

// tall is the height of a row.
func tall(cells [][]line, s style) length {
	most := 0
	for _, cell := range cells {
		most = max(most, len(cell))
	}
	return length(most)*s.leading() + padding
}

// row writes a row. One that is taller than a page is divided between lines,
// others begin on a new page where they do not fit.
func (l *layout) row(cells [][]line) error {
	for {
		height := tall(cells, cellStyle)
		if l.y-height >= bottom {
			l.cells(cells, cellStyle, 1000)
			return nil
		}
		if len(l.pages) >= mostPages {
			return fault.New(fault.Invalid, "write PDF: more than %d pages", mostPages)
		}
		if l.top-height >= bottom || l.y < l.top {
			l.newPage()
			continue
		}
		fits := int((l.y - bottom - padding) / cellStyle.leading())
		now, later := make([][]line, len(cells)), make([][]line, len(cells))
		for i, cell := range cells {
			cut := min(fits, len(cell))
			now[i], later[i] = cell[:cut], cell[cut:]
		}
		l.cells(now, cellStyle, 1000)
		cells = later
	}
}

// cells draws a row at y, on a shade of grey, with rules around.
func (l *layout) cells(cells [][]line, s style, grey int64) {
	height := tall(cells, s)
	if grey < 1000 {
		l.page().fill(margin, l.y-height, textWidth, height, grey)
	}
	for i, cell := range cells {
		at := l.columns[i]
		inner, y := span{at.x + padding, at.width - 2*padding}, l.y-padding/2
		for _, one := range cell {
			y -= s.leading()
			l.put(one, inner, y, l.document.Language.RightToLeft())
		}
		l.page().rule(at.x, l.y, at.x, l.y-height, hair)
	}
	l.page().rule(margin+textWidth, l.y, margin+textWidth, l.y-height, hair)
	l.page().rule(margin, l.y-height, margin+textWidth, l.y-height, hair)
	l.y -= height
}

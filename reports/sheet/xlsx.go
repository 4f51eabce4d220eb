package sheet

import (
	"io"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"treasury-switch/internal/fault"
	"treasury-switch/reports"
)

// mostExact is the largest number that spreadsheet programs keep: fifteen
// digits, since they count in binary floating point. Larger numbers become texts.
const mostExact = 999_999_999_999_999

// grouped is the built-in number format "#,##0" (ECMA-376, 18.8.30).
const grouped = 3

// XLSX writes the sheet as an Office Open XML workbook (ECMA-376): from right
// to left in Persian, the head frozen and with filters, numbers as numbers. It
// fails with fault.Unavailable if w does.
func XLSX(w io.Writer, s reports.Sheet) error {
	book := excelize.NewFile()
	defer book.Close() // it holds nothing but memory
	if err := fill(book, s); err != nil {
		return fault.New(fault.Bug, "write XLSX: %w", err)
	}
	if _, err := book.WriteTo(w); err != nil {
		return fault.New(fault.Unavailable, "write XLSX: %w", err)
	}
	return nil
}

func fill(book *excelize.File, s reports.Sheet) error {
	name := tab(s.Name)
	if err := book.SetSheetName(book.GetSheetName(0), name); err != nil {
		return err
	}
	// The direction comes before the stream: the stream writes the view.
	direction := s.Language.RightToLeft()
	if err := book.SetSheetView(name, 0, &excelize.ViewOptions{RightToLeft: &direction}); err != nil {
		return err
	}
	if err := properties(book, s); err != nil {
		return err
	}
	stream, err := book.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := write(book, stream, s); err != nil {
		return err
	}
	return stream.Flush()
}

// properties are the document's title and time.
func properties(book *excelize.File, s reports.Sheet) error {
	p := &excelize.DocProperties{Title: s.Name, Creator: "treasury-switch", Language: string(s.Language)}
	if !s.Made.IsZero() {
		p.Created = s.Made.UTC().Format(time.RFC3339)
		p.Modified = p.Created
	}
	return book.SetDocProps(p)
}

// styles are those of the head, of texts and of numbers.
type styles struct{ head, text, number int }

func newStyles(book *excelize.File) (made styles, err error) {
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	grey := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E0E0E0"}}
	if made.head, err = book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: grey, Alignment: top}); err != nil {
		return made, err
	}
	if made.text, err = book.NewStyle(&excelize.Style{Alignment: top}); err != nil {
		return made, err
	}
	made.number, err = book.NewStyle(&excelize.Style{NumFmt: grouped, Alignment: &excelize.Alignment{Vertical: "top"}})
	return made, err
}

// write streams the head and the rows.
func write(book *excelize.File, stream *excelize.StreamWriter, s reports.Sheet) error {
	look, err := newStyles(book)
	if err != nil {
		return err
	}
	if err := stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	titles := make([]any, len(s.Columns))
	for i, column := range s.Columns {
		titles[i] = excelize.Cell{StyleID: look.head, Value: column.Title}
		if err := setWidth(stream, i+1, column.Width); err != nil {
			return err
		}
	}
	if err := stream.SetRow("A1", titles); err != nil {
		return err
	}
	for i, row := range s.Rows {
		values := make([]any, len(row))
		for j, cell := range row {
			values[j] = look.cell(cell)
		}
		place, err := excelize.CoordinatesToCellName(1, i+2)
		if err != nil {
			return err
		}
		if err := stream.SetRow(place, values); err != nil {
			return err
		}
	}
	return nil
}

// cell gives a cell its form. A text stays a text, however it begins: only a
// cell made as a formula is one.
func (l styles) cell(c reports.Cell) excelize.Cell {
	switch {
	case !c.Numeric:
		return excelize.Cell{StyleID: l.text, Value: c.Text}
	case c.Number < -mostExact || c.Number > mostExact:
		return excelize.Cell{StyleID: l.text, Value: plain(c)}
	}
	return excelize.Cell{StyleID: l.number, Value: c.Number}
}

// setWidth makes a column as wide as so many letters.
func setWidth(stream *excelize.StreamWriter, column int, w reports.Width) error {
	switch w {
	case reports.Wide:
		return stream.SetColWidth(column, column, 50)
	case reports.Medium:
		return stream.SetColWidth(column, column, 26)
	}
	return stream.SetColWidth(column, column, 14)
}

// tab makes a name that a sheet may have: at most 31 letters, without those
// that formulas use.
func tab(name string) string {
	letters := []rune(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) {
			return ' '
		}
		return r
	}, name))
	if name = strings.TrimSpace(string(letters[:min(31, len(letters))])); name == "" {
		return "1"
	}
	return name
}

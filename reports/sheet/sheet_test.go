package sheet

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"treasury-switch/internal/fault"
	"treasury-switch/reports"
)

func sample(l reports.Language) reports.Sheet {
	return reports.Sheet{
		Language: l, Name: "تعرفه/۱۴۰۵", Made: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC),
		Columns: []reports.SheetColumn{{Title: "کد"}, {Title: "نام", Width: reports.Medium}, {Title: "=مبلغ", Width: reports.Wide}},
		Rows: [][]reports.Cell{
			{reports.Text("PASSPORT"), reports.Text("صدور، گذرنامه"), reports.Number(1_476_112)},
			{reports.Text("=1+1"), reports.Text("+98"), reports.Number(-5)},
			{reports.Text("-1"), reports.Text("@SUM(A1)"), reports.Number(1_000_000_000_000_001)},
			{reports.Text("\tx"), reports.Text(""), reports.Text("a\nb")},
		},
	}
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := CSV(&b, sample(reports.Persian)); err != nil {
		t.Fatal(err)
	}
	want := "\xEF\xBB\xBF" + strings.Join([]string{
		"کد,نام,'=مبلغ", "PASSPORT,صدور، گذرنامه,1476112", "'=1+1,'+98,-5", "'-1,'@SUM(A1),1000000000000001", "'\tx,,\"a\r\nb\"", "",
	}, "\r\n")
	if b.String() != want {
		t.Errorf("%q\nwant\n%q", b.String(), want)
	}
}

func TestXLSX(t *testing.T) {
	for _, language := range []reports.Language{reports.Persian, reports.English} {
		var b bytes.Buffer
		if err := XLSX(&b, sample(language)); err != nil {
			t.Fatal(err)
		}
		book, err := excelize.OpenReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		name := book.GetSheetName(0)
		if name != "تعرفه ۱۴۰۵" {
			t.Errorf("sheet %q", name)
		}
		view, err := book.GetSheetView(name, 0)
		if err != nil || view.RightToLeft == nil || *view.RightToLeft != language.RightToLeft() {
			t.Errorf("%s: view %+v, %v", language, view, err)
		}
		panes, err := book.GetPanes(name)
		if err != nil || !panes.Freeze || panes.YSplit != 1 {
			t.Errorf("panes %+v, %v", panes, err)
		}
		checkCells(t, book, name)
	}
}

// checkCells wants texts as texts, numbers as numbers with groups, and nothing
// as a formula.
func checkCells(t *testing.T, book *excelize.File, name string) {
	t.Helper()
	for place, want := range map[string]struct {
		raw, shown string
		kind       excelize.CellType
	}{
		"A1": {"کد", "کد", excelize.CellTypeInlineString}, "A2": {"PASSPORT", "PASSPORT", excelize.CellTypeInlineString},
		"A3": {"=1+1", "=1+1", excelize.CellTypeInlineString}, "C1": {"=مبلغ", "=مبلغ", excelize.CellTypeInlineString},
		"C2": {"1476112", "1,476,112", excelize.CellTypeUnset}, "C3": {"-5", "-5", excelize.CellTypeUnset},
		"C4": {"1000000000000001", "1000000000000001", excelize.CellTypeInlineString},
	} {
		raw, err := book.GetCellValue(name, place, excelize.Options{RawCellValue: true})
		if err != nil || raw != want.raw {
			t.Errorf("%s: %q, %v, want %q", place, raw, err, want.raw)
		}
		if shown, err := book.GetCellValue(name, place); err != nil || shown != want.shown {
			t.Errorf("%s is shown as %q, %v, want %q", place, shown, err, want.shown)
		}
		if kind, err := book.GetCellType(name, place); err != nil || kind != want.kind {
			t.Errorf("%s: type %v, %v, want %v", place, kind, err, want.kind)
		}
		if formula, err := book.GetCellFormula(name, place); err != nil || formula != "" {
			t.Errorf("%s is the formula %q, %v", place, formula, err)
		}
	}
}

func TestTab(t *testing.T) {
	for name, want := range map[string]string{"": "1", "'": "1", "a[b]:c": "a b  c", strings.Repeat("ت", 40): strings.Repeat("ت", 31)} {
		if got := tab(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// full is a writer that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestFullDisk(t *testing.T) {
	if err := CSV(full{}, sample(reports.Persian)); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
	if err := XLSX(full{}, sample(reports.Persian)); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
}

package pdf

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/reports"
)

const (
	longPersian = "نرخ هر پله بر کل مبنا (بیش از ۲۰۰٬۰۰۰٬۰۰۰ ریال: ۳٫۵ درصد) و برای حساب R-101-140101-01؛ آیین\u200cنامه اجرایی پنجاه\u200cوهشت ماده\u200cای"
	identity    = "حق تشخیص هویت"
)

// sample is a document with what is hard to write: letters that join, numbers
// inside lines from right to left, codes, brackets, marks and long texts.
func sample(l reports.Language, items int) reports.Document {
	d := reports.Document{
		Language: l, Title: "تعرفه خدمات دولتی", Facts: []string{"روز ۱۴۰۵/۰۸/۳۰", "شُدّه و لا"},
		Columns: []reports.Column{{Title: "جزء", Width: 28}, {Title: "مبلغ", Width: 36}, {Title: "مستند", Width: 36}},
		Foot:    "خزانه", Made: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC),
	}
	for _, title := range []string{"اداره کل گذرنامه", "شهرداری تهران"} {
		g := reports.Group{Title: title}
		for range items {
			g.Items = append(g.Items, reports.Item{Title: "گذرنامه (PASSPORT)", Side: "جمع: ۱٬۴۷۶٬۱۱۲ ریال", Rows: [][]string{
				{identity, "۱٬۲۵۰٬۰۰۰ ریال", "قانون بودجه، ماده ۹"}, {"کارمزد", longPersian, "Budget act (جدول ۱۶)\nروزنامه"},
			}})
		}
		d.Groups = append(d.Groups, g)
	}
	return d
}

func written(t *testing.T, d reports.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// reversed is a text as it is seen when it runs from right to left.
func reversed(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}

func TestWhatIsSeen(t *testing.T) {
	o := open(t, written(t, sample(reports.Persian, 1)))
	pages := o.pages()
	if len(pages) != 1 {
		t.Fatalf("%d pages", len(pages))
	}
	var seen []string
	for _, l := range o.lines(pages[0]) {
		seen = append(seen, l.text)
	}
	for _, want := range []string{
		reversed(identity),
		reversed("تعرفه خدمات دولتی"),
		reversed(" ریال") + "۱٬۲۵۰٬۰۰۰",                     // digits keep their order
		reversed(" ریال") + "۱٬۴۷۶٬۱۱۲" + reversed("جمع: "), // between two words
		"۱۴۰۵/۰۸/۳۰" + reversed("روز "),                     // a date keeps its order
		")PASSPORT(" + reversed("گذرنامه "),                 // texts of brackets are logical, their glyphs mirrored
		"۹" + reversed("قانون بودجه، ماده "),
	} {
		if !strings.Contains(strings.Join(seen, "\n"), want) {
			t.Errorf("%q is not seen in\n%s", want, strings.Join(seen, "\n"))
		}
	}
}

// A Persian name with numbers inside an English line: the name runs from right
// to left, the numbers in it from left to right, the line from left to right.
func TestNumbersInsideNamesInsideLines(t *testing.T) {
	fonts, err := typefaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		l          reports.Language
		text, want string
	}{
		{reports.English, "قانون سال ۱۴۰۵ کل, جدول ۱۶; Gazette 2 (x)", "۱۶" + reversed(" کل, جدول ") + "۱۴۰۵" + reversed("قانون سال ") + "; Gazette 2 (x)"},
		{reports.Persian, "حساب R-101-14 (۲٫۵ درصد)", ")" + reversed(" درصد") + "۲٫۵" + "( " + "R-101-14" + reversed("حساب ")},
		{reports.Persian, "HOME\u200f: ۱ درصد", reversed(" درصد") + "۱" + reversed("\u200f: ") + "HOME"},
	} {
		lines := newTypesetter(row.l, fonts).lines(row.text, style{regular, 9 * point}, 500*point)
		c := content{}
		for i, f := range fonts {
			c.books[i] = newGlyphBook(f)
		}
		c.line(lines[0], 0, 0)
		var seen strings.Builder
		for _, match := range code.FindAllStringSubmatch(c.String(), -1) {
			number, _ := strconv.ParseUint(match[1], 16, 16)
			seen.WriteString(c.books[regular].used[number].text)
		}
		if len(lines) != 1 || seen.String() != row.want {
			t.Errorf("%q is seen as %q, want %q", row.text, seen.String(), row.want)
		}
	}
}

func TestEveryPageHasHeadAndFootAndNothingInTheMargin(t *testing.T) {
	for _, language := range []reports.Language{reports.Persian, reports.English} {
		o := open(t, written(t, sample(language, 15)))
		pages := o.pages()
		if len(pages) < 3 {
			t.Fatalf("%d pages", len(pages))
		}
		rows := 0
		for i, page := range pages {
			lines := o.lines(page)
			count := func(text string) (n int) {
				for _, l := range lines {
					if l.text == text {
						n++
					}
				}
				return n
			}
			rows += count(reversed(identity))
			foot := language.PageOf(int64(i+1), int64(len(pages)))
			if language == reports.Persian {
				foot = language.Whole(int64(len(pages))) + reversed(" از ") + language.Whole(int64(i+1)) + reversed("صفحه ")
			}
			if count(reversed("جزء")) != 1 || count(foot) != 1 || count(reversed("خزانه")) != 1 {
				t.Errorf("%s, page %d: no head or foot %q in %v", language, i+1, foot, lines)
			}
			for _, l := range lines {
				if l.x < int(margin) || l.x > int(pageWidth-margin) || l.y < int(margin) || l.y > int(pageHeight-margin) {
					t.Errorf("%s, page %d: %q is at %d, %d", language, i+1, l.text, l.x, l.y)
				}
			}
		}
		if rows != 30 {
			t.Errorf("%s: %d rows of 30", language, rows)
		}
	}
}

// No page ends with the name of a service whose rows are on the next.
func TestHeadingsStayWithTheirRows(t *testing.T) {
	for rows := range 12 {
		d := sample(reports.Persian, 9)
		d.Facts = append(d.Facts, strings.Repeat("-\n", rows)) // moves everything down, line by line
		o := open(t, written(t, d))
		for i, page := range o.pages() {
			var last shown
			for _, l := range o.lines(page) {
				if l.y > int(bottom) && (last.y == 0 || l.y < last.y) {
					last = l
				}
			}
			if last.font != "F0" || strings.Contains(last.text, "۱٬۴۷۶٬۱۱۲") {
				t.Errorf("%d more lines: page %d ends with %q", rows, i+1, last.text)
			}
		}
	}
}

func TestColumnsRunWithTheLanguage(t *testing.T) {
	for language, first := range map[reports.Language]string{reports.Persian: "مستند", reports.English: "جزء"} {
		o := open(t, written(t, sample(language, 1)))
		leftmost := shown{x: int(pageWidth)}
		for _, l := range o.lines(o.pages()[0]) {
			heads := []string{reversed("جزء"), reversed("مبلغ"), reversed("مستند")}
			if slices.Contains(heads, l.text) && l.x < leftmost.x {
				leftmost = l
			}
		}
		if leftmost.text != reversed(first) {
			t.Errorf("%s: %q is the column on the left", language, leftmost.text)
		}
	}
}

func TestRowTallerThanAPageIsDivided(t *testing.T) {
	d := sample(reports.Persian, 1)
	d.Groups[0].Items[0].Rows[0][1] = strings.Repeat("ماده\n", 120)
	o := open(t, written(t, d))
	found := 0
	for _, page := range o.pages() {
		for _, l := range o.lines(page) {
			if l.text == reversed("ماده") {
				found++
			}
		}
	}
	if found != 120 || len(o.pages()) < 3 {
		t.Errorf("%d lines on %d pages", found, len(o.pages()))
	}
}

func TestSameDocumentSameFile(t *testing.T) {
	if !bytes.Equal(written(t, sample(reports.Persian, 3)), written(t, sample(reports.Persian, 3))) {
		t.Error("the same document makes different files")
	}
}

func TestEmptyDocument(t *testing.T) {
	o := open(t, written(t, reports.Document{Language: reports.Persian, Title: "تعرفه", Empty: "نیست"}))
	lines := o.lines(o.pages()[0])
	if len(lines) != 3 || lines[1].text != reversed("نیست") {
		t.Errorf("%v", lines)
	}
}

// full is a writer that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestRefusals(t *testing.T) {
	if err := Write(full{}, sample(reports.Persian, 1)); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a full disk: %v", err)
	}
	d := sample(reports.Persian, 1)
	d.Groups[0].Items[0].Rows[0] = []string{"one"}
	if err := Write(&bytes.Buffer{}, d); !fault.Is(err, fault.Bug) {
		t.Errorf("a row of one cell: %v", err)
	}
	d = sample(reports.Persian, 1)
	d.Columns[0].Width = 0
	if err := Write(&bytes.Buffer{}, d); !fault.Is(err, fault.Bug) {
		t.Errorf("a column without width: %v", err)
	}
	d = sample(reports.Persian, 1)
	d.Groups[0].Items[0].Rows[0][1] = strings.Repeat("\n", 100_000)
	if err := Write(&bytes.Buffer{}, d); !fault.Is(err, fault.Invalid) {
		t.Errorf("a document without end: %v", err)
	}
}

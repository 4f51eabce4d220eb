package pdf

import (
	"fmt"
	"io"
	"strings"

	"treasury-switch/internal/fault"
	"treasury-switch/reports"
)

// Write lays a document out and writes it. It fails with fault.Invalid for a
// document of more than 2,000 pages, with fault.Bug for rows that do not fit
// the columns, and with fault.Unavailable if w does.
func Write(w io.Writer, d reports.Document) error {
	fonts, err := typefaces()
	if err != nil {
		return err
	}
	l := &layout{document: d, texts: newTypesetter(d.Language, fonts)}
	for i, t := range fonts {
		l.books[i] = newGlyphBook(t)
	}
	if l.columns, err = spans(d); err != nil {
		return err
	}
	l.newPage()
	for _, g := range d.Groups {
		if err := l.group(g); err != nil {
			return err
		}
	}
	if len(d.Groups) == 0 {
		l.text(d.Empty, factStyle)
	}
	l.feet()
	for _, page := range l.pages {
		if page.err != nil {
			return page.err
		}
	}
	return l.write(w)
}

// feet writes the foot of every page; only now is it known how many there are.
func (l *layout) feet() {
	right := l.document.Language.RightToLeft()
	at := span{margin, textWidth}
	pages := l.pages
	for i, page := range pages {
		l.pages = pages[:i+1] // put draws on the last
		page.rule(margin, margin+footHeight-padding, margin+textWidth, margin+footHeight-padding, hair)
		number := l.document.Language.PageOf(int64(i+1), int64(len(pages)))
		for _, one := range l.texts.lines(l.document.Foot, footingStyle, textWidth*3/4)[:1] {
			l.put(one, at, margin, right)
		}
		for _, one := range l.texts.lines(number, footingStyle, textWidth/4)[:1] {
			l.put(one, at, margin, !right)
		}
	}
	l.pages = pages
}

// write makes the file of the pages.
func (l *layout) write(w io.Writer) error {
	f := newFile()
	root, tree := f.reserve(), f.reserve()
	var fonts, kids strings.Builder
	for i, book := range l.books {
		fmt.Fprintf(&fonts, "/F%d %d 0 R ", i, book.write(f))
	}
	for _, page := range l.pages {
		drawn := f.stream("", page.Bytes())
		number := f.object(fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %s %s] /Resources << /Font << %s>> >> /Contents %d 0 R >>",
			tree, on(pageWidth), on(pageHeight), fonts.String(), drawn))
		fmt.Fprintf(&kids, "%d 0 R ", number)
	}
	f.set(tree, fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", len(l.pages), kids.String()))
	direction := "/L2R"
	if l.document.Language.RightToLeft() {
		direction = "/R2L"
	}
	f.set(root, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R /Lang (%s) /ViewerPreferences << /Direction %s /DisplayDocTitle true >> >>",
		tree, l.document.Language, direction))
	info := f.object(information(l.document.Title, l.document.Made))
	if err := f.finish(w, root, info); err != nil {
		return fault.New(fault.KindOf(err), "%s: %w", l.document.Title, err)
	}
	return nil
}

// Package pdf writes a reports.Document as a PDF 1.7 file (ISO 32000-1) on A4
// pages.
//
// Text is shaped and ordered by go-text/typesetting: letters join, digits keep
// their order inside lines that run from right to left. Of the fonts the
// outlines of the glyphs used are embedded, so that the file looks the same
// everywhere, and every glyph carries its text, so that the file
// can be searched and copied from. The same document gives the same bytes.
//
// All lengths are whole numbers of thousandths of a point.
package pdf

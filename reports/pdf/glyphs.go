package pdf

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"

	"treasury-switch/internal/fault"
)

// glyphBook numbers the glyphs that a document uses of one font. A number (a
// CID of ISO 32000-1, 9.7.4) stands for a glyph together with the text it was
// shaped from, so that a glyph with two meanings is copied rightly both times.
type glyphBook struct {
	typeface typeface
	numbers  map[glyphUse]uint16
	used     []glyphUse // by number; number 0 is .notdef
}

// glyphUse is a glyph and the text it shows; later glyphs of a cluster
// have no text.
type glyphUse struct {
	glyph uint16
	text  string
}

// mostUses is how many numbers two bytes hold.
const mostUses = 1 << 16

func newGlyphBook(t typeface) *glyphBook {
	return &glyphBook{typeface: t, numbers: make(map[glyphUse]uint16), used: []glyphUse{{}}}
}

// number finds or gives the number of a use.
func (b *glyphBook) number(use glyphUse) (uint16, error) {
	if n, known := b.numbers[use]; known {
		return n, nil
	}
	if len(b.used) >= mostUses {
		return 0, fault.New(fault.Invalid, "write PDF: more than %d different letters in one document", mostUses)
	}
	n := uint16(len(b.used))
	b.numbers[use], b.used = n, append(b.used, use)
	return n, nil
}

// write puts the font into the file and returns its object.
func (b *glyphBook) write(f *file) int {
	glyphs, toGlyph := make([]uint16, len(b.used)), make([]byte, 0, 2*len(b.used))
	for i, use := range b.used {
		glyphs[i] = use.glyph
		toGlyph = binary.BigEndian.AppendUint16(toGlyph, use.glyph)
	}
	outlines := b.typeface.file.subset(glyphs)
	fontFile := f.stream(fmt.Sprintf("/Length1 %d", len(outlines)), outlines)
	name := subsetTag(outlines) + "+" + b.typeface.name
	box := b.typeface.file.box()
	descriptor := f.object(fmt.Sprintf("<< /Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [%d %d %d %d] /ItalicAngle 0"+
		" /Ascent %d /Descent %d /CapHeight %d /StemV 80 /FontFile2 %d 0 R >>", name, box[0], box[1], box[2], box[3],
		b.typeface.file.ascent(), b.typeface.file.descent(), b.typeface.file.ascent()*7/10, fontFile))
	descendant := f.object(fmt.Sprintf("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s"+
		" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor %d 0 R /W %s /CIDToGIDMap %d 0 R >>",
		name, descriptor, b.widths(), f.stream("", toGlyph)))
	return f.object(fmt.Sprintf("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R]"+
		" /ToUnicode %d 0 R >>", name, descendant, f.stream("", b.toUnicode())))
}

// subsetTag is six letters that differ between subsets (ISO 32000-1, 9.6.4).
func subsetTag(outlines []byte) string {
	sum := sha256.Sum256(outlines)
	tag := sum[:6]
	for i := range tag {
		tag[i] = 'A' + tag[i]%26
	}
	return string(tag)
}

// widths is the W array: the advance of each number in thousandths of an em.
func (b *glyphBook) widths() string {
	var w strings.Builder
	w.WriteString("[0 [")
	for i, use := range b.used {
		if i > 0 {
			w.WriteByte(' ')
		}
		fmt.Fprintf(&w, "%d", b.typeface.file.width(use.glyph))
	}
	w.WriteString("]]")
	return w.String()
}

// toUnicode is the map from numbers to text (ISO 32000-1, 9.10.3).
func (b *glyphBook) toUnicode() []byte {
	var m bytes.Buffer
	m.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n" +
		"/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	var rows []string
	for n, use := range b.used {
		if use.text != "" {
			rows = append(rows, fmt.Sprintf("<%04X> <%s>\n", n, utf16Hex(use.text)))
		}
	}
	for len(rows) > 0 {
		some := rows[:min(100, len(rows))] // a section has at most 100 entries
		fmt.Fprintf(&m, "%d beginbfchar\n%sendbfchar\n", len(some), strings.Join(some, ""))
		rows = rows[len(some):]
	}
	m.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return m.Bytes()
}

// utf16Hex writes a text as UTF-16BE in hexadecimal.
func utf16Hex(s string) string {
	var hex strings.Builder
	for _, unit := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&hex, "%04X", unit)
	}
	return hex.String()
}

// textString writes a text string of a dictionary (ISO 32000-1, 7.9.2.2).
func textString(s string) string { return "<FEFF" + utf16Hex(s) + ">" }

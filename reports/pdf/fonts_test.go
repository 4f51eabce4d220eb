package pdf

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"treasury-switch/reports"
)

func TestFontsAreThoseThatWereChecked(t *testing.T) {
	sums, err := os.ReadFile("fonts/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	licence, err := os.ReadFile("fonts/OFL.txt")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"Vazirmatn-Regular.ttf": regularFont, "Vazirmatn-Bold.ttf": boldFont, "OFL.txt": licence}
	for line := range strings.Lines(string(sums)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if got := sha256.Sum256(files[name]); hex.EncodeToString(got[:]) != sum {
			t.Errorf("%s: SHA-256 %x, want %s", name, got, sum)
		}
		delete(files, name)
	}
	if len(files) != 0 {
		t.Errorf("without a sum: %v", files)
	}
}

// The fonts in a file have the outlines of the glyphs that it uses, with the
// parts of composite ones, and little else.
func TestFontsAreEmbedded(t *testing.T) {
	o := open(t, written(t, sample(reports.Persian, 1)))
	page := o.pages()[0]
	fonts, err := typefaces()
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"F0", "F1"} {
		descendant := o.follow(o.follow(page, "/"+name), "/DescendantFonts")
		toGlyph := o.data(o.follow(descendant, "/CIDToGIDMap"))
		embedded := o.data(o.follow(o.follow(descendant, "/FontDescriptor"), "/FontFile2"))
		font, err := parseTrueType(embedded)
		if err != nil || checksum(embedded) != 0xB1B0AFBA {
			t.Fatalf("%s: %v, sum %x", name, err, checksum(embedded))
		}
		if len(embedded) > 60_000 {
			t.Errorf("%s: %d bytes", name, len(embedded))
		}
		drawn := 0
		for n := 2; n < len(toGlyph); n += 2 {
			glyph := binary.BigEndian.Uint16(toGlyph[n:])
			whole := fonts[i].file.outline(glyph)
			if !bytes.HasPrefix(font.outline(glyph), whole) {
				t.Errorf("%s: glyph %d has another outline", name, glyph)
			}
			for _, part := range parts(whole) {
				if len(font.outline(part)) == 0 {
					t.Errorf("%s: glyph %d lacks part %d", name, glyph, part)
				}
			}
			drawn += len(whole)
		}
		if drawn == 0 {
			t.Errorf("%s draws nothing", name)
		}
	}
}

// Letters join: what is drawn for a letter inside a word is not what the font
// has for the letter alone.
func TestLettersJoin(t *testing.T) {
	fonts, err := typefaces()
	if err != nil {
		t.Fatal(err)
	}
	texts := newTypesetter(reports.Persian, fonts)
	for word, joined := range map[string]int{"هویت": 3, "پست": 3, "دارد": 0, "آیین\u200cنامه": 6, "بیمه": 4} {
		lines := texts.lines(word, style{regular, 9 * point}, 100*point)
		if len(lines) != 1 {
			t.Fatalf("%s: %d lines", word, len(lines))
		}
		forms, runes := 0, []rune(word)
		for _, run := range lines[0].runs {
			for _, g := range run.Glyphs {
				alone, known := fonts[regular].parsed.NominalGlyph(runes[g.TextIndex()])
				if known && alone != g.GlyphID {
					forms++
				}
			}
		}
		if forms < joined {
			t.Errorf("%s: %d letters have a joined form, want %d", word, forms, joined)
		}
	}
}

func TestNoTrueType(t *testing.T) {
	for _, data := range [][]byte{nil, []byte("text"), regularFont[:1000], regularFont[:12], make([]byte, 64)} {
		if _, err := parseTrueType(data); err == nil {
			t.Errorf("%d bytes are taken for a font", len(data))
		}
	}
}

package pdf

import (
	"slices"
	"strings"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"

	"treasury-switch/reports"
)

// length is in thousandths of a point.
type length int64

// point is 1/72 of an inch.
const point length = 1000

// em is the size at which text is shaped: advances come out in thousandths of
// an em, whatever the size on paper.
const em = 1000

// style is the look of a text.
type style struct {
	weight weight
	size   length
}

// face is a font as the shaper sees it, for one document.
type face struct{ face *font.Face }

// ResolveFace gives every character to the one font. What the font lacks is
// drawn as its empty box.
func (f face) ResolveFace(rune) *font.Face { return f.face }

// typesetter breaks texts into lines of glyphs. It belongs to one document.
type typesetter struct {
	direction di.Direction
	language  language.Language
	faces     [weights]face
	shaper    shaping.HarfbuzzShaper
	segments  shaping.Segmenter
	wrapper   shaping.LineWrapper
	bidi      bidi.Paragraph
}

func newTypesetter(l reports.Language, fonts [weights]typeface) *typesetter {
	t := &typesetter{language: language.NewLanguage(string(l)), direction: di.DirectionLTR}
	if l.RightToLeft() {
		t.direction = di.DirectionRTL
	}
	for i := range fonts {
		t.faces[i] = face{font.NewFace(fonts[i].parsed)}
	}
	return t
}

// line is one line of text, its runs from left to right.
type line struct {
	style style
	text  []rune // of the whole paragraph; glyphs refer to it
	runs  []shaping.Output
	width length
}

// lines breaks a text to a width, at line breaks of its own first.
func (t *typesetter) lines(text string, s style, width length) []line {
	var broken []line
	for paragraph := range strings.SplitSeq(text, "\n") {
		broken = append(broken, t.paragraph([]rune(paragraph), s, width)...)
	}
	return broken
}

func (t *typesetter) paragraph(text []rune, s style, width length) []line {
	if len(text) == 0 {
		return []line{{style: s}}
	}
	whole := shaping.Input{Text: text, RunEnd: len(text), Direction: t.direction, Size: fixed.I(em), Language: t.language,
		Face: t.faces[s.weight].face}
	levels := t.levels(text)
	var shaped []shaping.Output
	for _, run := range t.segments.Split(whole, t.faces[s.weight]) {
		for _, part := range cut(run, levels) {
			shaped = append(shaped, t.shaper.Shape(part))
		}
	}
	most := fixed.Int26_6(int64(width) * 64 * em / int64(s.size))
	config := shaping.WrapConfig{Direction: t.direction, DisableTrailingWhitespaceTrim: true}
	wrapped, _ := t.wrapper.WrapParagraphF(config, most, text, shaping.NewSliceIterator(shaped))
	broken := make([]line, len(wrapped))
	for i, runs := range wrapped {
		runs = slices.Clone(runs) // the wrapper uses its own again
		runs[len(runs)-1] = trimmed(runs[len(runs)-1], text)
		var advance fixed.Int26_6
		for _, run := range runs {
			advance += run.Advance
		}
		broken[i] = line{style: s, text: text, runs: ordered(runs, levels), width: s.of(advance)}
	}
	return broken
}

// of turns a distance at the size of shaping into one on paper.
func (s style) of(d fixed.Int26_6) length { return length(int64(d) * int64(s.size) / (64 * em)) }

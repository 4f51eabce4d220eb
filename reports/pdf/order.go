package pdf

import (
	"slices"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/shaping"
)

// levels are the embedding levels of the characters of a paragraph (Unicode
// standard annex 9): even ones run from left to right, odd ones from right to
// left, and a number in a Persian name in an English line has level 2.
func (t *typesetter) levels(text []rune) []bidi.Level {
	base := bidi.LeftToRight
	if t.direction == di.DirectionRTL {
		base = bidi.RightToLeft
	}
	levels := make([]bidi.Level, len(text))
	runs := t.bidi.Segment(text, base)
	for i := range runs.NumRuns() {
		run := runs.Run(i)
		end := run.End
		if base == bidi.LeftToRight && run.Level == 2 {
			// Runs are told apart by direction: behind the number the line
			// itself may go on at level 0.
			end = run.Start + number(text[run.Start:run.End])
		}
		for at := run.Start; at < end; at++ {
			levels[at] = run.Level
		}
	}
	return levels
}

// number is the length of the number that a text begins with: digits, with
// single separators between them.
func number(text []rune) int {
	end := 0
	for i, r := range text {
		switch {
		case unicode.IsDigit(r):
			end = i + 1
		case i != end || !strings.ContainsRune(".,:/٫٬", r):
			return end
		}
	}
	return end
}

// cut divides an input for the shaper where the level changes.
func cut(whole shaping.Input, levels []bidi.Level) []shaping.Input {
	var parts []shaping.Input
	for from := whole.RunStart; from < whole.RunEnd; {
		part := whole
		part.RunStart, part.RunEnd = from, from+1
		for part.RunEnd < whole.RunEnd && levels[part.RunEnd] == levels[from] {
			part.RunEnd++
		}
		parts = append(parts, part)
		from = part.RunEnd
	}
	return parts
}

// ordered puts the runs of a line from left to right (rule L2 of the annex):
// from the highest level down to the lowest odd one, whatever is at that level
// or above is turned round. The line wrapper's own order knows two levels only.
func ordered(runs []shaping.Output, levels []bidi.Level) []shaping.Output {
	level := func(run shaping.Output) bidi.Level { return levels[run.Runes.Offset] }
	highest := bidi.Level(0)
	for _, run := range runs {
		highest = max(highest, level(run))
	}
	for at := highest; at >= 1; at-- {
		for from := 0; from < len(runs); from++ {
			to := from
			for to < len(runs) && level(runs[to]) >= at {
				to++
			}
			slices.Reverse(runs[from:to])
			from = max(from, to-1)
		}
	}
	return runs
}

// trimmed drops the space where a line was broken.
func trimmed(run shaping.Output, text []rune) shaping.Output {
	run.Glyphs = slices.Clone(run.Glyphs)
	for i := range run.Glyphs {
		g := &run.Glyphs[len(run.Glyphs)-1-i]
		if run.Direction == di.DirectionRTL {
			g = &run.Glyphs[i]
		}
		if !unicode.IsSpace(text[g.TextIndex()]) {
			break
		}
		run.Advance -= g.Advance
		g.Advance = 0
	}
	return run
}

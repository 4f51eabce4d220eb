package identity

import (
	"strings"
	"unicode"

	"treasury-switch/internal/digits"
)

// Normalise makes text that people type comparable: Persian and Arabic digits
// become Latin ones, Arabic yeh and kaf the Persian letters; tatweel, marks of
// direction and harakat go; runs of white space become one space, none at the
// ends. The zero-width non-joiner stays: it is spelling.
func Normalise(s string) string {
	if isNormal(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		r = normalRune(r)
		if r < 0 {
			continue
		}
		if r == ' ' {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// isNormal spots text that needs no work: printable ASCII without spaces.
func isNormal(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// normalRune returns the plain form of r, or -1 if it has none.
func normalRune(r rune) rune {
	switch {
	case r == 'ي', r == 'ى':
		return 'ی'
	case r == 'ك':
		return 'ک'
	case r == 'ـ', isDirectionMark(r), isHaraka(r):
		return -1
	case unicode.IsSpace(r):
		return ' '
	}
	if d := digits.Of(r); d >= 0 {
		return d
	}
	return r
}

// isDirectionMark covers the marks, embeddings and isolates of the Unicode
// bidirectional algorithm, and the byte order mark.
func isDirectionMark(r rune) bool {
	return r == 0x061C || r == 0x200E || r == 0x200F || r == 0xFEFF ||
		r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// isHaraka covers the vowel signs of Arabic script.
func isHaraka(r rune) bool {
	return r >= 0x064B && r <= 0x0652 || r == 0x0670
}

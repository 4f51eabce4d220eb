package iransystem

import "strings"

// Encode gives text as Iran System bytes in the given order, at most limit
// bytes (0 for no limit). A text that is longer loses whole words from its middle
// and shows a gap (..) there, so that it never passes for the whole. A rune that
// the code page does not have becomes '?'. Vowel marks, tatweel and direction marks
// are left out, Arabic letters become the Persian ones.
func Encode(text string, order Order, limit int) string {
	runes := normalised(text)
	out := shape(runes)
	if limit > 0 && len(out) > limit {
		out = shortened(runes, limit)
	}
	if order == Visual {
		turn(out)
	}
	return string(out)
}

// Decode gives the text of Iran System bytes in the given order. A byte that
// stands for nothing becomes '?'. Spaces at both ends, the filling of fixed
// fields, are left out.
func Decode(encoded string, order Order) string {
	in := []byte(strings.Trim(encoded, " "))
	if order == Visual {
		turn(in)
	}
	var text strings.Builder
	for i, b := range in {
		if b == lamAlef {
			text.WriteRune(lam)
			text.WriteRune(alef)
			continue
		}
		text.WriteRune(runes[b])
		if ends[b] && i+1 < len(in) && isLetter(in[i+1]) {
			text.WriteRune(zwnj)
		}
	}
	return text.String()
}

// normalised gives the runes of text as they are written.
func normalised(text string) []rune {
	out := make([]rune, 0, len(text))
	for _, r := range text {
		if r, keep := normal(r); keep {
			out = append(out, r)
		}
	}
	return out
}

// shape gives the bytes of text in reading order, each letter in the shape that
// its neighbours call for.
func shape(text []rune) []byte {
	out := make([]byte, 0, len(text))
	joined := false // the letter before reaches for this one
	for i := 0; i < len(text); i++ {
		l, isLetter := letters[text[i]]
		if !isLetter {
			joined = false
			if text[i] != zwnj {
				out = append(out, sign(text[i]))
			}
			continue
		}
		if text[i] == lam && i+1 < len(text) && text[i+1] == alef {
			out, joined = append(out, lamAlef), false
			i++
			continue
		}
		follows := l.joins && i+1 < len(text) && takesJoin(text[i+1])
		out = append(out, l.shaped(joined, follows))
		joined = follows
	}
	return out
}

// shaped chooses the byte from the joins on both sides.
func (l letter) shaped(before, after bool) byte {
	switch {
	case before && after:
		return l.medial
	case before:
		return l.final
	case after:
		return l.initial
	}
	return l.isolated
}

// takesJoin says whether a rune can be joined to the letter before it.
func takesJoin(r rune) bool {
	l, isLetter := letters[r]
	return isLetter && !l.alone
}

// sign gives the byte of a rune that is no letter.
func sign(r rune) byte {
	if b, ok := signs[r]; ok {
		return b
	}
	switch {
	case r >= '۰' && r <= '۹':
		return firstNum + byte(r-'۰')
	case r >= 0x20 && r < 0x7F:
		return byte(r)
	}
	return unknown
}

// isLetter says whether a byte is a shape of a letter that can be joined.
func isLetter(b byte) bool {
	return b == lamAlef || b >= highBytes && takesJoin(runes[b])
}

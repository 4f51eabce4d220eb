package iransystem

import "strings"

// Encode encodes text as Iran System bytes in the given order, at most limit bytes (0 for no limit). A longer text
// loses whole words from its middle and shows a gap (..) there, so that it never passes for the whole. A rune outside
// the code page becomes '?'. Vowel marks, tatweel and direction marks are dropped; Arabic letters become the Persian
// ones.
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

// Decode decodes Iran System bytes in the given order. An undefined byte becomes '?'. Spaces at both ends, the
// padding of fixed fields, are dropped.
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

// normalised returns the runes of text as they are encoded.
func normalised(text string) []rune {
	out := make([]rune, 0, len(text))
	for _, r := range text {
		if r, keep := normal(r); keep {
			out = append(out, r)
		}
	}
	return out
}

// shape returns the bytes of text in reading order, each letter in the shape that its neighbours require.
func shape(text []rune) []byte {
	out := make([]byte, 0, len(text))
	joined := false // the letter before joins this one
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

// takesJoin reports whether a rune can be joined to the letter before it.
func takesJoin(r rune) bool {
	l, isLetter := letters[r]
	return isLetter && !l.alone
}

// sign returns the byte of a rune that is no letter.
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

// isLetter reports whether a byte is a shape of a letter that can be joined.
func isLetter(b byte) bool {
	return b == lamAlef || b >= highBytes && takesJoin(runes[b])
}

package iransystem

// unknown replaces a rune outside the code page.
const unknown = '?'

// zwnj separates two letters that would otherwise join. It has no byte of its own: it only changes the shape of the
// letter before it.
const zwnj = '\u200C'

// letter holds the bytes of one Persian letter by its shape. Letters with fewer
// shapes repeat them.
type letter struct {
	isolated, final, medial, initial byte
	// joins: the letter joins the one after it.
	joins bool
	// alone: it joins neither side (hamza).
	alone bool
}

// two is a letter with one byte if no letter joins it on the left, and one if a letter does.
func two(end, begin byte) letter { return letter{end, end, begin, begin, true, false} }

// four is a letter with a byte for each shape.
func four(isolated, final, medial, initial byte) letter {
	return letter{isolated, final, medial, initial, true, false}
}

// stop is a letter that never joins the one after it.
func stop(isolated, final byte) letter { return letter{isolated, final, final, isolated, false, false} }

const (
	lam       = 'ل'
	alef      = 'ا'
	lamAlef   = 0xF2
	lamEnd    = 0xF1
	lamBegin  = 0xF3
	firstNum  = 0x80 // the ten digits follow one another
	hyphen    = 0x8B
	highBytes = 0x80
)

// letters is the alphabet of the code page.
var letters = map[rune]letter{
	'آ': stop(0x8D, 0x8D), 'ئ': two(0x8E, 0x8E), 'ء': {0x8F, 0x8F, 0x8F, 0x8F, false, true},
	alef: stop(0x90, 0x91),
	'ب':  two(0x92, 0x93), 'پ': two(0x94, 0x95), 'ت': two(0x96, 0x97), 'ث': two(0x98, 0x99),
	'ج': two(0x9A, 0x9B), 'چ': two(0x9C, 0x9D), 'ح': two(0x9E, 0x9F), 'خ': two(0xA0, 0xA1),
	'د': stop(0xA2, 0xA2), 'ذ': stop(0xA3, 0xA3), 'ر': stop(0xA4, 0xA4), 'ز': stop(0xA5, 0xA5),
	'ژ': stop(0xA6, 0xA6),
	'س': two(0xA7, 0xA8), 'ش': two(0xA9, 0xAA), 'ص': two(0xAB, 0xAC), 'ض': two(0xAD, 0xAE),
	'ط': two(0xAF, 0xAF), 'ظ': two(0xE0, 0xE0),
	'ع': four(0xE1, 0xE2, 0xE3, 0xE4), 'غ': four(0xE5, 0xE6, 0xE7, 0xE8),
	'ف': two(0xE9, 0xEA), 'ق': two(0xEB, 0xEC), 'ک': two(0xED, 0xEE), 'گ': two(0xEF, 0xF0),
	lam: two(lamEnd, lamBegin), 'م': two(0xF4, 0xF5), 'ن': two(0xF6, 0xF7), 'و': stop(0xF8, 0xF8),
	'ه': four(0xF9, 0xF9, 0xFA, 0xFB), 'ی': four(0xFD, 0xFC, 0xFE, 0xFE),
}

// signs are the other runes with a byte of their own above the ASCII range.
var signs = map[rune]byte{'،': 0x8A, '-': hyphen, '؟': 0x8C, '\u00A0': 0xFF}

// replaced are runes encoded as another one: Arabic letters, their carriers of hamza, and signs that the code page
// lacks.
var replaced = map[rune]rune{
	'ي': 'ی', 'ى': 'ی', 'ك': 'ک', 'ة': 'ه', 'ۀ': 'ه', 'أ': alef, 'إ': alef, 'ٱ': alef, 'ؤ': 'و',
	'؛': ';', '٪': '%', '٫': '/', '٬': ',', '«': '"', '»': '"', '–': '-', '—': '-',
}

// runes is the decoding table, filled from the tables above.
var runes = reverse()

// ends holds the bytes of shapes that join no following letter although their letter can: the letter after one was
// kept apart.
var ends = endings()

func reverse() [256]rune {
	var back [256]rune
	for b := range back {
		back[b] = unknown
		if b >= 0x20 && b < 0x7F {
			back[b] = rune(b)
		}
	}
	for r, l := range letters {
		back[l.isolated], back[l.final], back[l.medial], back[l.initial] = r, r, r, r
	}
	for r, b := range signs {
		back[b] = r
	}
	for d := range 10 {
		back[firstNum+d] = '۰' + rune(d)
	}
	return back
}

func endings() [256]bool {
	var ends [256]bool
	for _, l := range letters {
		if l.joins && l.final != l.medial {
			ends[l.isolated], ends[l.final] = true, true
		}
	}
	return ends
}

// normal returns the rune to encode for r, and false for one that is dropped: vowel marks, tatweel and direction
// marks.
func normal(r rune) (rune, bool) {
	switch {
	case r >= 0x064B && r <= 0x065F, r == 0x0670, r == 0x0640:
		return 0, false
	case r == 0x200D, r == 0x200E, r == 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0xFEFF:
		return 0, false
	case r >= '٠' && r <= '٩':
		return r - '٠' + '۰', true
	}
	if other, ok := replaced[r]; ok {
		return other, true
	}
	return r, true
}

package wire

import "errors"

// widths are those of the fields of the terminal dialect: a positive one is that of a fixed field, a negative one the number of
// digits of the length before a variable field. A field that is not here ends the reading of an answer.
var widths = [129]int8{
	2: -2, 3: 6, 4: 12, 5: 12, 6: 12, 7: 10, 9: 8, 10: 8, 11: 6, 12: 6, 13: 4, 14: 4, 15: 4, 17: 4, 18: 4, 19: 3, 22: 3, 23: 3, 25: 2,
	26: 2, 32: -2, 33: -2, 35: -2, 37: 12, 38: 6, 39: 2, 41: 8, 42: 15, 43: 40, 44: -2, 48: -3, 49: 3, 50: 3, 51: 3, 52: 16, 53: 16,
	54: -3, 55: -3, 60: -3, 61: -3, 62: -3, 64: 16, 66: 1, 70: 3, 74: 10, 75: 10, 76: 10, 77: 10, 78: 10, 79: 10, 80: 10, 81: 10,
	82: 12, 83: 12, 84: 12, 85: 12, 86: 16, 87: 16, 88: 16, 89: 16, 90: 42, 95: 42, 96: 16, 97: 17, 99: -2, 100: -2, 102: -2,
	120: -3, 124: -3, 128: 16,
}

// Sizes of the parts before the fields.
const (
	frameHead  = 2  // length of the message, big-endian
	typeDigits = 4  // message type
	bitmapHex  = 16 // one bitmap
)

var errShape = errors.New("not a message of the terminal dialect")

// walk calls visit with every field of a packed message, in their order, and where its value is in it.
func walk(payload []byte, visit func(field, from, to int)) error {
	if len(payload) < typeDigits+bitmapHex {
		return errShape
	}
	first, ok := hexWord(payload[typeDigits:])
	at, second := typeDigits+bitmapHex, uint64(0)
	if ok && first>>63 == 1 {
		if len(payload) < at+bitmapHex {
			return errShape
		}
		second, ok = hexWord(payload[at:])
		at += bitmapHex
	}
	if !ok {
		return errShape
	}
	for field := 2; field <= 128; field++ {
		word := first
		if field > 64 {
			word = second
		}
		if word>>(63-(field-1)%64)&1 == 0 {
			continue
		}
		from, to, ok := span(payload, at, int(widths[field]))
		if !ok {
			return errShape
		}
		visit(field, from, to)
		at = to
	}
	if at != len(payload) {
		return errShape
	}
	return nil
}

// span finds the value of a field that begins at a place.
func span(payload []byte, at, width int) (from, to int, ok bool) {
	if width > 0 {
		return at, at + width, at+width <= len(payload)
	}
	if width == 0 || at-width > len(payload) {
		return 0, 0, false
	}
	length, ok := number(payload[at : at-width])
	from = at - width
	to = from + int(length)
	return from, to, ok && to <= len(payload)
}

// hexWord reads 16 hex digits.
func hexWord(b []byte) (uint64, bool) {
	var word uint64
	for _, c := range b[:bitmapHex] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		default:
			return 0, false
		}
		word = word<<4 | uint64(c)
	}
	return word, true
}

// number reads decimal digits.
func number(b []byte) (uint64, bool) {
	var n uint64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, true
}

// digits writes a number right-justified with zeros.
func digits(b []byte, n uint64) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = '0' + byte(n%10)
		n /= 10
	}
}

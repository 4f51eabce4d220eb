package iso

import "math/bits"

const hexDigits = "0123456789ABCDEF"

// noHex marks bytes that are no hex digits.
const noHex = 0xFF

// unhex has the value of each hex digit, of either case.
var unhex = func() (of [256]byte) {
	for b := range of {
		of[b] = noHex
	}
	for value, digit := range []byte(hexDigits) {
		of[digit] = byte(value)
		of[digit|0x20] = byte(value) // digits have that bit, and so do small letters
	}
	return of
}()

// isHex reports whether each character is a hex digit.
func isHex(text []byte) bool {
	for _, c := range text {
		if unhex[c] == noHex {
			return false
		}
	}
	return true
}

// appendHex appends each byte as two upper-case hex digits.
func appendHex(out []byte, value string) []byte {
	for i := 0; i < len(value); i++ {
		out = append(out, hexDigits[value[i]>>4], hexDigits[value[i]&15])
	}
	return out
}

// appendDecimal appends a number in a given number of digits.
func appendDecimal(out []byte, n, digits int) []byte {
	for unit := pow10(digits - 1); unit > 0; unit /= 10 {
		out = append(out, '0'+byte(n/unit%10))
	}
	return out
}

// appendBitmaps appends the bitmap of the fields, and the second one if a field above 64 is present.
func appendBitmaps(out []byte, present fieldMask) []byte {
	first, second := bits.Reverse64(present[0]), bits.Reverse64(present[1])
	if second == 0 {
		return appendBitmap(out, first)
	}
	return appendBitmap(appendBitmap(out, first|1<<63), second)
}

func appendBitmap(out []byte, word uint64) []byte {
	for shift := 60; shift >= 0; shift -= 4 {
		out = append(out, hexDigits[word>>shift&15])
	}
	return out
}

package iso

import (
	"treasury-switch/internal/digits"
	"treasury-switch/internal/fault"
)

// maxPrivate is the longest F48 in bytes (LLL ..999).
const maxPrivate = 999

// tagHead is a tag of three letters and its length in three digits.
const tagHead = 6

// Tagged is one tag of F48 in the terminal dialect, and its value.
type Tagged struct{ Tag, Value string }

// ParseTags cuts F48 into its tags, in their order. Every part must be whole:
// three capital letters, three digits of length, and as many bytes. The error
// is of kind fault.Invalid and never holds the content.
func ParseTags(s string) ([]Tagged, error) {
	if len(s) > maxPrivate {
		return nil, fault.New(fault.Invalid, "private data: longer than %d bytes", maxPrivate)
	}
	var tags []Tagged
	for at := 0; at < len(s); {
		rest := s[at:]
		if len(rest) < tagHead || !every(rest[:3], isCapital) || !digits.Only(rest[3:tagHead]) {
			return nil, fault.New(fault.Invalid, "private data: no tag of 3 letters and 3 digits at byte %d", at)
		}
		n := int(rest[3]-'0')*100 + pair(rest[4:])
		if len(rest) < tagHead+n {
			return nil, fault.New(fault.Invalid, "private data: tag %s ends after the data", rest[:3])
		}
		tags = append(tags, Tagged{rest[:3], rest[tagHead : tagHead+n]})
		at += tagHead + n
	}
	return tags, nil
}

// appendTag appends a tag, its length and its value.
func appendTag(dst []byte, tag, value string) []byte {
	n := len(value)
	dst = append(dst, tag...)
	dst = append(dst, '0'+byte(n/100), '0'+byte(n/10%10), '0'+byte(n%10))
	return append(dst, value...)
}

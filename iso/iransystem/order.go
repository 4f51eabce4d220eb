package iransystem

import "slices"

// Order is the order in which the bytes of a text are stored.
type Order uint8

const (
	// Visual stores what stands leftmost first: the last letter read comes
	// first, numbers and Latin words keep their own order.
	Visual Order = iota
	// Logical stores what is read first first.
	Logical
)

// kinds of bytes for ordering.
const (
	neutral = iota // spaces and punctuation
	number
	latin
	persian
)

func kindOf(b byte) int {
	switch {
	case b >= '0' && b <= '9', b >= firstNum && b <= firstNum+9:
		return number
	case b >= 'A' && b <= 'Z', b >= 'a' && b <= 'z':
		return latin
	case b < highBytes, b == hyphen, b == 0xFF:
		return neutral
	}
	return persian
}

// turn changes a right-to-left line between the two orders, in place: the whole
// line is turned round, and each run that is written from left to right is
// turned back. Its runs are the same from both ends, so doing it twice changes
// nothing. It is the part of the Unicode bidirectional algorithm (UAX 9) that
// one line of names and citations needs.
func turn(line []byte) {
	slices.Reverse(line)
	for i := 0; i < len(line); {
		end := runEnd(line, i)
		if end == i {
			line[i] = mirrored(line[i])
			i++
			continue
		}
		slices.Reverse(line[i:end])
		i = end
	}
}

// runEnd gives the end of the left-to-right run that begins at i, or i where
// none does. A run begins and ends with a number or a Latin letter.
func runEnd(line []byte, i int) int {
	if !leftToRight(line[i]) {
		return i
	}
	end := i + 1
	for j := end; j < len(line); j++ {
		switch {
		case leftToRight(line[j]):
			if !connects(line[end-1], line[end:j], line[j]) {
				return end
			}
			end = j + 1
		case kindOf(line[j]) == persian:
			return end
		}
	}
	return end
}

func leftToRight(b byte) bool { k := kindOf(b); return k == number || k == latin }

// connects says whether what stands between two left-to-right bytes keeps them
// in one run: anything does beside a Latin letter, one separator does between
// two digits ("1/5", "300,000"), a space there does not.
func connects(before byte, between []byte, after byte) bool {
	if len(between) == 0 || kindOf(before) == latin || kindOf(after) == latin {
		return true
	}
	return len(between) == 1 && slices.Contains([]byte{'.', ',', '/', ':', '-', hyphen}, between[0])
}

// mirrored exchanges brackets that are read from right to left.
func mirrored(b byte) byte {
	switch b {
	case '(':
		return ')'
	case ')':
		return '('
	case '[':
		return ']'
	case ']':
		return '['
	case '<':
		return '>'
	case '>':
		return '<'
	}
	return b
}

package iransystem

import "slices"

// Order is the order in which the bytes of a text are stored.
type Order uint8

const (
	// Visual stores the leftmost character first: the last letter read comes first, numbers and Latin words keep
	// their own order.
	Visual Order = iota
	// Logical stores the first character read first.
	Logical
)

// Kinds of bytes for ordering.
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

// turn converts a right-to-left line between the two orders, in place: the whole line is reversed, and the
// left-to-right runs in it are reversed back. Between two Persian letters that is everything from the first to the
// last number or Latin letter if there is a Latin letter, else each number by itself. Both directions see the same
// runs, so doing it twice changes nothing. It is the part of the Unicode bidirectional algorithm (UAX 9) that one
// line of names and citations needs.
func turn(line []byte) {
	slices.Reverse(line)
	for len(line) > 0 {
		end := slices.IndexFunc(line, func(b byte) bool { return kindOf(b) == persian })
		switch end {
		case -1:
			turnBack(line)
			return
		case 0:
			line = line[1:]
		default:
			turnBack(line[:end])
			line = line[end:]
		}
	}
}

// turnBack reverses back the runs of a stretch without Persian letters, and mirrors the brackets outside of them.
func turnBack(stretch []byte) {
	hasLatin := slices.ContainsFunc(stretch, func(b byte) bool { return kindOf(b) == latin })
	for i := 0; i < len(stretch); {
		end := runEnd(stretch, i, hasLatin)
		if end == i {
			stretch[i] = mirrored(stretch[i])
			i++
			continue
		}
		slices.Reverse(stretch[i:end])
		i = end
	}
}

// runEnd returns the end of the left-to-right run that begins at i, or i if none does. A run begins and ends with a
// number or a Latin letter. Two of them are one run if everything is, if they touch, or with one separator between
// them ("1/5", "300,000").
func runEnd(stretch []byte, i int, everything bool) int {
	if kindOf(stretch[i]) == neutral {
		return i
	}
	end := i + 1
	for j := end; j < len(stretch); j++ {
		if kindOf(stretch[j]) == neutral {
			continue
		}
		between := stretch[end:j]
		if !everything && len(between) > 0 && (len(between) > 1 || !separates(between[0])) {
			return end
		}
		end = j + 1
	}
	return end
}

// separates reports whether a sign can be inside a number.
func separates(b byte) bool {
	return slices.Contains([]byte{'.', ',', '/', ':', '-', hyphen}, b)
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

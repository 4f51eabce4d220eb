package iso

// charset is the kind of content of a field, named as in ISO 8583: n, an, ans,
// z (track), xn (C or D, then digits), and two kinds of bytes.
type charset uint8

const (
	charsetNumeric charset = iota + 1
	charsetAlnum
	charsetText
	charsetTrack
	charsetSigned
	charsetBytes // raw bytes on the wire, length in bytes
	charsetHex   // bytes, two hex digits each on the wire
)

var charsetNames = map[string]charset{
	"n": charsetNumeric, "an": charsetAlnum, "ans": charsetText, "z": charsetTrack,
	"xn": charsetSigned, "bytes": charsetBytes, "hex": charsetHex,
}

// reject returns the reason why value does not belong to the character set.
func (c charset) reject(value string) string {
	switch {
	case c.holds(value):
		return ""
	case c == charsetNumeric:
		return "is not all digits"
	case c == charsetSigned:
		return "is not C or D and digits"
	case c == charsetAlnum:
		return "is not all letters and digits"
	case c == charsetText:
		return "holds unprintable characters"
	}
	return "is not track 2 data"
}

// holds reports whether value consists of the character set. A number has at least one digit; other values may be
// empty.
func (c charset) holds(value string) bool {
	switch c {
	case charsetNumeric:
		return value != "" && every(value, isDigit)
	case charsetSigned:
		return len(value) > 1 && (value[0] == 'C' || value[0] == 'D') && every(value[1:], isDigit)
	case charsetAlnum:
		return every(value, isDigit|isLetter|isSpace)
	case charsetText:
		return every(value, isPrintable)
	case charsetTrack:
		return every(value, isDigit|isSeparator)
	}
	return true
}

// charClass is a set of classes of characters.
type charClass uint8

const (
	isDigit     charClass = 1 << iota
	isLetter              // Latin, either case
	isCapital             // of the letters
	isSpace               // the blank alone
	isSeparator           // of track 2
	isPrintable           // ASCII
)

// charClasses has the classes of every byte, so that validation takes one table look-up per character.
var charClasses = func() (of [256]charClass) {
	for b := range of {
		switch c := byte(b); {
		case c >= '0' && c <= '9':
			of[b] = isDigit
		case c >= 'A' && c <= 'Z':
			of[b] = isLetter | isCapital
		case c >= 'a' && c <= 'z':
			of[b] = isLetter
		case c == ' ':
			of[b] = isSpace
		}
		if b == '=' || b == 'D' {
			of[b] |= isSeparator
		}
		if b >= 0x20 && b <= 0x7E {
			of[b] |= isPrintable
		}
	}
	return of
}()

// every reports whether each character is of one of the classes.
func every(s string, want charClass) bool {
	for i := 0; i < len(s); i++ {
		if charClasses[s[i]]&want == 0 {
			return false
		}
	}
	return true
}

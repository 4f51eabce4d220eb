package iso

import "fmt"

// show is what people may see of a field. The zero value shows its length only,
// so that a field nobody thought of stays hidden.
type show uint8

const (
	showLength show = iota
	showPlain
	showPAN      // first six and last four digits
	showTags     // the tags of F48 that name no person and no card secret
	showPersian  // Iran System bytes as text
	showOriginal // the parts of F90
)

var showNames = map[string]show{
	"length": showLength, "plain": showPlain, "pan": showPAN, "tags": showTags,
	"persian": showPersian, "original": showOriginal,
}

// fieldFormat is one field of a dialect.
type fieldFormat struct {
	name    string
	charset charset
	prefix  int // digits of the length prefix, 0 for a fixed field
	min     int // shortest value, in characters or bytes
	max     int // longest value; of a fixed field, its length
	form    form
	values  []string // the only values allowed, or none for any
	refusal Code     // the response code for a value not among them
	show    show
}

// known says whether the dialect defines the field.
func (f *fieldFormat) known() bool { return f.charset != 0 }

// wireLength is how many bytes a value takes on the wire.
func (f *fieldFormat) wireLength(value string) int {
	if f.charset == charsetHex {
		return 2 * len(value)
	}
	return f.prefix + len(value)
}

// pad fills a value of a fixed field up to its length: numbers with zeros on
// the left, text with spaces on the right, bytes not at all. An empty value
// stays empty, and is refused by fits: padding it would invent a value.
func (f *fieldFormat) pad(value string) string {
	if f.prefix != 0 || value == "" || len(value) >= f.max {
		return value
	}
	switch f.charset {
	case charsetNumeric:
		return fmt.Sprintf("%0*s", f.max, value)
	case charsetAlnum, charsetText:
		return fmt.Sprintf("%-*s", f.max, value)
	}
	return value
}

// fits gives the reason why a value cannot travel in the field, or "".
func (f *fieldFormat) fits(value string) string {
	switch n := len(value); {
	case f.prefix == 0 && n != f.max:
		return fmt.Sprintf("has length %d, not %d", n, f.max)
	case n > f.max:
		return fmt.Sprintf("has length %d, at most %d", n, f.max)
	case n < f.min:
		return fmt.Sprintf("has length %d, at least %d", n, f.min)
	}
	return f.charset.reject(value)
}

package iso

import (
	"fmt"

	"github.com/moov-io/iso8583/field"
)

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

// fieldRule is what a dialect says of a field beside how it travels.
type fieldRule struct {
	form    form
	values  []string // the only values allowed, or none for any
	refusal Code     // the response code for a value not among them
	show    show
}

// wireField is how a field travels: what packing and unpacking need of its moov specification, and the rules on its content that
// moov does not have.
type wireField struct {
	known   bool
	hex     bool // bytes, two hex digits each on the wire
	secret  bool // not shown in plain: see unpack
	fill    byte // what a shorter value of a fixed field is filled with, 0 for nothing
	left    bool // it is filled on the left
	charset charset
	prefix  int // digits of the length prefix, 0 for a fixed field
	min     int // shortest and longest value, in characters or bytes
	max     int
}

// compile takes over moov's specification of a field.
func compile(moov *field.Spec, kind charset, shortest int, show show) wireField {
	w := wireField{known: true, charset: kind, hex: kind == charsetHex, secret: show != showPlain, min: shortest, max: moov.Length}
	if length, variable := moov.Pref.(decimal); variable {
		w.prefix = length.digits
	} else {
		w.min = w.max
	}
	if moov.Pad != nil {
		filled := moov.Pad.Pad([]byte("x"), 2)
		w.left = filled[1] == 'x'
		w.fill = moov.Pad.Inspect()[0]
	}
	return w
}

// size is how many bytes a value of n bytes takes on the wire.
func (w *wireField) size(n int) int {
	if w.hex {
		return 2 * n
	}
	return w.prefix + n
}

// fits gives the reason why a value cannot travel in the field as it is, or "".
func (w *wireField) fits(value string) string {
	switch n := len(value); {
	case !w.known:
		return "is not defined in this dialect"
	case w.prefix == 0 && n != w.max:
		return fmt.Sprintf("has length %d, not %d", n, w.max)
	case n > w.max:
		return fmt.Sprintf("has length %d, at most %d", n, w.max)
	case n < w.min:
		return fmt.Sprintf("has length %d, at least %d", n, w.min)
	}
	return w.charset.reject(value)
}

// fitsFilled is fits for a value that packing fills. An empty one is not filled: that would invent a value.
func (w *wireField) fitsFilled(value string) string {
	if w.fill != 0 && value != "" && len(value) < w.max {
		return w.charset.reject(value)
	}
	return w.fits(value)
}

package iso

import (
	"fmt"

	"github.com/moov-io/iso8583/field"
)

// show is what people may see of a field. The zero value shows its length only, so that a forgotten field stays
// hidden.
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

// fieldRule is a field's part of a dialect besides its wire format.
type fieldRule struct {
	form    form
	values  []string // the only values allowed, or none for any
	refusal Code     // the response code for any other value
	show    show
}

// wireField is the wire format of a field: what packing and unpacking need of its moov specification, and the content
// rules that moov does not have.
type wireField struct {
	known   bool
	hex     bool // bytes, two hex digits each on the wire
	secret  bool // not shown in plain: see unpack
	fill    byte // padding of a shorter value of a fixed field; 0: none
	left    bool // padded on the left
	charset charset
	prefix  int // digits of the length prefix, 0 for a fixed field
	min     int // shortest and longest value, in characters or bytes
	max     int
}

// compile derives the wire format from moov's specification of a field.
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

// size is the length on the wire of a value of n bytes.
func (w *wireField) size(n int) int {
	if w.hex {
		return 2 * n
	}
	return w.prefix + n
}

// fits returns why a value cannot be sent in the field unchanged, or "".
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

// fitsFilled is fits for a value that packing pads. An empty one is not padded: that would invent a value.
func (w *wireField) fitsFilled(value string) string {
	if w.fill != 0 && value != "" && len(value) < w.max {
		return w.charset.reject(value)
	}
	return w.fits(value)
}

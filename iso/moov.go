package iso

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"github.com/moov-io/iso8583"
	"github.com/moov-io/iso8583/encoding"
	moov "github.com/moov-io/iso8583/errors"
	"github.com/moov-io/iso8583/field"
	"github.com/moov-io/iso8583/padding"
	"github.com/moov-io/iso8583/prefix"

	"treasury-switch/internal/digits"
)

const (
	mtiLength    = 4
	bitmapLength = 16 // 8 bytes as hex digits
)

// newSpec starts a dialect's moov specification with the parts that every message has.
func newSpec(name string) *iso8583.MessageSpec {
	return &iso8583.MessageSpec{Name: name, Fields: map[int]field.Field{
		0: field.NewBinary(&field.Spec{Length: mtiLength, Description: "message type", Enc: encoding.Binary, Pref: prefix.ASCII.Fixed}),
		1: field.NewBitmap(&field.Spec{Length: bitmapLength / 2, Description: "bitmap", Enc: encoding.BytesToASCIIHex, Pref: prefix.Hex.Fixed}),
	}}
}

// moovField returns moov's specification of a field. All fields are binary there: the character sets are our own
// rules, so that one bad character does not make the rest of a message unreadable.
func moovField(file *fieldFile, kind charset) field.Field {
	spec := &field.Spec{
		Length: file.Len, Description: file.Name, Enc: encoding.Binary, Pref: prefixes[file.Prefix], Unpacker: field.UnpackerFunc(withFilling),
	}
	switch {
	case kind == charsetHex:
		spec.Enc = encoding.BytesToASCIIHex
	case file.Prefix != "":
	case kind == charsetNumeric:
		spec.Pad = padding.Left('0')
	case kind == charsetAlnum, kind == charsetText:
		spec.Pad = padding.Right(' ')
	}
	return field.NewBinary(spec)
}

// withFilling reads a value with its padding, since an answer repeats what came. moov's own reader strips it, and
// copies the rest of the message for each field.
func withFilling(raw []byte, spec *field.Spec) (value []byte, read int, err error) {
	n, from, err := spec.Pref.DecodeLength(spec.Length, raw)
	if err != nil {
		return nil, 0, err
	}
	most := from + 2*n // hex digits
	value, read, err = spec.Enc.Decode(raw[from:min(most, len(raw))], n)
	return value, from + read, err
}

// prefixes are the lengths before a value, by their names in dialect files.
var prefixes = map[string]prefix.Prefixer{
	"": prefix.ASCII.Fixed, "L": decimal{prefix.ASCII.L, 1}, "LL": decimal{prefix.ASCII.LL, 2},
	"LLL": decimal{prefix.ASCII.LLL, 3}, "LLLL": decimal{prefix.ASCII.LLLL, 4},
}

// decimal is moov's prefix, but refuses the sign that moov's accepts.
type decimal struct {
	prefix.Prefixer
	digits int
}

var errLength = errors.New("its length is not a number in range")

func (p decimal) DecodeLength(limit int, data []byte) (n, read int, err error) {
	n, read, err = p.Prefixer.DecodeLength(limit, data)
	if len(data) >= p.digits && (err != nil || !digits.Only(string(data[:p.digits]))) {
		return 0, 0, errLength
	}
	return n, read, err
}

// ByMoov returns the dialect with every message packed and unpacked by moov instead of the wire table. It is about
// ten times slower: it is for tools, as an independent check of the switch.
func (d *Dialect) ByMoov() *Dialect {
	other := *d
	other.byMoov = true
	return &other
}

// packByMoov packs a message whose values fit.
func (d *Dialect) packByMoov(dst []byte, m *Message) ([]byte, error) {
	by := iso8583.NewMessage(d.spec)
	by.MTI(m.MTI.String())
	for f, value := range m.Fields() {
		if err := by.BinaryField(f, []byte(value)); err != nil {
			return dst, fmt.Errorf("pack %s: field %d cannot be set", m.MTI, f)
		}
	}
	packed, err := by.Pack()
	if err != nil {
		return dst, fmt.Errorf("pack %s: moov refuses it", m.MTI) // moov's own text may contain content
	}
	return append(dst, packed...), nil
}

// unpackByMoov reads the fields of a message whose head has been read. It names the first unreadable field and
// returns those before it.
func (d *Dialect) unpackByMoov(raw []byte, start int, mask fieldMask, m *Message) error {
	by := iso8583.NewMessage(d.spec)
	unread := failedField(by.Unpack(raw))
	end := start
	for f := range mask.all() {
		value, there := by.GetField(f).(*field.Binary)
		if !d.wire[f].known {
			unread.Reason = "not defined in this dialect"
		}
		if f == unread.Field || !there {
			return unread
		}
		m.Set(f, string(value.Value()))
		end += d.wire[f].size(len(value.Value()))
	}
	if end != len(raw) {
		unread.Path, unread.Reason = "end", fmt.Sprintf("%d bytes behind the last field", len(raw)-end)
		return unread
	}
	return nil
}

// failedField returns which field moov could not read, if any, and why.
func failedField(err error) *UnpackError {
	said := &UnpackError{MTIReadable: true, BitmapReadable: true, Path: "message", Reason: "cannot be read"}
	var failed *moov.UnpackError
	if !errors.As(err, &failed) {
		return said
	}
	said.Field, _ = strconv.Atoi(failed.FieldID)
	said.Path, said.Reason = "field "+failed.FieldID, "the message ends inside it"
	var notHex hex.InvalidByteError
	switch {
	case errors.Is(err, errLength):
		said.Reason = errLength.Error()
	case errors.As(err, &notHex):
		said.Reason = "it is not hex digits"
	}
	return said
}

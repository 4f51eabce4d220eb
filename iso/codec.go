package iso

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/moov-io/iso8583"
	"github.com/moov-io/iso8583/encoding"
	"github.com/moov-io/iso8583/field"
	"github.com/moov-io/iso8583/prefix"
)

const (
	mtiLength    = 4
	bitmapLength = 16 // 8 bytes as hex digits
)

// codec is one reusable moov message. Building one takes ten times as long as
// using it, so that a dialect keeps a pool of them; release empties it.
type codec struct {
	message *iso8583.Message
	scratch []byte // the values to be packed, one after the other
}

// prepareCodecs builds the dialect's moov specification, with a first message,
// because moov panics on a bad one and must do so at load; and from it the wire
// table, which is held against moov before anything is read or sent with it.
func (d *Dialect) prepareCodecs() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("field formats: %v", r)
		}
	}()
	spec := d.moovSpec()
	d.codecs.New = func() any { return &codec{message: iso8583.NewMessage(spec)} }
	d.codecs.Put(d.codecs.New())
	d.compile(spec)
	return d.prove()
}

// moovSpec gives the dialect's fields as a moov specification. All of them are
// binary fields: the character sets are checked by our own rules, so that one
// bad character does not make the rest of a message unreadable.
func (d *Dialect) moovSpec() *iso8583.MessageSpec {
	fields := map[int]field.Field{
		0: field.NewBinary(&field.Spec{Length: mtiLength, Description: "message type", Enc: rawBytes{}, Pref: fixedLength{},
			Packer: field.PackerFunc(packFixed)}),
		1: field.NewBitmap(&field.Spec{Length: 8, Description: "bitmap", Enc: encoding.BytesToASCIIHex, Pref: prefix.Hex.Fixed}),
	}
	for n := range d.fields {
		f := &d.fields[n]
		if !f.known() {
			continue
		}
		spec := &field.Spec{Length: f.max, Description: f.name, Enc: rawBytes{}, Pref: fixedLength{}}
		if f.prefix > 0 {
			spec.Pref = decimalLength{f.prefix}
		} else if f.charset != charsetHex {
			spec.Packer = field.PackerFunc(packFixed)
		}
		if f.charset == charsetHex {
			spec.Enc = hexBytes{}
		}
		fields[n] = field.NewBinary(spec)
	}
	return &iso8583.MessageSpec{Name: d.name, Fields: fields}
}

// release empties the codec of the given fields and returns it to the pool. A
// codec that failed is not released: its state is not known.
func (d *Dialect) release(c *codec, fields *fieldMask) {
	for f := range fields.all() {
		c.message.UnsetField(f)
	}
	clear(c.scratch[:cap(c.scratch)])
	c.scratch = c.scratch[:0]
	d.codecs.Put(c)
}

var (
	errShort  = errors.New("the message ends inside it")
	errLength = errors.New("its length is not a number in range")
	errHex    = errors.New("it is not hex digits")
)

// rawBytes passes bytes as they are. Unlike moov's own binary encoder it does
// not copy the rest of the message for each field.
type rawBytes struct{}

func (rawBytes) Encode(data []byte) ([]byte, error) { return data, nil }

func (rawBytes) Decode(data []byte, length int) ([]byte, int, error) {
	if length < 0 || length > len(data) {
		return nil, 0, errShort
	}
	return data[:length:length], length, nil
}

// hexBytes writes each byte as two upper-case hex digits; it reads either case.
type hexBytes struct{}

func (hexBytes) Encode(data []byte) ([]byte, error) {
	const digit = "0123456789ABCDEF"
	out := make([]byte, 0, 2*len(data))
	for _, b := range data {
		out = append(out, digit[b>>4], digit[b&15])
	}
	return out, nil
}

func (hexBytes) Decode(data []byte, length int) ([]byte, int, error) {
	if length < 0 || 2*length > len(data) {
		return nil, 0, errShort
	}
	out := make([]byte, length)
	if _, err := hex.Decode(out, data[:2*length]); err != nil {
		return nil, 0, errHex
	}
	return out, 2 * length, nil
}

// fixedLength is the absent prefix of a fixed field. It refuses any other
// length, where moov's own would let an empty value shift the rest.
type fixedLength struct{}

func (fixedLength) EncodeLength(fixed, n int) ([]byte, error) {
	if n != fixed {
		return nil, errLength
	}
	return nil, nil
}
func (fixedLength) DecodeLength(fixed int, _ []byte) (int, int, error) { return fixed, 0, nil }
func (fixedLength) Inspect() string                                    { return "fixed" }

// packFixed packs a fixed field of raw bytes as it is: moov copies the result
// into the message, so that its own packer's copy in between is spared.
func packFixed(value []byte, spec *field.Spec) ([]byte, error) {
	if len(value) != spec.Length {
		return nil, errLength
	}
	return value, nil
}

// decimalLength is a prefix of decimal digits. Unlike moov's own it takes no
// signs or spaces, and its errors carry nothing of the message.
type decimalLength struct{ digits int }

func (p decimalLength) EncodeLength(limit, n int) ([]byte, error) {
	if n > limit {
		return nil, errLength
	}
	out := make([]byte, p.digits, p.digits+n)
	for i := p.digits - 1; i >= 0; i-- {
		out[i] = '0' + byte(n%10)
		n /= 10
	}
	return out, nil
}

func (p decimalLength) DecodeLength(limit int, data []byte) (int, int, error) {
	if len(data) < p.digits {
		return 0, 0, errShort
	}
	n := 0
	for _, c := range data[:p.digits] {
		if c < '0' || c > '9' {
			return 0, 0, errLength
		}
		n = n*10 + int(c-'0')
	}
	if n > limit {
		return 0, 0, errLength
	}
	return n, p.digits, nil
}

func (p decimalLength) Inspect() string { return "decimal" }

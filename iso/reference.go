package iso

import (
	"errors"
	"fmt"
	"strconv"

	moov "github.com/moov-io/iso8583/errors"
	"github.com/moov-io/iso8583/field"
)

// What the wire table does not take goes to moov: it says which field of a
// message cannot be read and why, and it has the last word on what is refused.

// packByMoov is Pack by moov, after all values that do not fit were found.
func (d *Dialect) packByMoov(dst []byte, m *Message) ([]byte, error) {
	c := d.codecs.Get().(*codec)
	var mask fieldMask
	var faults Faults
	if m.MTI > 9999 {
		faults = append(faults, Fault{Field: 0, Reason: "is not four digits", Code: RC30FormatError})
	}
	c.message.BinaryField(0, []byte(m.MTI.String()))
	for f, value := range m.Fields() {
		value = d.fields[f].pad(value)
		if reason := d.unfit(f, value); reason != "" {
			faults = append(faults, Fault{Field: f, Reason: reason, Code: RC30FormatError})
			continue
		}
		from := len(c.scratch)
		c.scratch = append(c.scratch, value...)
		if err := c.message.BinaryField(f, c.scratch[from:len(c.scratch):len(c.scratch)]); err != nil {
			return dst, fmt.Errorf("pack %s: field %d cannot be set", m.MTI, f)
		}
		mask.add(f)
	}
	if len(faults) > 0 {
		d.release(c, &mask)
		return dst, faults
	}
	packed, err := c.message.Pack()
	if err != nil {
		return dst, fmt.Errorf("pack %s: the codec refuses it", m.MTI)
	}
	d.release(c, &mask)
	return append(dst, packed...), nil
}

// unpackByMoov reads a message, whose head has been read, by moov.
func (d *Dialect) unpackByMoov(raw []byte, start int, mask fieldMask, m *Message) error {
	c := d.codecs.Get().(*codec)
	if err := c.message.Unpack(raw); err != nil {
		return d.salvage(c, err, &mask, m)
	}
	length := start
	for f := range mask.all() {
		value := string(c.message.GetField(f).(*field.Binary).Value())
		m.Set(f, value)
		length += d.fields[f].wireLength(value)
	}
	d.release(c, &mask)
	if length != len(raw) {
		return &UnpackError{MTIReadable: true, BitmapReadable: true, Path: "end",
			Reason: fmt.Sprintf("%d bytes behind the last field", len(raw)-length)}
	}
	return nil
}

// salvage copies the fields before the one that failed. The codec is dropped:
// what a failed message left in it is not known.
func (d *Dialect) salvage(c *codec, err error, mask *fieldMask, m *Message) error {
	out := &UnpackError{MTIReadable: true, BitmapReadable: true, Path: "message", Reason: "cannot be read"}
	var failed *moov.UnpackError
	if !errors.As(err, &failed) {
		return out
	}
	out.Field, _ = strconv.Atoi(failed.FieldID)
	if out.Field < 2 || out.Field > MaxField {
		out.Field = 0
		return out
	}
	for f := range mask.all() {
		if f >= out.Field {
			break
		}
		m.Set(f, string(c.message.GetField(f).(*field.Binary).Value()))
	}
	out.Path = "field " + failed.FieldID
	out.Reason = "not defined in this dialect"
	for _, reason := range []error{errShort, errLength, errHex} {
		if errors.Is(err, reason) {
			out.Reason = reason.Error()
		}
	}
	return out
}

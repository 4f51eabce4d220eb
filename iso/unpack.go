package iso

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	moov "github.com/moov-io/iso8583/errors"
	"github.com/moov-io/iso8583/field"
)

// UnpackError says how far a message could be read. Its text names fields and
// never their content.
type UnpackError struct {
	// MTIReadable and BitmapReadable say whether the two could be read. Where
	// one could not, nothing of the message can be trusted.
	MTIReadable, BitmapReadable bool
	// Field is the first field that could not be read, or 0 where the fields
	// were read but bytes were left over, or where Field has no meaning.
	Field int
	// Path names the place for people: "mti", "bitmap", "field 35", "end".
	Path string
	// Reason says what was wrong there.
	Reason string
}

// Error names the place and the reason.
func (e *UnpackError) Error() string { return "unpack " + e.Path + ": " + e.Reason }

// MustClose says that the connection has to be closed: message type or bitmap
// could not be read, so that no answer can be made. Otherwise the message is
// answered with response code 30.
func (e *UnpackError) MustClose() bool { return !e.MTIReadable || !e.BitmapReadable }

// Unpack reads the packed message raw into m, whatever m held before. The error
// is an *UnpackError; m then holds what was readable before the fault, so that
// an answer can echo it. The content of the fields is not judged: see Check.
func (d *Dialect) Unpack(raw []byte, m *Message) error {
	m.Reset()
	mask, start, err := readHead(raw, m)
	if err != nil {
		return err
	}
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

// readHead reads message type and bitmaps and gives the fields announced and
// where they begin. It stands before moov's own reading, which would follow
// bitmaps without end and could not say which of the two was unreadable.
func readHead(raw []byte, m *Message) (mask fieldMask, start int, err error) {
	if len(raw) < mtiLength {
		return mask, 0, &UnpackError{Path: "mti", Reason: "cut short"}
	}
	if m.MTI, err = ParseMTI(string(raw[:mtiLength])); err != nil {
		return mask, 0, &UnpackError{Path: "mti", Reason: "not four digits"}
	}
	start = mtiLength
	for half, more := 0, true; more; half++ {
		if half == 2 {
			return mask, 0, badBitmap("a third one is announced")
		}
		if len(raw) < start+bitmapLength {
			return mask, 0, badBitmap("cut short")
		}
		var bytes [8]byte
		if _, err := hex.Decode(bytes[:], raw[start:start+bitmapLength]); err != nil {
			return mask, 0, badBitmap("not hex digits")
		}
		start += bitmapLength
		more = bytes[0]&0x80 != 0
		bytes[0] &^= 0x80
		addBits(&mask, half*64, bytes)
	}
	if mask.empty() {
		return mask, 0, badBitmap("no field is announced")
	}
	return mask, start, nil
}

func badBitmap(reason string) error {
	return &UnpackError{MTIReadable: true, Path: "bitmap", Reason: reason}
}

// addBits adds the fields of one bitmap, whose first bit stands for field base+1.
func addBits(mask *fieldMask, base int, bytes [8]byte) {
	for i, b := range bytes {
		for bit := range 8 {
			if b&(0x80>>bit) != 0 {
				mask.add(base + 8*i + bit + 1)
			}
		}
	}
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

package iso

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// prove verifies the wire table against moov when a dialect is loaded: each field at the bounds of its length, all
// fields together, one byte too few and one too many. If they differ, this program or the library has a bug, and no
// message may be sent with it.
func (d *Dialect) prove() error {
	whole := Message{MTI: MTIPurchase}
	for f := 2; f <= MaxField; f++ {
		defined, ok := d.spec.Fields[f]
		if !ok {
			continue
		}
		shortest, longest := d.wire[f].min, defined.Spec().Length
		if defined.Spec().Pad != nil {
			shortest = 1 // packing pads it
		}
		for _, n := range slices.Compact([]int{shortest, (shortest + longest) / 2, longest}) {
			value := d.wire[f].charset.sample(n)
			if !d.wire[f].charset.holds(value) {
				continue // an empty number is not possible
			}
			m := Message{MTI: MTIPurchase}
			m.Set(f, value)
			whole.Set(f, value)
			if err := d.proveMessage(&m); err != nil {
				return fmt.Errorf("field %d with %d characters: %w", f, n, err)
			}
		}
		if err := d.proveLimit(f, longest+1); err != nil {
			return fmt.Errorf("field %d with %d characters: %w", f, longest+1, err)
		}
	}
	return d.proveMessage(&whole)
}

// proveMessage takes a good message. Without its last byte, and with an extra one, it must not be readable.
func (d *Dialect) proveMessage(m *Message) error {
	raw, taken := d.pack(nil, m)
	if !taken {
		return errDiffer
	}
	return errors.Join(d.writtenAlike(m), d.proveRead(raw, true), d.proveRead(raw[:len(raw)-1], false), d.proveRead(append(raw, '0'), false))
}

// proveLimit takes a value that is too long: it must not be packed, nor, if such a length exists, unpacked.
func (d *Dialect) proveLimit(f, n int) error {
	w, m := &d.wire[f], Message{MTI: MTIPurchase}
	m.Set(f, w.charset.sample(n))
	if _, taken := d.pack(nil, &m); taken {
		return errDiffer
	}
	if w.prefix == 0 || n == pow10(w.prefix) {
		return nil
	}
	raw := appendBitmaps([]byte(m.MTI.String()), m.set().present)
	return d.proveRead(append(appendDecimal(raw, n, w.prefix), m.Get(f)...), false)
}

// proveRead unpacks bytes both ways, which must succeed or fail as wanted.
func (d *Dialect) proveRead(raw []byte, want bool) error {
	read, err := d.readAlike(raw)
	if read != want {
		return errors.Join(errDiffer, err)
	}
	return err
}

var errDiffer = errors.New("the wire table and moov differ")

// readAlike unpacks bytes both ways: both must accept them, with the same values, or both refuse them. The result
// must be packed alike.
func (d *Dialect) readAlike(raw []byte) (read bool, err error) {
	var ours, theirs Message
	mask, start, err := readHead(raw, &ours)
	if err != nil {
		return false, nil
	}
	theirs.MTI = ours.MTI
	read = d.unpack(raw, start, mask, &ours)
	err = d.unpackByMoov(raw, start, mask, &theirs)
	switch {
	case read != (err == nil):
		return read, fmt.Errorf("%w: the table reads it: %t, moov says: %v", errDiffer, read, err)
	case read && !ours.equal(&theirs):
		return read, fmt.Errorf("%w in what they read", errDiffer)
	}
	return read, d.writtenAlike(&theirs)
}

// writtenAlike packs a message both ways: to the same bytes, or both refuse it.
func (d *Dialect) writtenAlike(m *Message) error {
	ours, taken := d.pack(nil, m)
	theirs, err := d.ByMoov().Pack(nil, m)
	if taken != (err == nil) || !bytes.Equal(ours, theirs) {
		return fmt.Errorf("%w in what they write", errDiffer)
	}
	return nil
}

// equal reports whether two messages have the same type, fields and values.
func (m *Message) equal(other *Message) bool {
	a, b := m.prepare(), other.prepare()
	return m.MTI == other.MTI && a.present == b.present && slices.Equal(a.values, b.values)
}

// sample returns a value of n characters of the character set.
func (c charset) sample(n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = '1' + byte(i%9)
		if c == charsetBytes || c == charsetHex {
			out[i] = byte(251 * i)
		}
	}
	if c == charsetSigned && n > 0 {
		out[0] = 'C'
	}
	return string(out)
}

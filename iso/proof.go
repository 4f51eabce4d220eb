package iso

import (
	"bytes"
	"fmt"
	"slices"
)

// prove holds the wire table against moov, field by field at the bounds of its
// length and with all fields together: both must write the same bytes, read the
// same values, and refuse what is one byte too short or too long. A difference is
// a bug of this program or of the library, and no message may be sent with it.
func (d *Dialect) prove() error {
	whole := Message{MTI: MTIPurchase}
	for f := range d.fields {
		format := &d.fields[f]
		if !format.known() {
			continue
		}
		for _, n := range format.lengths() {
			value := format.charset.sample(n)
			if !format.charset.holds(value) {
				continue // An empty number has no digits.
			}
			m := Message{MTI: MTIPurchase}
			m.Set(f, value)
			whole.Set(f, value)
			if err := d.proveMessage(&m); err != nil {
				return fmt.Errorf("field %d with %d characters: %w", f, n, err)
			}
		}
		long := Message{MTI: MTIPurchase}
		long.Set(f, format.charset.sample(format.max+1))
		if _, taken := d.pack(nil, &long); taken {
			return fmt.Errorf("field %d: the wire table takes %d characters", f, format.max+1)
		}
	}
	if err := d.proveMessage(&whole); err != nil {
		return fmt.Errorf("all fields: %w", err)
	}
	return nil
}

// proveMessage packs a good message both ways, reads it both ways, and reads it
// without its last byte and with one more.
func (d *Dialect) proveMessage(m *Message) error {
	ours, taken := d.pack(nil, m)
	theirs, err := d.packByMoov(nil, m)
	if err != nil || !taken || !bytes.Equal(ours, theirs) {
		return fmt.Errorf("the wire table and moov write differently")
	}
	var by, read Message
	mask, start, err := readHead(ours, &read)
	if err != nil || !d.unpack(ours, start, mask, &read) {
		return fmt.Errorf("the wire table does not read what it wrote")
	}
	if err := d.unpackByMoov(ours, start, mask, &by); err != nil {
		return fmt.Errorf("moov does not read it: %w", err)
	}
	if by.set().present != read.set().present || !slices.Equal(by.set().values, read.set().values) {
		return fmt.Errorf("the wire table and moov read differently")
	}
	for _, wrong := range [][]byte{ours[:len(ours)-1], append(ours, '0')} {
		read.Reset()
		by.Reset()
		if d.unpack(wrong, start, mask, &read) || d.unpackByMoov(wrong, start, mask, &by) == nil {
			return fmt.Errorf("a message of another length is read")
		}
	}
	return nil
}

// lengths are those at the bounds of a field, and one between them.
func (f *fieldFormat) lengths() []int {
	if f.prefix == 0 {
		return []int{f.max}
	}
	return slices.Compact([]int{f.min, (f.min + f.max) / 2, f.max})
}

// sample gives a value of n characters of the character set.
func (c charset) sample(n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = '0' + byte(i%10)
		if c == charsetBytes || c == charsetHex {
			out[i] = byte(251 * i)
		}
	}
	if c == charsetSigned && n > 0 {
		out[0] = 'C'
	}
	return string(out)
}

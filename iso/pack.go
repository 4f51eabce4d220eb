package iso

import "fmt"

// Pack appends the packed message to dst. Values of fixed fields are padded:
// numbers with zeros on the left, text with spaces on the right. A value that
// does not fit its field is refused, all of them together as Faults: nothing
// malformed ever leaves, and an empty fixed field never shifts the others.
func (d *Dialect) Pack(dst []byte, m *Message) ([]byte, error) {
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

// unfit gives the reason why a padded value cannot travel in field f, or "".
func (d *Dialect) unfit(f int, value string) string {
	if !d.fields[f].known() {
		return "is not defined in this dialect"
	}
	return d.fields[f].fits(value)
}

// Echo copies the named fields from one message to another, those that are
// there and can be packed. It serves answers to malformed requests, which
// repeat what was readable.
func (d *Dialect) Echo(to, from *Message, fields ...int) {
	for _, f := range fields {
		if v := from.Get(f); from.Has(f) && d.unfit(f, v) == "" {
			to.Set(f, v)
		}
	}
}

package iso

// Pack appends the packed message to dst. Values of fixed fields are padded: numbers with zeros on the left, text
// with spaces on the right. Values that do not fit their fields are refused, all of them together as Faults: nothing
// malformed ever leaves, and an empty fixed field never shifts the others.
func (d *Dialect) Pack(dst []byte, m *Message) ([]byte, error) {
	if !d.byMoov {
		if packed, ok := d.pack(dst, m); ok {
			return packed, nil
		}
	}
	if faults := d.unpackable(m); len(faults) > 0 {
		return dst, faults
	}
	return d.packByMoov(dst, m)
}

// unpackable lists the values of a message that cannot be packed.
func (d *Dialect) unpackable(m *Message) (faults Faults) {
	if m.MTI > 9999 {
		faults = append(faults, Fault{Field: 0, Reason: "is not four digits", Code: RC30FormatError})
	}
	for f, value := range m.Fields() {
		if reason := d.wire[f].fitsFilled(value); reason != "" {
			faults = append(faults, Fault{Field: f, Reason: reason, Code: RC30FormatError})
		}
	}
	return faults
}

// Fits reports whether a value has field f's format and length.
func (d *Dialect) Fits(f int, value string) bool { return d.wire[f].fits(value) == "" }

// Echo copies those of the listed fields that are present and can be packed from one message to another. It serves
// answers to malformed requests, which repeat what was readable.
func (d *Dialect) Echo(to, from *Message, fields ...int) {
	for _, f := range fields {
		if v := from.Get(f); from.Has(f) && d.Fits(f, v) {
			to.Set(f, v)
		}
	}
}

package iso

// Pack appends the packed message to dst. Values of fixed fields are padded:
// numbers with zeros on the left, text with spaces on the right. A value that
// does not fit its field is refused, all of them together as Faults: nothing
// malformed ever leaves, and an empty fixed field never shifts the others.
func (d *Dialect) Pack(dst []byte, m *Message) ([]byte, error) {
	if packed, ok := d.pack(dst, m); ok {
		return packed, nil
	}
	return d.packByMoov(dst, m)
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

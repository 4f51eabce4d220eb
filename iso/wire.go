package iso

import "strings"

// pack appends the message to dst as Pack does. If it is false, for whatever reason, dst is untouched, also beyond
// its end.
func (d *Dialect) pack(dst []byte, m *Message) ([]byte, bool) {
	if m.MTI > 9999 {
		return dst, false
	}
	t := m.MTI
	out := append(dst, '0'+byte(t/1000), '0'+byte(t/100%10), '0'+byte(t/10%10), '0'+byte(t%10))
	fields := m.set()
	if fields == nil {
		return appendBitmaps(out, fieldMask{}), true
	}
	out = appendBitmaps(out, fields.present)
	next := 0
	for half, word := range fields.present {
		for ; word != 0; word &= word - 1 {
			w := &d.wire[fieldOf(half, word)]
			fitting := false
			if out, fitting = w.append(out, fields.values[next]); !fitting {
				clear(out[len(dst):]) // some of it may be secret
				return dst, false
			}
			next++
		}
	}
	return out, true
}

// append appends one value, padded, after its length; false if it does not fit.
func (w *wireField) append(out []byte, value string) ([]byte, bool) {
	n := len(value)
	if !w.known || n > w.max || !w.charset.holds(value) {
		return out, false
	}
	switch {
	case w.prefix > 0 && n >= w.min:
		return append(appendDecimal(out, n, w.prefix), value...), true
	case w.hex && n == w.max:
		return appendHex(out, value), true
	case w.prefix > 0 || w.hex || n == 0:
		return out, false
	case n == w.max:
		return append(out, value...), true
	}
	if w.fill == 0 {
		return out, false
	}
	if !w.left {
		out = append(out, value...)
	}
	for ; n < w.max; n++ {
		out = append(out, w.fill)
	}
	if w.left {
		out = append(out, value...)
	}
	return out, true
}

// unpack reads the fields of a message whose head has been read. If they cannot be read, or do not end with the
// message, it is false, and m has none.
//
// The values of a message share two allocations and not one: keeping a terminal's number must not keep a card number
// alive. Fields that the dialect does not show in plain are in the second.
func (d *Dialect) unpack(raw []byte, start int, mask fieldMask, m *Message) bool {
	open, secret, ok := d.measure(raw[start:], mask)
	if !ok {
		return false
	}
	var opened, hidden strings.Builder
	opened.Grow(open)
	hidden.Grow(secret)
	fields := m.prepare()
	fields.reserve(mask.count())
	fields.present = mask
	rest := raw[start:]
	for half, word := range mask {
		for ; word != 0; word &= word - 1 {
			w := &d.wire[fieldOf(half, word)]
			from, to, _ := w.find(rest)
			into := &opened
			if w.secret {
				into = &hidden
			}
			at := into.Len()
			w.decode(into, rest[from:to])
			fields.values = append(fields.values, into.String()[at:])
			rest = rest[to:]
		}
	}
	return true
}

// measure returns the bytes that the values of all fields take, open and secret ones; false if they cannot be read,
// or if bytes are left over.
func (d *Dialect) measure(rest []byte, mask fieldMask) (open, secret int, ok bool) {
	for half, word := range mask {
		for ; word != 0; word &= word - 1 {
			w := &d.wire[fieldOf(half, word)]
			from, to, ok := w.find(rest)
			if !ok || w.hex && !isHex(rest[from:to]) {
				return 0, 0, false
			}
			if w.secret {
				secret += to - from
			} else {
				open += to - from
			}
			rest = rest[to:]
		}
	}
	return open, secret, len(rest) == 0
}

// find returns where the field's value is at the beginning of rest.
func (w *wireField) find(rest []byte) (from, to int, ok bool) {
	if !w.known {
		return 0, 0, false
	}
	to = w.max
	switch {
	case w.hex:
		to = 2 * w.max
	case w.prefix > 0:
		if from, to, ok = w.prefixed(rest); !ok {
			return 0, 0, false
		}
	}
	return from, to, to <= len(rest)
}

// prefixed is find for a field with a length prefix.
func (w *wireField) prefixed(rest []byte) (from, to int, ok bool) {
	if len(rest) < w.prefix {
		return 0, 0, false
	}
	n := 0
	for _, c := range rest[:w.prefix] {
		if c < '0' || c > '9' {
			return 0, 0, false
		}
		n = n*10 + int(c-'0')
	}
	return w.prefix, w.prefix + n, n <= w.max
}

// decode appends the value of a field to the text that holds it.
func (w *wireField) decode(into *strings.Builder, wire []byte) {
	if !w.hex {
		into.Write(wire)
		return
	}
	for i := 0; i < len(wire); i += 2 {
		into.WriteByte(unhex[wire[i]]<<4 | unhex[wire[i+1]])
	}
}

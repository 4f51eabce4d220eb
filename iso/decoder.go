package iso

import (
	"encoding/hex"
	"errors"
	"strconv"

	"treasury-switch/identity"
	"treasury-switch/internal/digits"
	"treasury-switch/money"
)

// decoder reads the fields of a message into domain types and collects the faults. Unreadable values stay zero.
type decoder struct {
	m      *Message
	faults Faults
}

func (d *decoder) fault(f int, reason string, code Code) {
	d.faults = append(d.faults, Fault{Field: f, Reason: reason, Code: code})
}

// need returns a mandatory field.
func (d *decoder) need(f int) string {
	v := d.m.Get(f)
	if v == "" {
		d.fault(f, "is missing", RC30FormatError)
	}
	return v
}

// formed returns a mandatory field of a form.
func (d *decoder) formed(f int, rule form) string {
	v := d.need(f)
	if v != "" {
		if reason := rule.reject(v); reason != "" {
			d.fault(f, reason, RC30FormatError)
		}
	}
	return v
}

// optional returns a field that may be absent but not malformed.
func (d *decoder) optional(f int, rule form) string {
	if !d.m.Has(f) {
		return ""
	}
	return d.formed(f, rule)
}

// amount returns a mandatory amount in rial.
func (d *decoder) amount(f int) money.Rial {
	v := d.need(f)
	if v == "" {
		return 0
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || !digits.Only(v) {
		d.fault(f, "is not an amount", RC30FormatError)
		return 0
	}
	return money.Rial(n)
}

// amountIf returns an amount in rial, or 0 if it is absent.
func (d *decoder) amountIf(f int) money.Rial {
	if !d.m.Has(f) {
		return 0
	}
	return d.amount(f)
}

// pan returns F2. A wrong check digit is an invalid card (14), anything else a malformed field (30).
func (d *decoder) pan() identity.PAN {
	if !d.m.Has(FieldPAN) {
		return identity.PAN{}
	}
	p, err := identity.ParsePAN(d.m.Get(FieldPAN))
	d.card(FieldPAN, err)
	return p
}

// card reports why a card number could not be read.
func (d *decoder) card(f int, err error) {
	switch {
	case errors.Is(err, identity.ErrLuhn):
		d.fault(f, "has a wrong check digit", RC14InvalidCard)
	case err != nil:
		d.fault(f, "is not a card number", RC30FormatError)
	}
}

// code returns F39, which is mandatory.
func (d *decoder) code() Code { return Code(d.need(FieldCode)) }

// original returns F90.
func (d *decoder) original() OriginalData {
	o, err := ParseOriginalData(d.need(FieldOriginal))
	if err != nil && d.m.Has(FieldOriginal) {
		d.fault(FieldOriginal, "does not name an original message", RC30FormatError)
	}
	return o
}

// expect checks the message type against those of the struct.
func (d *decoder) expect(types ...MTI) {
	for _, t := range types {
		if d.m.MTI == t {
			return
		}
	}
	d.fault(0, "is another message type", RC30FormatError)
}

// setAmount writes an amount as twelve digits. One that does not fit F4 is written unchanged, so that packing refuses
// it.
func setAmount(m *Message, f int, a money.Rial) {
	const width = 12
	if a < 0 || a > 999_999_999_999 {
		m.Set(f, zerosTo(width, strconv.FormatInt(int64(a), 10)))
		return
	}
	var text [width]byte
	m.Set(f, string(appendDecimal(text[:0], int(a), width)))
}

// zerosTo pads with zeros to a width and never truncates.
func zerosTo(width int, s string) string {
	if len(s) >= width {
		return s
	}
	return zeros(s, width)
}

// pinBlock returns F52, whose value in a Message is 8 bytes.
func (d *decoder) pinBlock() identity.PINBlock {
	if !d.m.Has(FieldPIN) {
		return identity.PINBlock{}
	}
	var text [32]byte // twice the right length: a longer value is no PIN block
	b, err := identity.ParsePINBlock(string(appendHex(text[:0], d.m.Get(FieldPIN))))
	if err != nil {
		d.fault(FieldPIN, "is not a PIN block", RC30FormatError)
	}
	return b
}

// setPINBlock writes F52 if there is a PIN block.
func setPINBlock(m *Message, b identity.PINBlock) {
	if b.IsZero() {
		return
	}
	var bytes [8]byte
	if _, err := hex.Decode(bytes[:], []byte(b.Reveal())); err == nil {
		m.Set(FieldPIN, string(bytes[:]))
	}
}

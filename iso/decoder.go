package iso

import (
	"encoding/hex"
	"errors"
	"strconv"

	"treasury-switch/identity"
	"treasury-switch/internal/digits"
	"treasury-switch/money"
)

// decoder reads the fields of a message into domain types and collects what is
// wrong with them. Values it cannot read stay zero.
type decoder struct {
	m      *Message
	faults Faults
}

func (d *decoder) fault(f int, reason string, code Code) {
	d.faults = append(d.faults, Fault{Field: f, Reason: reason, Code: code})
}

// need gives a field that must be there.
func (d *decoder) need(f int) string {
	v := d.m.Get(f)
	if v == "" {
		d.fault(f, "is missing", RC30FormatError)
	}
	return v
}

// formed gives a field that must be there and of a form.
func (d *decoder) formed(f int, rule form) string {
	v := d.need(f)
	if v != "" {
		if reason := rule.reject(v); reason != "" {
			d.fault(f, reason, RC30FormatError)
		}
	}
	return v
}

// optional gives a field that may be absent but not malformed.
func (d *decoder) optional(f int, rule form) string {
	if !d.m.Has(f) {
		return ""
	}
	return d.formed(f, rule)
}

// amount gives an amount in rial that must be there.
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

// amountIf gives an amount in rial, or 0 where it is absent.
func (d *decoder) amountIf(f int) money.Rial {
	if !d.m.Has(f) {
		return 0
	}
	return d.amount(f)
}

// pan gives F2. A wrong check digit is an invalid card (14), anything else a
// malformed field (30).
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

// code gives F39, which must be there.
func (d *decoder) code() Code { return Code(d.need(FieldCode)) }

// original gives F90.
func (d *decoder) original() OriginalData {
	o, err := ParseOriginalData(d.need(FieldOriginal))
	if err != nil && d.m.Has(FieldOriginal) {
		d.fault(FieldOriginal, "does not name an original message", RC30FormatError)
	}
	return o
}

// expect holds the message type against those the struct stands for.
func (d *decoder) expect(types ...MTI) {
	for _, t := range types {
		if d.m.MTI == t {
			return
		}
	}
	d.fault(0, "is another message type", RC30FormatError)
}

// setAmount writes an amount as twelve digits. An amount outside F4 is written
// as it is, so that packing refuses it.
func setAmount(m *Message, f int, a money.Rial) {
	const width = 12
	if a < 0 || a > 999_999_999_999 {
		m.Set(f, zerosTo(width, strconv.FormatInt(int64(a), 10)))
		return
	}
	var text [width]byte
	m.Set(f, string(appendDecimal(text[:0], int(a), width)))
}

// zerosTo pads to a number of characters and cuts nothing off.
func zerosTo(width int, s string) string {
	if len(s) >= width {
		return s
	}
	return zeros(s, width)
}

// pinBlock gives F52, whose value in a Message is 8 bytes.
func (d *decoder) pinBlock() identity.PINBlock {
	if !d.m.Has(FieldPIN) {
		return identity.PINBlock{}
	}
	var text [32]byte // twice what is right: a longer value is no PIN block
	b, err := identity.ParsePINBlock(string(appendHex(text[:0], d.m.Get(FieldPIN))))
	if err != nil {
		d.fault(FieldPIN, "is not a PIN block", RC30FormatError)
	}
	return b
}

// setPINBlock writes F52, where there is one.
func setPINBlock(m *Message, b identity.PINBlock) {
	if b.IsZero() {
		return
	}
	var bytes [8]byte
	if _, err := hex.Decode(bytes[:], []byte(b.Reveal())); err == nil {
		m.Set(FieldPIN, string(bytes[:]))
	}
}

package iso

import "fmt"

// macDigits is the length of a MAC on the wire: 8 bytes as hex digits.
const macDigits = 16

// MACField is the field where the message's MAC belongs: 128 where a field
// above 64 is present, 64 otherwise (ISO 8583:1987).
func (m *Message) MACField() int {
	if m.fields != nil && m.set().present[1] != 0 {
		return 128
	}
	return 64
}

// Covered gives what the MAC of a received message covers, the packed message
// up to the MAC field, and the MAC's 8 bytes. It is false where m, unpacked
// from raw, has no MAC in its last field.
func (m *Message) Covered(raw []byte) (covered []byte, mac string, ok bool) {
	f := m.MACField()
	if !m.Has(f) || len(raw) < macDigits {
		return nil, "", false
	}
	return raw[:len(raw)-macDigits], m.Get(f), true
}

// PackMAC packs the message with a MAC in the field where it belongs. sign is
// given the packed message up to that field and gives the 8 bytes.
func (d *Dialect) PackMAC(dst []byte, m *Message, sign func(covered []byte) ([8]byte, error)) ([]byte, error) {
	f := m.MACField()
	m.Set(f, string(make([]byte, 8)))
	start := len(dst)
	packed, err := d.Pack(dst, m)
	if err != nil {
		return dst, err
	}
	end := len(packed) - macDigits
	mac, err := sign(packed[start:end:end])
	if err != nil {
		return dst, fmt.Errorf("pack %s: sign: %w", m.MTI, err)
	}
	m.Set(f, string(mac[:]))
	onWire, _ := hexBytes{}.Encode(mac[:])
	copy(packed[end:], onWire)
	return packed, nil
}

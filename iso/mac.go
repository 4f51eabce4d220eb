package iso

// MACField is the field where the message's MAC belongs: 128 where a field
// above 64 is present, 64 otherwise (ISO 8583:1987).
func (m *Message) MACField() int {
	if m.fields != nil && m.set().present[1] != 0 {
		return 128
	}
	return 64
}

package iso

// MACField is the field of the message's MAC: 128 if a field above 64 is present, otherwise 64 (ISO 8583:1987).
func (m *Message) MACField() int {
	if m.fields != nil && m.set().present[1] != 0 {
		return 128
	}
	return 64
}

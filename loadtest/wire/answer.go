package wire

import (
	"encoding/binary"

	"treasury-switch/iso"
)

// Answer is the fields of an answer that a terminal looks at. Its slices point into the packed message.
type Answer struct {
	Type     uint16 // 210 is 0210
	STAN     uint32 // F11
	Terminal uint32 // F41, where it is a number
	Code     [2]byte
	Amount   uint64 // F4
	RRN      []byte // F37
}

// Scan reads a packed answer. It does not allocate.
func (a *Answer) Scan(payload []byte) error {
	*a = Answer{}
	if len(payload) < typeDigits {
		return errShape
	}
	kind, ok := number(payload[:typeDigits])
	if !ok {
		return errShape
	}
	a.Type = uint16(kind)
	// The visitor is written out here, where the compiler keeps it and the answer off the heap.
	err := walk(payload, func(field, from, to int) {
		value := payload[from:to]
		switch field {
		case iso.FieldAmount:
			a.Amount, _ = number(value)
		case iso.FieldSTAN:
			n, _ := number(value)
			a.STAN = uint32(n)
		case iso.FieldRRN:
			a.RRN = value
		case iso.FieldCode:
			copy(a.Code[:], value)
		case iso.FieldTerminal:
			n, _ := number(value)
			a.Terminal = uint32(n)
		}
	})
	return err
}

// Next cuts the first complete message off a stream of frames: what follows it is rest. Without a complete one, payload is nil.
func Next(stream []byte) (payload, rest []byte) {
	if len(stream) < frameHead {
		return nil, stream
	}
	end := frameHead + int(binary.BigEndian.Uint16(stream))
	if len(stream) < end {
		return nil, stream
	}
	return stream[frameHead:end], stream[end:]
}

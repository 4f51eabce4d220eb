package network

import (
	"fmt"

	"treasury-switch/iso"
)

// Key is what an answer is matched on: the class of the message type, STAN, terminal and transmission time. The STAN
// alone wraps within a busy day. A repeat (0421) has the key of its original (0420).
type Key struct {
	class        uint8
	stan         [6]byte
	terminal     [8]byte
	transmission [10]byte
}

// KeyOf reads the key of a request or an answer; false if the STAN or the transmission time is missing or has a wrong
// length.
func KeyOf(m *iso.Message) (Key, bool) {
	k := Key{class: uint8(m.MTI.Class())}
	stan, sent, terminal := m.Get(iso.FieldSTAN), m.Get(iso.FieldTransmission), m.Get(iso.FieldTerminal)
	if len(stan) != len(k.stan) || len(sent) != len(k.transmission) || len(terminal) > len(k.terminal) {
		return Key{}, false
	}
	copy(k.stan[:], stan)
	copy(k.transmission[:], sent)
	n := copy(k.terminal[:], terminal)
	for ; n < len(k.terminal); n++ {
		k.terminal[n] = ' ' // as it is padded on the wire
	}
	return k, true
}

// String names the key in logs and errors; nothing in it is secret.
func (k Key) String() string {
	return fmt.Sprintf("class %d stan %s terminal %s at %s", k.class, k.stan[:], k.terminal[:], k.transmission[:])
}

package payment

import (
	"bytes"
	"testing"
)

// An id is led by the second of the day, and otherwise is the hash: a repeat has the same, another request another one.
func TestIDsAreLedByTheTime(t *testing.T) {
	hash := [16]byte{0: 1, 2: 3, timeBytes: 4, 15: 16}
	last := NewID(hash, "000000")
	for _, time := range []string{"000001", "000059", "000100", "005959", "010000", "095959", "100000", "235959"} {
		id := NewID(hash, time)
		if bytes.Compare(last[:], id[:]) >= 0 || !bytes.Equal(id[timeBytes:], hash[timeBytes:]) || id != NewID(hash, time) {
			t.Errorf("%s: id %x after %x", time, id, last)
		}
		last = id
	}
	if last[0] != 1 || last[1] != 0x51 || last[2] != 0x7f { // 86,399
		t.Errorf("the last second of a day leads to %x", last)
	}
	for _, nonsense := range []string{"", "12", "ab:c\xff!", "123456789"} {
		if id := NewID(hash, nonsense); !bytes.Equal(id[timeBytes:], hash[timeBytes:]) {
			t.Errorf("%q leads to %x", nonsense, id)
		}
	}
}

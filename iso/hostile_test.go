package iso

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"
)

// TestL2_LengthHeader: length 0, 65535 and over the limit are errors of their
// own after which the caller closes, and a huge length allocates nothing.
func TestL2_LengthHeader(t *testing.T) {
	for length, want := range map[int]error{0: ErrEmptyFrame, 65535: ErrFrameTooLong, DefaultMaxFrame + 1: ErrFrameTooLong} {
		stream := append(binary.BigEndian.AppendUint16(nil, uint16(length)), make([]byte, 100)...)
		spent := allocated(func() {
			if _, _, err := NewReader(bytes.NewReader(stream), Framing{}).ReadFrame(nil); !errors.Is(err, want) {
				t.Errorf("length %d: %v, want %v", length, err, want)
			}
		})
		if spent > DefaultMaxFrame {
			t.Errorf("length %d allocates %d bytes", length, spent)
		}
	}
}

// TestL3_HostileBitmapAndLengths: every bit set, bitmaps without end and lengths
// past the message are errors, and none costs more than a few frames of memory.
func TestL3_HostileBitmapAndLengths(t *testing.T) {
	head := "0200" + "B000000000000000" + "4000000000000000" // F2, F3 and F66
	for name, raw := range map[string]string{
		"every bit":            "0200" + strings.Repeat("F", DefaultMaxFrame-4),
		"every field known":    "0200" + "7FFFFFFFFFFFFFFF" + strings.Repeat("1", DefaultMaxFrame-20),
		"longest lengths":      "0200" + "0000000000010000" + "999" + strings.Repeat("S", DefaultMaxFrame-23),
		"length past the end":  "0200" + "0000000000010000" + "999" + "SVC999" + strings.Repeat("x", 500),
		"nested past the end":  head + "19" + strings.Repeat("9", 10),
		"many fields at 999":   "0200" + "000000000000001C" + strings.Repeat("999"+strings.Repeat("9", 999), 3),
		"second bitmap at end": "0200" + "8000000000000000",
	} {
		var m Message
		d := TerminalDialect()
		_ = d.Unpack([]byte(raw), &m) // the pool and the message have their memory now
		var err error
		spent := allocated(func() { err = d.Unpack([]byte(raw), &m) })
		if spent > 4*DefaultMaxFrame {
			t.Errorf("%s: %d bytes allocated for %d", name, spent, len(raw))
		}
		if err == nil {
			if _, private := ParsePrivate(m.Get(48)); m.Has(48) && private == nil {
				t.Errorf("%s was read", name)
			}
		}
	}
}

// allocated gives the bytes that f allocates: the least of several times, because the
// runtime's own, such as those of a new thread, are counted with them.
func allocated(f func()) uint64 {
	least := uint64(math.MaxUint64)
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

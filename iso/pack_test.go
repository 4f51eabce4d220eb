package iso

import (
	"errors"
	"strings"
	"testing"
)

func TestPackPads(t *testing.T) {
	m := Message{MTI: MTIPurchase}
	m.Set(4, "1476112")
	m.Set(37, "AB")
	m.Set(41, "T1")
	packed, err := TerminalDialect().Pack([]byte("head"), &m)
	if want := "head0200" + "1000000008800000" + "000001476112" + "AB          " + "T1      "; err != nil || string(packed) != want {
		t.Errorf("packed %q, %v\nwant   %q", packed, err, want)
	}
}

// TestPackRefuses holds every value that does not fit: all are named, nothing
// is written, and the codec is clean for the next message.
func TestPackRefuses(t *testing.T) {
	d := TerminalDialect()
	m := Message{MTI: 12345}
	for f, v := range map[int]string{
		2: "603799000000001x", 3: "", 4: "1234567890123", 8: "00000000", 35: "not a track", 39: "0\x00", 41: "پایانه۱", 43: "short",
		44: strings.Repeat("x", 26), 52: "7 bytes", 97: "X0000000000000001",
	} {
		m.Set(f, v)
	}
	out, err := d.Pack([]byte("head"), &m)
	var faults Faults
	if !errors.As(err, &faults) || string(out) != "head" {
		t.Fatalf("packed %q, %v", out, err)
	}
	var got []int
	for _, one := range faults {
		got = append(got, one.Field)
	}
	if want := []int{0, 2, 3, 4, 8, 35, 39, 41, 43, 44, 52, 97}; len(got) != len(want) {
		t.Errorf("faults in %v, want %v", got, want)
	}
	if raw, err := d.Pack(nil, samplePurchase()); err != nil || d.Unpack(raw, &m) != nil || differ(samplePurchase(), &m) != "" {
		t.Errorf("the next message: %v", err)
	}
}

func TestEchoTakesWhatCanBePacked(t *testing.T) {
	from, to := Message{MTI: MTIPurchase}, Message{MTI: MTIPurchaseAnswer}
	from.Set(4, "00000000000x")
	from.Set(11, "000123")
	from.Set(41, "10100001")
	TerminalDialect().Echo(&to, &from, 4, 11, 12, 41)
	to.Set(39, string(RC30FormatError))
	if got := to.String(); got != "0210 F11=000123 F39=30 F41=10100001" {
		t.Error(got)
	}
	if _, err := TerminalDialect().Pack(nil, &to); err != nil {
		t.Error(err)
	}
}

func TestSetOutsideTheFieldsPanics(t *testing.T) {
	for _, f := range []int{-1, 0, 1, 129} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("field %d was set", f)
				}
			}()
			new(Message).Set(f, "x")
		}()
		if m := samplePurchase(); m.Get(f) != "" || m.Has(f) {
			t.Errorf("field %d is there", f)
		}
	}
}

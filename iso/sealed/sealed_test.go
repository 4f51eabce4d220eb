package sealed

import (
	"errors"
	"testing"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/security/mac"
)

// signed is a codec with a MAC.
func signed(t *testing.T) Codec {
	t.Helper()
	key, err := mac.ParseKey("0123456789ABCDEFFEDCBA9876543210")
	if err != nil {
		t.Fatal(err)
	}
	code, err := mac.New(mac.Retail, key)
	if err != nil {
		t.Fatal(err)
	}
	return Codec{Dialect: iso.ShetabDialect(), MAC: code}
}

// message has a field above 64 only if the MAC is to stand in 128.
func message(second bool) *iso.Message {
	m := &iso.Message{MTI: iso.MTIPurchase}
	m.Set(7, "1121084500")
	m.Set(11, "000001")
	if second {
		m.Set(100, "581672000")
	}
	return m
}

// payload cuts the length off a frame.
func payload(t *testing.T, c Codec, m *iso.Message) []byte {
	t.Helper()
	frame, err := c.Append(nil, m, iso.TPDU{})
	if err != nil {
		t.Fatal(err)
	}
	return frame[2:]
}

// TestMACIsTheLastField: 64, or 128 when a field above 64 is present, also in a
// message that comes with the wrong one of the two.
func TestMACIsTheLastField(t *testing.T) {
	c := signed(t)
	for _, second := range []bool{false, true} {
		m := message(second)
		m.Set(64, "leftover")
		m.Set(128, "leftover")
		packed := payload(t, c, m)
		if m.Has(64) == second || m.Has(128) != second {
			t.Errorf("second bitmap %v: fields 64 %v, 128 %v", second, m.Has(64), m.Has(128))
		}
		got := new(iso.Message)
		if err := c.Open(packed, got); err != nil {
			t.Errorf("second bitmap %v: %v", second, err)
		}
		if got.Get(11) != "000001" || got.Get(64)+got.Get(128) == mac.Placeholder {
			t.Errorf("second bitmap %v: the message came back otherwise", second)
		}
		packed[len(packed)-20] ^= 1 // A digit of the field before the MAC.
		if err := c.Open(packed, got); !errors.Is(err, mac.ErrMismatch) {
			t.Errorf("second bitmap %v: a changed byte gives %v", second, err)
		}
	}
}

// TestOpen_WithoutMAC: a message without a MAC is not to be trusted where one is
// agreed, and one with a MAC is read where none is.
func TestOpen_WithoutMAC(t *testing.T) {
	with, without := signed(t), Codec{Dialect: iso.ShetabDialect()}
	if err := with.Open(payload(t, without, message(false)), new(iso.Message)); !errors.Is(err, mac.ErrMismatch) {
		t.Errorf("without a MAC: %v", err)
	}
	if err := without.Open(payload(t, with, message(true)), new(iso.Message)); err != nil {
		t.Errorf("with a MAC that nobody checks: %v", err)
	}
}

// TestAppend_LeavesTheFrameAlone on an error.
func TestAppend_LeavesTheFrameAlone(t *testing.T) {
	c := signed(t)
	m := message(false)
	m.Set(4, "no amount")
	if got, err := c.Append([]byte("before"), m, iso.TPDU{}); string(got) != "before" || !fault.Is(err, fault.Invalid) {
		t.Errorf("got %q, %v", got, err)
	}
	c.Framing.Max = 20
	if got, err := c.Append([]byte("before"), message(true), iso.TPDU{}); string(got) != "before" || !fault.Is(err, fault.Invalid) {
		t.Errorf("over the limit: got %q, %v", got, err)
	}
}

// TestReleasedFrameIsWiped: a frame whose memory is used again holds nothing of the
// message that was in it, nor does one that could not be made.
func TestReleasedFrameIsWiped(t *testing.T) {
	c := signed(t)
	f, err := c.Frame(message(true), iso.TPDU{})
	if err != nil {
		t.Fatal(err)
	}
	bytes := f.bytes
	if string(f.AppendTo(nil)) != string(bytes) || len(bytes) == 0 {
		t.Error("the frame is written otherwise")
	}
	f.Release()
	for _, b := range bytes {
		if b != 0 {
			t.Fatal("the frame holds what was in it")
		}
	}
	c.Framing.Max = 20
	if _, err := c.Frame(message(true), iso.TPDU{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("over the limit: %v", err)
	}
	if _, err := c.FramePayload(nil, iso.TPDU{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("nothing in it: %v", err)
	}
}

// TestUnreadable tells what closes a connection from what is answered.
func TestUnreadable(t *testing.T) {
	c := Codec{Dialect: iso.ShetabDialect()}
	good := payload(t, c, message(true))
	for name, test := range map[string]struct {
		payload    []byte
		unreadable bool
		faults     bool
	}{
		"good head, missing fields": {good, false, true},
		"last field cut":            {good[:len(good)-1], false, true},
		"bitmap cut":                {good[:10], true, true},
		"no type":                   {[]byte("xxxx"), true, true},
	} {
		m := new(iso.Message)
		err := c.Open(test.payload, m)
		if Unreadable(err) != test.unreadable {
			t.Errorf("%s: unreadable %v, error %v", name, Unreadable(err), err)
		}
		if faults := c.Faults(err, m, iso.ToNetwork); (len(faults) > 0) != test.faults {
			t.Errorf("%s: faults %v", name, faults)
		}
	}
}

package mac

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"treasury-switch/internal/fault"
)

// unsealed is the MAC field on the wire before Seal.
const unsealed = "0000000000000000"

// algorithms pairs each algorithm with a key that fits it.
var algorithms = map[Algorithm]string{
	DESCBC:  "0123456789ABCDEF",
	Retail:  "0123456789ABCDEFFEDCBA9876543210",
	AESCMAC: rfcKey,
}

// TestVerify_EveryChangedByteIsFound changes each byte of a sealed message in turn.
func TestVerify_EveryChangedByteIsFound(t *testing.T) {
	for algorithm, key := range algorithms {
		code := build(t, algorithm, key)
		packed := []byte("0800822000000000000104000000000000000000000000301" + unsealed)
		if err := Seal(code, packed); err != nil {
			t.Fatal(err)
		}
		if err := Verify(code, packed); err != nil {
			t.Fatalf("%s: a sealed message does not verify: %v", algorithm, err)
		}
		for i := range packed {
			changed := bytes.Clone(packed)
			changed[i] ^= 1
			if err := Verify(code, changed); !errors.Is(err, ErrMismatch) {
				t.Fatalf("%s: byte %d changed and the message still verifies: %v", algorithm, i, err)
			}
		}
	}
}

// TestVerify_RefusesWhatIsNoCode covers fields that hold no code at all.
func TestVerify_RefusesWhatIsNoCode(t *testing.T) {
	code := build(t, Retail, algorithms[Retail])
	for name, packed := range map[string]string{
		"empty":            "",
		"only the field":   unsealed,
		"not hexadecimal":  "0800message" + "GGGGGGGGGGGGGGGG",
		"spaces":           "0800message" + "                ",
		"placeholder left": "0800message" + unsealed,
	} {
		if err := Verify(code, []byte(packed)); !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: got %v, want ErrMismatch", name, err)
		}
	}
}

// TestVerify_AcceptsLowerCase because parties write hexadecimal either way.
func TestVerify_AcceptsLowerCase(t *testing.T) {
	code := build(t, AESCMAC, rfcKey)
	packed := []byte("0810 body of a message" + unsealed)
	if err := Seal(code, packed); err != nil {
		t.Fatal(err)
	}
	n := len(packed) - fieldSize
	copy(packed[n:], bytes.ToLower(packed[n:]))
	if err := Verify(code, packed); err != nil {
		t.Error(err)
	}
}

// TestEmptyMessage is one block of zeros to the algorithms of DES, and a MAC field alone is no message.
func TestEmptyMessage(t *testing.T) {
	for _, algorithm := range []Algorithm{DESCBC, Retail} {
		code := build(t, algorithm, algorithms[algorithm])
		if empty, zeros := code.Sum(nil), code.Sum(make([]byte, 8)); empty != zeros {
			t.Errorf("%s of nothing is %x, of zeros %x", algorithm, empty, zeros)
		}
		alone := upperHex(code.Sum(nil))
		if err := Verify(code, alone); !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: a MAC field alone: %v", algorithm, err)
		}
	}
	if key, err := ParseKey(rfcKey); err != nil || key.IsZero() || !(Key{}).IsZero() {
		t.Errorf("a key is zero: %t, %v", key.IsZero(), err)
	}
}

// TestSeal_TooShort is a caller's bug and must not write outside the message.
func TestSeal_TooShort(t *testing.T) {
	code := build(t, DESCBC, algorithms[DESCBC])
	if err := Seal(code, make([]byte, fieldSize)); !fault.Is(err, fault.Bug) {
		t.Errorf("got %v, want a bug", err)
	}
}

// TestNew_RefusesKeysThatDoNotFit lists the combinations nobody may configure.
func TestNew_RefusesKeysThatDoNotFit(t *testing.T) {
	for _, c := range []struct {
		algorithm Algorithm
		key       string
	}{
		{DESCBC, rfcKey},
		{Retail, "0123456789ABCDEF"},
		{Retail, "0123456789ABCDEF0123456789ABCDEF"},
		{AESCMAC, "0123456789ABCDEF"},
		{"hmac-md5", rfcKey},
	} {
		key, err := ParseKey(c.key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := New(c.algorithm, key); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s with %d bytes: got %v, want invalid", c.algorithm, len(c.key)/2, err)
		}
	}
	for _, text := range []string{"", "zz", "01234567", strings.Repeat("00", 33)} {
		if _, err := ParseKey(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("key text of %d characters: got %v, want invalid", len(text), err)
		}
	}
}

// TestKey_NeverPrints tries every way by which a key or an algorithm under a key
// could reach a log or a file.
func TestKey_NeverPrints(t *testing.T) {
	key, err := ParseKey(rfcKey)
	if err != nil {
		t.Fatal(err)
	}
	things := []any{key, &key, struct{ K Key }{key}}
	for algorithm, k := range algorithms {
		things = append(things, build(t, algorithm, k))
	}
	for _, thing := range things {
		var out strings.Builder
		fmt.Fprintf(&out, "%v %+v %#v %s %x %X %d %q", thing, thing, thing, thing, thing, thing, thing, thing)
		encoded, err := json.Marshal(thing)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(encoded)
		slog.New(slog.NewTextHandler(&out, nil)).Info("key", "key", thing)
		if _, whole := thing.(struct{ K Key }); !whole && !strings.HasPrefix(out.String(), strings.Repeat(masked+" ", 7)+masked) {
			t.Errorf("%T prints %s", thing, out.String())
		}
		text := strings.ToUpper(out.String())
		for _, leak := range []string{"2B7E15", "43 126 21", "43, 126, 21", "0X2B, 0X7E", "0123456789ABCDEF", "FBEED618"} {
			if strings.Contains(text, leak) {
				t.Errorf("%T printed key bytes (%s)", thing, leak)
			}
		}
	}
}

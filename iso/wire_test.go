package iso

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/moov-io/iso8583/prefix"

	"treasury-switch/internal/fault"
)

// sameAsMoov reads bytes with the wire table and with moov, and writes what they hold.
func sameAsMoov(t testing.TB, d *Dialect, raw []byte) {
	if _, err := d.readAlike(raw); err != nil {
		t.Fatalf("%q: %v", raw, err)
	}
}

func eachDialect(do func(*Dialect)) {
	do(TerminalDialect())
	do(ShetabDialect())
}

// TestWireIsMoov changes every vector in many ways: bytes replaced, removed, put in
// and cut off. The wire table and moov must never differ.
func TestWireIsMoov(t *testing.T) {
	files, err := filepath.Glob("testdata/vectors/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	chance := rand.New(rand.NewPCG(1, 2))
	for _, file := range files {
		raw := readVector(t, file).raw
		for range 300 {
			changed := slices.Clone(raw)
			for range chance.IntN(4) {
				changed = mutate(chance, changed)
			}
			eachDialect(func(d *Dialect) { sameAsMoov(t, d, changed) })
		}
	}
}

// mutate makes one change.
func mutate(chance *rand.Rand, raw []byte) []byte {
	if len(raw) == 0 {
		return raw
	}
	at := chance.IntN(len(raw))
	const likely = "0123456789ABCDEFabcdef =CD\x00\xFF"
	b := likely[chance.IntN(len(likely))]
	switch chance.IntN(4) {
	case 0:
		raw[at] = b
	case 1:
		raw = slices.Delete(raw, at, at+1)
	case 2:
		raw = slices.Insert(raw, at, b)
	case 3:
		raw = raw[:at]
	}
	return raw
}

// TestWritesLikeMoov packs values of every field of any length and any kind of
// content, good and bad.
func TestWritesLikeMoov(t *testing.T) {
	chance := rand.New(rand.NewPCG(3, 4))
	contents := []string{"0123456789", "ABab 019", "C0123456789", "6037990000000014=", "\x00\xFF", "ی۱", " ", "=D"}
	eachDialect(func(d *Dialect) {
		for range 4000 {
			m := Message{MTI: MTI(chance.IntN(10_100))}
			for range 1 + chance.IntN(3) {
				f := 2 + chance.IntN(MaxField-1)
				for known := &d.wire[f]; !known.known && chance.IntN(20) > 0; known = &d.wire[f] {
					f = 2 + chance.IntN(MaxField-1)
				}
				n := d.wire[f].max - 1 + chance.IntN(3)
				if chance.IntN(2) == 0 {
					n = chance.IntN(d.wire[f].max + 2)
				}
				content := contents[chance.IntN(len(contents))]
				if chance.IntN(2) == 0 {
					content = d.wire[f].charset.sample(max(n, 1))
				}
				for len(content) < n {
					content += content
				}
				m.Set(f, content[:max(n, 0)])
			}
			if err := d.writtenAlike(&m); err != nil {
				t.Fatalf("%s: %v", &m, err)
			}
		}
	})
}

// TestUnreadableFieldsAreExplained: moov says which field it is and why, and nothing of its content.
func TestUnreadableFieldsAreExplained(t *testing.T) {
	for raw, want := range map[string]string{
		"02004000000000000000+6603799":           "unpack field 2: its length is not a number in range",
		"02004000000000000000206037990000000014": "unpack field 2: its length is not a number in range",
		"020040000000000000001":                  "unpack field 2: the message ends inside it",
		"0200400000000000000016603799":           "unpack field 2: the message ends inside it",
		"02000100000000000000123":                "unpack field 8: not defined in this dialect",
		"020000000000000010000123456789ABCDEG":   "unpack field 52: it is not hex digits",
		"0200000000000000100001234567":           "unpack field 52: the message ends inside it",
		"0200200000000000000000000012":           "unpack end: 2 bytes behind the last field",
	} {
		eachDialect(func(d *Dialect) {
			var m Message
			if err := d.Unpack([]byte(raw), &m); err == nil || err.Error() != want {
				t.Errorf("%s: %v, want %s", raw, err, want)
			}
			if n := len(m.prepare().values); n != strings.Count(want, "end:") {
				t.Errorf("%s: %d fields are left", raw, n)
			}
		})
	}
}

// TestByMoovNothingComesFromTheTable: a dialect that goes by moov does so whatever is in the table.
func TestByMoovNothingComesFromTheTable(t *testing.T) {
	d, err := Load("own.yaml", terminalFile)
	if err != nil {
		t.Fatal(err)
	}
	want, err := d.Pack(nil, samplePurchase())
	if err != nil {
		t.Fatal(err)
	}
	for f := range d.wire {
		d.wire[f].fill = '9'
	}
	short := samplePurchase()
	short.Set(4, "1476112")
	var m Message
	if got, err := d.ByMoov().Pack(nil, short); err != nil || !bytes.Equal(got, want) {
		t.Errorf("packed %q, %v", got, err)
	}
	d.wire[4].max = 3
	if err := d.ByMoov().Unpack(want, &m); err != nil || !m.equal(samplePurchase()) {
		t.Errorf("read %s, %v", m, err)
	}
}

// FuzzWireIsMoov is TestWireIsMoov on anything.
func FuzzWireIsMoov(f *testing.F) {
	seedVectors(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) <= DefaultMaxFrame {
			eachDialect(func(d *Dialect) { sameAsMoov(t, d, raw) })
		}
	})
}

// TestProofFindsADifference breaks the wire table of a dialect in one field, in
// each way that could be wrong: no such dialect may be loaded.
func TestProofFindsADifference(t *testing.T) {
	for name, spoil := range map[string]func(w *wireField){
		"length": func(w *wireField) { w.max++ }, "shorter": func(w *wireField) { w.max--; w.min = min(w.min, w.max) },
		"prefix": func(w *wireField) { w.prefix++ }, "hex": func(w *wireField) { w.hex = !w.hex },
		"filling": func(w *wireField) { w.fill = '-' }, "side": func(w *wireField) { w.left = !w.left },
	} {
		fields := []int{2, 4, 52}
		if name == "filling" || name == "side" {
			fields = []int{4, 41, 49} // Others are not filled.
		}
		for _, f := range fields {
			d, err := Load("own.yaml", terminalFile)
			if err != nil {
				t.Fatal(err)
			}
			spoil(&d.wire[f])
			if d.prove() == nil {
				t.Errorf("%s of field %d: not found", name, f)
			}
		}
	}
}

// TestADifferenceIsNotLoaded: a library that writes the length of a field otherwise than the table takes it for.
func TestADifferenceIsNotLoaded(t *testing.T) {
	right := prefixes["LL"]
	defer func() { prefixes["LL"] = right }()
	prefixes["LL"] = decimal{prefix.ASCII.LLL, 2}
	if _, err := Load("own.yaml", terminalFile); !fault.Is(err, fault.Invalid) || !errors.Is(err, errDiffer) {
		t.Errorf("loaded: %v", err)
	}
}

// TestRefusedMessageLeavesNothing: a message that is refused half-way leaves
// nothing in the spare room of the caller's buffer, which is used again.
func TestRefusedMessageLeavesNothing(t *testing.T) {
	m := samplePurchase()
	m.Set(55, "chip")
	m.Set(100, "not digits")
	dst := append(make([]byte, 0, 1024), "head"...)
	out, err := TerminalDialect().Pack(dst, m)
	if err == nil || string(out) != "head" {
		t.Fatalf("packed %q, %v", out, err)
	}
	if spare := dst[len(dst):cap(dst)]; !bytes.Equal(spare, make([]byte, len(spare))) {
		t.Errorf("the spare room holds %q", spare)
	}
}

// TestResetLeavesNothing: no value stays in a message that is used again, neither
// in its first piece of memory nor in one that grew.
func TestResetLeavesNothing(t *testing.T) {
	m := samplePurchase()
	first := m.set()
	for f := 60; f <= MaxField; f++ {
		m.Set(f, "more")
	}
	for _, v := range first.room {
		if v != "" {
			t.Fatal("what was moved stayed behind")
		}
	}
	m.Unset(2)
	m.Unset(128)
	grown := m.set().values
	m.Reset()
	for _, v := range grown[:cap(grown)] {
		if v != "" {
			t.Fatal("a value stayed behind")
		}
	}
	m = samplePurchase()
	m.Unset(2)
	m.Reset()
	for _, v := range m.set().room {
		if v != "" {
			t.Fatal("a value stayed behind")
		}
	}
}

// TestOpenValuesKeepNoSecretsAlive: the values shown in plain lie one behind the
// other in a memory of their own.
func TestOpenValuesKeepNoSecretsAlive(t *testing.T) {
	d := TerminalDialect()
	raw, err := d.Pack(nil, canaryMessage())
	if err != nil {
		t.Fatal(err)
	}
	var m Message
	if err := d.Unpack(raw, &m); err != nil {
		t.Fatal(err)
	}
	var end uintptr
	for f, v := range m.Fields() {
		if d.rules[f].show != showPlain {
			continue
		}
		begin := reflect.ValueOf(v).Pointer()
		if end != 0 && begin != end {
			t.Errorf("something lies before F%d", f)
		}
		end = begin + uintptr(len(v))
	}
}

// TestGoodMessagesAllocateLittle holds the costs that docs/decisions/0031 states.
func TestGoodMessagesAllocateLittle(t *testing.T) {
	d, m := TerminalDialect(), samplePurchase()
	raw, err := d.Pack(nil, m)
	if err != nil {
		t.Fatal(err)
	}
	var read Message
	buffer := make([]byte, 0, 1024)
	for name, c := range map[string]struct {
		most float64
		do   func()
	}{
		"pack":   {0, func() { buffer, _ = d.Pack(buffer[:0], m) }},
		"unpack": {2, func() { _ = d.Unpack(raw, &read) }},
		"check":  {0, func() { _ = d.Check(m, ToSwitch) }},
	} {
		c.do()
		if got := testing.AllocsPerRun(100, c.do); got > c.most {
			t.Errorf("%s: %v allocations, at most %v", name, got, c.most)
		}
	}
}

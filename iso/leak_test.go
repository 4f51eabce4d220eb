package iso

import (
	"fmt"
	"sync"
	"testing"
)

// TestNoFieldLeaksToTheNextMessage packs and unpacks messages with different
// fields by turns, on several goroutines that share the dialect's pool: each
// must come back with its own fields and values, and nothing else.
func TestNoFieldLeaksToTheNextMessage(t *testing.T) {
	d := TerminalDialect()
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			var in, out Message
			var packed []byte
			for i := range 500 {
				in.Reset()
				fillDifferently(&in, worker, i)
				var err error
				if packed, err = d.Pack(packed[:0], &in); err != nil {
					t.Errorf("pack: %v", err)
					return
				}
				if i%7 == 0 { // a message that fails half-way must leave nothing behind either
					_ = d.Unpack(packed[:len(packed)-1], &out)
					bad := Message{MTI: MTIPurchase}
					bad.Set(4, "")
					bad.Set(68, "")
					_, _ = d.Pack(nil, &bad)
				}
				if err := d.Unpack(packed, &out); err != nil {
					t.Errorf("unpack: %v", err)
					return
				}
				if diff := differ(&in, &out); diff != "" {
					t.Errorf("worker %d message %d: %s", worker, i, diff)
					return
				}
			}
		})
	}
	group.Wait()
}

// fillDifferently sets fields so that each message has some that its neighbours
// do not have, secrets among them.
func fillDifferently(m *Message, worker, i int) {
	m.MTI = MTIPurchase
	m.Set(11, fmt.Sprintf("%06d", worker*1000+i))
	switch i % 3 {
	case 0:
		m.Set(2, fmt.Sprintf("603799%010d", worker*1000+i))
		m.Set(52, fmt.Sprintf("%08d", worker*1000+i))
	case 1:
		m.Set(35, fmt.Sprintf("589210%010d=0701", worker*1000+i))
		m.Set(55, fmt.Sprintf("chip %d", i))
		m.Set(90, "0200"+m.Get(11)+"1121102233"+"0000000000000000000000")
	case 2:
		m.Set(48, fmt.Sprintf("SVC%03d%s", len(fmt.Sprint(i)), fmt.Sprint(i)))
	}
}

// differ says how two messages differ, or "".
func differ(a, b *Message) string {
	if a.MTI != b.MTI {
		return fmt.Sprintf("MTI %s and %s", a.MTI, b.MTI)
	}
	for f := 2; f <= MaxField; f++ {
		if a.Has(f) != b.Has(f) || a.Get(f) != b.Get(f) {
			return fmt.Sprintf("F%d: present %t and %t, values equal %t", f, a.Has(f), b.Has(f), a.Get(f) == b.Get(f))
		}
	}
	return ""
}

// TestUnpackKeepsNothingOfItsInput overwrites the buffer of a message that was
// read: buffers are reused for the next frame.
func TestUnpackKeepsNothingOfItsInput(t *testing.T) {
	d, want := TerminalDialect(), samplePurchase()
	raw, err := d.Pack(nil, want)
	if err != nil {
		t.Fatal(err)
	}
	var got Message
	if err := d.Unpack(raw, &got); err != nil {
		t.Fatal(err)
	}
	clear(raw)
	if diff := differ(want, &got); diff != "" {
		t.Error(diff)
	}
}

func TestCloneSharesNothing(t *testing.T) {
	m := samplePurchase()
	c := m.Clone()
	m.Set(11, "999999")
	m.Unset(2)
	if c.Get(11) != "000123" || !c.Has(2) || c.MTI != MTIPurchase {
		t.Errorf("the copy changed with the original: %s", c)
	}
	m.Reset()
	for f, v := range m.Fields() {
		t.Errorf("F%d is %q after Reset", f, v)
	}
	if m.MTI != 0 {
		t.Errorf("it is a %s after Reset", m.MTI)
	}
	for f := range c.Fields() {
		if f > 4 {
			t.Errorf("F%d comes after the loop has ended", f)
		}
		if f == 4 {
			break
		}
	}
	if new(Message).Clone().Has(2) {
		t.Error("a copy of nothing has fields")
	}
}

// FuzzUnpack reads anything: it must never panic, and what it reads completely
// must pack to a message that reads the same.
func FuzzUnpack(f *testing.F) {
	seedVectors(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > DefaultMaxFrame {
			return
		}
		for _, d := range []*Dialect{TerminalDialect(), ShetabDialect()} {
			var m, again Message
			if err := d.Unpack(raw, &m); err != nil {
				_ = m.String() // what was readable can still be printed
				continue
			}
			for _, direction := range directionNames {
				_ = d.Check(&m, direction)
			}
			_ = new(Purchase).Decode(&m)
			packed, err := d.Pack(nil, &m)
			if err != nil {
				continue // characters that may be read are not all written
			}
			if err := d.Unpack(packed, &again); err != nil {
				t.Fatalf("cannot be read again: %v", err)
			}
			if diff := differ(&m, &again); diff != "" {
				t.Fatalf("reads differently: %s", diff)
			}
		}
	})
}

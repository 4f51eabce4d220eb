package iso

import (
	"testing"

	"github.com/moov-io/iso8583"
)

// The two benchmarks below are the yardstick: moov alone, with a reused message
// of the same specification, without our Message around it.

func BenchmarkMoovUnpackPurchase(b *testing.B) {
	d := TerminalDialect()
	raw, err := d.Pack(nil, samplePurchase())
	if err != nil {
		b.Fatal(err)
	}
	by := iso8583.NewMessage(d.spec)
	b.ReportAllocs()
	for b.Loop() {
		if err := by.Unpack(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMoovPackPurchase(b *testing.B) {
	d := TerminalDialect()
	by := iso8583.NewMessage(d.spec)
	m := samplePurchase()
	by.MTI(m.MTI.String())
	for f, v := range m.Fields() {
		if err := by.BinaryField(f, []byte(v)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := by.Pack(); err != nil {
			b.Fatal(err)
		}
	}
}

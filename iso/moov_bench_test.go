package iso

import "testing"

// The two benchmarks below are the yardstick: moov alone, with a reused message
// of the same specification, without our Message around it.

func BenchmarkMoovUnpackPurchase(b *testing.B) {
	d := TerminalDialect()
	raw, err := d.Pack(nil, samplePurchase())
	if err != nil {
		b.Fatal(err)
	}
	c := d.codecs.Get().(*codec)
	b.ReportAllocs()
	for b.Loop() {
		if err := c.message.Unpack(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMoovPackPurchase(b *testing.B) {
	d := TerminalDialect()
	c := d.codecs.Get().(*codec)
	m := samplePurchase()
	c.message.MTI(m.MTI.String())
	for f, v := range m.Fields() {
		if err := c.message.BinaryField(f, []byte(v)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.message.Pack(); err != nil {
			b.Fatal(err)
		}
	}
}

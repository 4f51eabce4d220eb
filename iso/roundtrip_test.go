package iso

import "testing"

func BenchmarkUnpackPurchase(b *testing.B) { benchmarkUnpack(b, TerminalDialect(), samplePurchase()) }

func BenchmarkPackPurchase(b *testing.B) { benchmarkPack(b, TerminalDialect(), samplePurchase()) }

func BenchmarkUnpackPurchaseAnswer(b *testing.B) {
	benchmarkUnpack(b, TerminalDialect(), sampleAnswer())
}

func BenchmarkPackPurchaseAnswer(b *testing.B) { benchmarkPack(b, TerminalDialect(), sampleAnswer()) }

func benchmarkUnpack(b *testing.B, d *Dialect, m *Message) {
	raw, err := d.Pack(nil, m)
	if err != nil {
		b.Fatal(err)
	}
	var out Message
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Unpack(raw, &out); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkPack(b *testing.B, d *Dialect, m *Message) {
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		packed, err := d.Pack(buf[:0], m)
		if err != nil {
			b.Fatal(err)
		}
		buf = packed
	}
}

// samplePurchase is a 0200 of a terminal with every field it usually carries.
func samplePurchase() *Message {
	m := &Message{MTI: MTIPurchase}
	for f, v := range map[int]string{
		2: "6037990000000014", 3: "000000", 4: "000001476112", 7: "1121102233", 11: "000123", 12: "135233", 13: "1121",
		22: "021", 25: "14", 32: "581672000", 35: "6037990000000014=07011234567890", 37: "000000000123", 41: "10100001",
		42: "000000000000101", 48: "SVC008PASSPORT", 49: "364", 52: "\x01\x23\x45\x67\x89\xab\xcd\xef", 53: "0000000000000001",
	} {
		m.Set(f, v)
	}
	return m
}

// sampleAnswer is the 0210 to it.
func sampleAnswer() *Message {
	m := &Message{MTI: MTIPurchaseAnswer}
	for f, v := range map[int]string{
		3: "000000", 4: "000001476112", 7: "1121102235", 11: "000123", 12: "135233", 13: "1121", 15: "1121",
		37: "540900000123", 38: "123456", 39: "00", 41: "10100001", 42: "000000000000101", 48: "TRK0161405830300000017",
		49: "364",
	} {
		m.Set(f, v)
	}
	return m
}

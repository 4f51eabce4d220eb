package iso

import (
	"testing"
	"time"

	"treasury-switch/money"
)

// The benchmarks below are the steps of one payment's way over the wire, beside
// packing and unpacking (roundtrip_test.go).

func BenchmarkCheckPurchase(b *testing.B) {
	benchmarkCheck(b, TerminalDialect(), samplePurchase(), ToSwitch)
}

func BenchmarkCheckPurchaseAnswer(b *testing.B) {
	benchmarkCheck(b, ShetabDialect(), sampleNetworkAnswer(), FromNetwork)
}

func benchmarkCheck(b *testing.B, d *Dialect, m *Message, direction Direction) {
	if faults := d.Check(m, direction); faults != nil {
		b.Fatal(faults)
	}
	b.ReportAllocs()
	for b.Loop() {
		if d.Check(m, direction) != nil {
			b.Fatal("faults")
		}
	}
}

func BenchmarkReadPurchase(b *testing.B) {
	d := TerminalDialect()
	raw, err := d.Pack(nil, samplePurchase())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var m Message
		if err := d.Unpack(raw, &m); err != nil {
			b.Fatal(err)
		}
		if d.Check(&m, ToSwitch) != nil {
			b.Fatal("faults")
		}
	}
}

func BenchmarkDecodePurchase(b *testing.B) {
	m := samplePurchase()
	b.ReportAllocs()
	for b.Loop() {
		var p Purchase
		if faults := p.Decode(m); faults != nil {
			b.Fatal(faults)
		}
	}
}

func BenchmarkEncodePurchase(b *testing.B) {
	var p Purchase
	if faults := p.Decode(samplePurchase()); faults != nil {
		b.Fatal(faults)
	}
	b.ReportAllocs()
	for b.Loop() {
		p.Encode(new(Message))
	}
}

func BenchmarkDecodePurchaseAnswer(b *testing.B) {
	m := sampleNetworkAnswer()
	b.ReportAllocs()
	for b.Loop() {
		var a PurchaseAnswer
		if faults := a.Decode(m); faults != nil {
			b.Fatal(faults)
		}
	}
}

func BenchmarkParsePrivate(b *testing.B) {
	text := "SVC008PASSPORTQTY0011CAT005ADULTPTY001NPID0100499370899"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParsePrivate(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodePrivate(b *testing.B) {
	cited := TerminalDialect().EncodeText("ماده ۱۲۵ قانون ثبت", MaxCitation)
	p := Private{Tracking: "0523910000000171", Lines: []QuoteLine{
		{Code: "FEE", Amount: money.Rial(1_250_000), Citation: cited}, {Code: "VAT", Amount: money.Rial(226_112), Citation: cited},
	}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodeShetabPrivate(b *testing.B) {
	p := ShetabPrivate{Language: LanguagePersian}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodePlace(b *testing.B) {
	d := ShetabDialect()
	b.ReportAllocs()
	for b.Loop() {
		d.EncodePlace(Place{Name: "پلیس گذرنامه", City: "تهران", Country: "IR"})
	}
}

func BenchmarkNewTrace(b *testing.B) {
	at := time.Date(2026, 11, 21, 8, 45, 7, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		NewTrace(at, "000123")
	}
}

// sampleNetworkAnswer is the network's 0210.
func sampleNetworkAnswer() *Message {
	m := sampleAnswer()
	m.Unset(48)
	m.Set(2, "6037990000000014")
	m.Set(32, "581672000")
	m.Set(33, "999999")
	return m
}

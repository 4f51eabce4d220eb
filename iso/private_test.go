package iso

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/fault"
)

func TestPrivate(t *testing.T) {
	want := Private{
		Service: "TRANSFER", Units: 3, Base: 0, HasBase: true, Payer: identity.PayerID{Kind: identity.National, Value: "0012345679"},
		Category: "NEEDY", Due: calendar.On(2026, time.November, 21), Option: "HOME", FirstYear: 1399,
		Requested: calendar.On(2026, time.March, 20), Served: calendar.On(2026, time.April, 5),
		Decided: Decided{DecidedByRequest, calendar.On(2026, time.March, 20)}, BillID: "7748317800142",
		PaymentID: "1770160", DepositID: "343123456789012340000000000001", Reference: "A-1", Tracking: "0532530000000017",
		Lines:   []QuoteLine{{"IDENTITY", 10000, "\x91\x92"}, {"MUNICIPAL", 37500, ""}},
		Unknown: []Tagged{{"XYZ", "kept"}, {"XYZ", ""}},
	}
	text := "SVC008TRANSFERQTY0013BAS0010PTY001NPID0100012345679CAT005NEEDYDUE00820261121OPT004HOMERQD00820260320SVD00820260405FYR0041399" +
		"BIL0137748317800142PAY0071770160DEP030343123456789012340000000000001REF003A-1TRK0160532530000000017DCD009R20260320" +
		"LIN014IDENTITY=10000CIT002\x91\x92LIN015MUNICIPAL=37500XYZ004keptXYZ000"
	if encoded, err := want.Encode(); err != nil || encoded != text {
		t.Errorf("encoded %q, %v\nwant    %q", encoded, err, text)
	}
	got, err := ParsePrivate(text)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v, %v\nwant %+v", got, err, want)
	}
	if empty, err := ParsePrivate(""); err != nil || !reflect.DeepEqual(empty, Private{}) {
		t.Errorf("nothing reads as %+v, %v", empty, err)
	}
}

func TestPrivateMalformed(t *testing.T) {
	secret := "S3CR3T"
	for _, text := range []string{
		"S", "SVC", "SVC00", "SVC00xA", "svc001A", "SVC-01A", "SVC009" + secret, "SVC001AQ", "SVC000", "SVC001ASVC001B",
		"SVC002A\x80", "QTY0010", "QTY002-1", "QTY000", "QTY0161234567890123456", "BAS003x12", "BAS001 ", "DUE00820261131",
		"DUE00714050830", "DUE00814050830", "RQD00814050830", "RQD00820260229", "RQD0082026032a", "RQD000", "SVD00719691231", "SVD00819700101",
		"RQD00820260320RQD00820260320", "SVD00820260320SVD00820260321", "DCD00820260320", "DCD009X20260320", "DCD000", "DCD009R14050830",
		"DCD009P20260320DCD009P20260320", "TRK001ATRK001A", "SVC001ASVC001A", "FYR003139", "FYR0040139", "BIL00512345", "PAY01412345678901234", "DEP0011", "LIN005A=1.5", "LIN002A=",
		"LIN003=12", "LIN002AB", "CIT001x", "SVC001ACIT001x", "LIN003A=1CIT061" + strings.Repeat("x", 61), "PID0100012345679",
		"PTY001N", "PTY001XPID0100012345679", "PTY001NPID0100012345678", "LIN003A=1CIT001xCIT001y", strings.Repeat("A", 1000),
	} {
		p, err := ParsePrivate(text)
		if err == nil || !fault.Is(err, fault.Invalid) || !reflect.DeepEqual(p, Private{}) {
			t.Errorf("%q reads as %+v, %v", text, p, err)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("the error holds the content: %v", err)
		}
	}
}

// TestParseTags takes data as long as the field may be, and none that is longer or cut.
func TestParseTags(t *testing.T) {
	whole := "ABC993" + strings.Repeat("x", 993)
	if tags, err := ParseTags(whole); err != nil || len(tags) != 1 || len(tags[0].Value) != 993 {
		t.Errorf("%d tags, %v", len(tags), err)
	}
	for _, text := range []string{whole + "A", "ABC500" + strings.Repeat("x", 500) + "ABC488" + strings.Repeat("x", 488), "ABC00:xxxxxxxxxx", "ABC00/", "ABC0:0", "AB@000", "AB[000", "ABC001", "ABC00"} {
		if tags, err := ParseTags(text); !fault.Is(err, fault.Invalid) || tags != nil {
			t.Errorf("%.12q is %d tags, %v", text, len(tags), err)
		}
	}
	if tags, err := ParseTags(""); err != nil || tags != nil {
		t.Errorf("nothing is %v, %v", tags, err)
	}
}

// TestPrivateBounds: the shortest and the longest of each value.
func TestPrivateBounds(t *testing.T) {
	for text, good := range map[string]bool{
		"BAS015999999999999999": true, "BAS0161000000000000000": false, "BAS00100": false, "BAS000": false, "BAS0010": true,
		"BIL006123456": true, "BIL00512345": false, "BIL00612345x": false, "PAY0131234567890123": true, "PAY01412345678901234": false,
		"FYR0041000": true, "FYR0040999": false, "FYR00501399": false, "FYR004139x": false,
		"DEP030343123456789012340000000000001": true, "DEP03034312345678901234000000000000x": false, "DEP02934312345678901234000000000000": false,
		"QTY0010": false, "QTY002x1": false, "LIN002=1": false, "LIN001A": false, "LIN003A=1": true, "LIN004A=1x": false,
	} {
		if _, err := ParsePrivate(text); good != (err == nil) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestPrivateDropsCitations makes field 48 too long: citations go from the last
// line up, lines never.
func TestPrivateDropsCitations(t *testing.T) {
	p := Private{Service: "S", Lines: make([]QuoteLine, 12)}
	for i := range p.Lines {
		p.Lines[i] = QuoteLine{Code: fmt.Sprintf("LINE%02d", i), Amount: 1000, Citation: strings.Repeat("\x91", MaxCitation)}
	}
	// SVC is 7 bytes, a line 17 and a citation 66: 7 + 12*17 + n*66 <= 999 gives n = 11.
	text, err := p.Encode()
	if err != nil || len(text) != 7+12*17+11*66 {
		t.Fatalf("%d bytes, %v", len(text), err)
	}
	back, err := ParsePrivate(text)
	if err != nil || len(back.Lines) != 12 || back.Lines[10].Citation == "" || back.Lines[11].Citation != "" {
		t.Errorf("%d lines, %v", len(back.Lines), err)
	}
	// Without citations it is 211 bytes, and lines of 15 more. The day that decided is 15 bytes and goes before a line does.
	p.Decided = Decided{DecidedByService, calendar.On(2026, time.March, 20)}
	for n, told := range map[int]bool{51: true, 52: false} {
		long := p
		for range n {
			long.Lines = append(long.Lines, QuoteLine{Code: "LINE", Amount: 1000})
		}
		text, err := long.Encode()
		if back, failed := ParsePrivate(text); err != nil || failed != nil || len(back.Lines) != 12+n || (back.Decided == p.Decided) != told || back.Lines[0].Citation != "" {
			t.Errorf("%d lines more: %d bytes with %d lines, decided %+v, %v", n, len(text), len(back.Lines), back.Decided, err)
		}
	}
	for range 60 {
		p.Lines = append(p.Lines, QuoteLine{Code: "LINE", Amount: 1000})
	}
	if _, err := p.Encode(); err == nil || !fault.Is(err, fault.Invalid) {
		t.Errorf("lines that do not fit: %v", err)
	}
	long := Private{Lines: []QuoteLine{{Code: "A", Citation: strings.Repeat("x", MaxCitation+1)}}}
	if _, err := long.Encode(); err == nil {
		t.Error("a citation over its limit was written")
	}
	if _, err := (&Private{Service: "گذرنامه"}).Encode(); err == nil {
		t.Error("a service code that cannot be read back was written")
	}
	if _, err := (&Private{Reference: strings.Repeat("x", 1000)}).Encode(); err == nil {
		t.Error("a value over three digits of length was written")
	}
}

func TestShetabPrivate(t *testing.T) {
	cvv2, _ := identity.ParseCVV2("123")
	long, _ := identity.ParseCVV2("9876")
	for _, test := range []struct {
		value ShetabPrivate
		wire  string
	}{
		{ShetabPrivate{Language: "00"}, "  000000" + strings.Repeat(" ", 10) + strings.Repeat("0", 26)},
		{ShetabPrivate{CVV2: cvv2, Language: "01"}, "  012301" + strings.Repeat(" ", 10) + strings.Repeat("0", 26)},
		{ShetabPrivate{CVV2: long, Language: "00", Organisation: "MN", BillID: "7748317800142", PaymentID: "1770160"},
			"  987600" + strings.Repeat(" ", 8) + "MN" + "7748317800142" + "0000001770160"},
	} {
		wire, err := test.value.Encode()
		if err != nil || wire != test.wire {
			t.Errorf("encoded %q, %v; want %q", wire, err, test.wire)
		}
		if back, err := ParseShetabPrivate(wire); err != nil || back != test.value {
			t.Errorf("read %+v, %v; want %+v", back, err, test.value)
		}
	}
	if wire, err := (ShetabPrivate{}).Encode(); err != nil || wire[6:8] != LanguagePersian {
		t.Errorf("without a language: %q, %v", wire, err)
	}
}

func TestShetabPrivateMalformed(t *testing.T) {
	good := "  012301" + strings.Repeat(" ", 8) + "MN" + "7748317800142" + "0000001770160"
	for i, text := range []string{
		"", good + " ", "xx" + good[2:], strings.Replace(good, "0123", "01x3", 1), strings.Replace(good, "012301", "012302", 1),
		strings.Replace(good, "MN", "XX", 1), strings.Replace(good, "MN", "  ", 1), good[:18] + strings.Repeat("0", 26),
		good[:31] + strings.Repeat("0", 13), good[:31] + "000000177016x", good[:8] + "x" + good[9:],
	} {
		if p, err := ParseShetabPrivate(text); err == nil || p != (ShetabPrivate{}) {
			t.Errorf("%d: reads as %+v", i, p)
		}
	}
	const bill, payment = "7748317800142", "1770160"
	for _, p := range []ShetabPrivate{{Organisation: "MN"}, {BillID: "12345678901234"}, {Language: "fa"}, {PaymentID: "x"},
		{Organisation: "MN", BillID: "1" + bill, PaymentID: payment}, {Organisation: "MN", BillID: bill, PaymentID: "1234567" + payment},
		{Organisation: "MN", BillID: "77483178x0142", PaymentID: payment}, {Organisation: "MN", BillID: bill, PaymentID: "17701x0"}} {
		if wire, err := p.Encode(); err == nil {
			t.Errorf("%+v was written as %q", p, wire)
		}
	}
}

// FuzzPrivate reads anything: it never panics, and what it reads it can write
// and reads as the same.
func FuzzPrivate(f *testing.F) {
	f.Add("SVC008PASSPORTQTY0013BAS0010PTY001NPID0100012345679LIN003A=1CIT001xXYZ000")
	f.Add("  987600        MN77483178001420000001770160")
	f.Add("SVC999")
	f.Add("SVC011COURT-CLAIMBAS009300000000RQD00820260320SVD00820260405DCD009R20260320LIN014claim=10500000")
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = ParseShetabPrivate(text)
		p, err := ParsePrivate(text)
		if err != nil {
			return
		}
		encoded, err := p.Encode()
		if err != nil {
			t.Fatalf("cannot be written again: %v", err)
		}
		again, err := ParsePrivate(encoded)
		if err != nil || !reflect.DeepEqual(again, p) {
			t.Fatalf("reads differently: %+v, %v; was %+v", again, err, p)
		}
	})
}

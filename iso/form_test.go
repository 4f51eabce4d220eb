package iso

import (
	"strings"
	"testing"

	"treasury-switch/calendar"
	"treasury-switch/money"
)

// TestDatesAndTimesOfMessages: what has no place in a calendar or on a clock is none, 0000 above all; and the first and last of each is one.
func TestDatesAndTimesOfMessages(t *testing.T) {
	for rule, rows := range map[form]struct{ good, bad []string }{
		formDate: {[]string{"0101", "0131", "0229", "0430", "0930", "1001", "1130", "1231"},
			[]string{"", "0000", "0001", "0100", "0132", "0230", "0431", "0631", "1131", "1200", "1301", "9999", "101", "01011", "1 01", "11-1", "1:01", "01:1", "0/01", "1a01"}},
		formTime: {[]string{"000000", "235959", "010101", "195959"},
			[]string{"", "240000", "236000", "235960", "000060", "006000", "995959", "23595", "2359590", "2359 9", "23595:", "2a5959"}},
		formStamp: {[]string{"0101000000", "1231235959"},
			[]string{"", "0000000000", "0001000000", "0100000000", "0101240000", "0101006000", "0101000060", "010100000", "01010000000", "1301000000", "0101"}},
		formTrack2: {[]string{"603799123456=0701", "6037991234567893123=0701", "6037991234567893D0701", "6037991234567893=07011234567890123456"},
			[]string{"", "6037991234567893", "60379912345=0701", "60379912345678931234=0701", "6037991234567893=070", "6037991234567893=",
				"6037991234567893=0701x", "6037991234567893=0701=1", "=0701"}},
		formOriginal: {[]string{sampleSource.Format(), OriginalData{MTI: MTIPurchase, STAN: "000122"}.Format()},
			[]string{"", sampleSource.Format()[1:], sampleSource.Format() + "0", "0200000122" + "0000000001" + strings.Repeat("0", 22), "0200000122" + "1121246000" + strings.Repeat("0", 22)}},
		formAny: {[]string{"", "0000", "x"}, nil},
	} {
		for _, v := range rows.good {
			if reason := rule.reject(v); reason != "" {
				t.Errorf("form %d: %q %s", rule, v, reason)
			}
		}
		for _, v := range rows.bad {
			if rule.reject(v) == "" {
				t.Errorf("form %d takes %q", rule, v)
			}
		}
	}
	for _, d := range []string{"0101", "0930", "1112", "1231"} {
		day, err := calendar.Nearest(d, calendar.On(2026, 7, 1))
		if got := DayField(day); err != nil || got != d {
			t.Errorf("%s is written as %s, %v", d, got, err)
		}
	}
}

// charsetReasons are why each refuses a value.
var charsetReasons = map[string]string{"n": "is not all digits", "an": "is not all letters and digits", "z": "is not track 2 data",
	"xn": "is not C or D and digits", "ans": "holds unprintable characters"}

// TestCharsets: the characters at both ends of each range, and those next to them.
func TestCharsets(t *testing.T) {
	for name, rows := range map[string]struct{ good, bad []string }{
		"n":   {[]string{"0", "09", "0123456789"}, []string{"", "/", ":", "1a", "1 ", "-1", "1\x80"}},
		"an":  {[]string{"09AZaz"}, []string{"@", "[", "`", "{", "a-b"}},
		"z":   {[]string{"0=9", "0D9"}, []string{"0C9", "0E9", "0<9", "0d9"}},
		"xn":  {[]string{"C0", "D9", "C00000001"}, []string{"C", "D", "X0", "0", "Cx", "C1x", "c1", "B1", "E1"}},
		"ans": {[]string{" ~", "a!b"}, []string{"\x1f", "\x7f", "a\n"}},
	} {
		set := charsetNames[name]
		for _, v := range rows.good {
			if !set.holds(v) {
				t.Errorf("%s refuses %q", name, v)
			}
		}
		for _, v := range rows.bad {
			if set.holds(v) {
				t.Errorf("%s takes %q", name, v)
			}
			if reason := set.reject(v); reason != charsetReasons[name] {
				t.Errorf("%s: %q %s, want %s", name, v, reason, charsetReasons[name])
			}
		}
	}
}

// TestAmountOutsideF4: an amount that twelve digits cannot hold is written as it is, so that it cannot leave.
func TestAmountOutsideF4(t *testing.T) {
	for amount, want := range map[money.Rial]string{0: "000000000000", 1: "000000000001", money.MaxPayment: "999999999999",
		money.MaxPayment + 1: "1000000000000", -1: "0000000000-1"} {
		m := samplePurchase()
		setAmount(m, FieldAmount, amount)
		if m.Get(4) != want {
			t.Errorf("%d rial are F4 %s, want %s", amount, m.Get(4), want)
		}
		_, err := TerminalDialect().Pack(nil, m)
		if fits := amount >= 0 && amount <= money.MaxPayment; fits != (err == nil) {
			t.Errorf("%d rial: %v", amount, err)
		}
	}
	for _, text := range []string{"00000000000x", "+00000000001", "-00000000001", "99999999999999999999"} {
		m := samplePurchase()
		m.Set(4, text)
		var p Purchase
		if faults := p.Decode(m); faults.Code() != RC30FormatError || !faults.name(4) || p.Amount != 0 {
			t.Errorf("F4 %s is %d rial, %v", text, p.Amount, faults)
		}
	}
}

// TestDecodeNamesMalformedFields: each field that a struct reads by its form is named, and no other.
func TestDecodeNamesMalformedFields(t *testing.T) {
	for f, value := range map[int]string{7: "0000000000", 12: "246000", 13: "0000", 52: "\x01\x02", 4: "12 rial"} {
		m := samplePurchase()
		m.Set(f, value)
		faults := new(Purchase).Decode(m)
		if faults.Code() != RC30FormatError || !faults.name(f) || len(faults) != 1 {
			t.Errorf("F%d %q: %v", f, value, faults)
		}
	}
	m := samplePurchase()
	m.MTI = MTIReversal
	m.Set(90, "0200000122"+"0000000001"+strings.Repeat("0", 22))
	if faults := new(Reversal).Decode(m); faults.Code() != RC30FormatError || !faults.name(90) || len(faults) != 1 {
		t.Errorf("F90: %v", faults)
	}
}

package identity

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"treasury-switch/internal/fault"
)

func TestParsePAN(t *testing.T) {
	for _, s := range []string{"6037991234567893", "6104331234567890", "5892101234567895", "6037990000000014", "6037990000000022",
		"6104330000000516", "5892100000000552", "6273530000000540", "5022290000000612", "6037690000000911", "6219860000000688",
		"6274120000000960", "6221060000000699", "6037990000000949", "000000000000", "0000000000000000018", "9999999999999999998"} {
		p, err := ParsePAN(s)
		if err != nil || p.Reveal() != s || p.First6() != s[:6] || p.Last4() != s[len(s)-4:] || p.IsZero() {
			t.Errorf("%s: %s, begins %s, ends %s, %v", s, p.Reveal(), p.First6(), p.Last4(), err)
		}
	}
	for s, want := range map[string]error{
		"6219861034529008": ErrLuhn, "6037991234567894": ErrLuhn, "": ErrForm, "60379912345": ErrForm, "60379912345678931234": ErrForm,
		"6037991234567a93": ErrForm, "603799 1234567893": ErrForm, "۶۰۳۷۹۹": ErrForm, "603799123456789:": ErrForm, "603799123456789/": ErrForm,
	} {
		p, err := ParsePAN(s)
		if !errors.Is(err, want) || fault.KindOf(err) != fault.Invalid || !p.IsZero() {
			t.Errorf("%q: %v, %v, want %v", s, p, err, want)
		}
	}
}

func TestPANShowsSixAndFour(t *testing.T) {
	for s, want := range map[string]string{
		"6037990000000014": "603799******0014", "000000000000": "000000**0000", "9999999999999999998": "999999*********9998",
	} {
		if p, err := ParsePAN(s); err != nil || p.String() != want {
			t.Errorf("%s is shown as %s, %v, want %s", s, p, err, want)
		}
	}
	var none PAN
	if text := none.String() + none.Reveal() + none.First6() + none.Last4(); text != "" {
		t.Errorf("no card shows %q", text)
	}
}

func TestPANCompares(t *testing.T) {
	a, _ := ParsePAN("6037990000000014")
	b, _ := ParsePAN("6037990000000014")
	c, _ := ParsePAN("6037990000000022")
	if a != b || a == c {
		t.Errorf("one number is itself: %t, is another: %t", a == b, a == c)
	}
	short, _ := ParsePAN("000000000000")
	long, _ := ParsePAN("0000000000000000")
	if short == long {
		t.Error("12 zeros are 16 zeros")
	}
}

// A changed digit is always noticed, and so is an exchange of neighbours other
// than 0 and 9: what Luhn promises.
func TestLuhnNoticesOneWrongDigit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := []byte("6037991234567893")
		at, by := rapid.IntRange(0, 15).Draw(t, "at"), rapid.IntRange(1, 9).Draw(t, "by")
		s[at] = '0' + (s[at]-'0'+byte(by))%10
		if _, err := ParsePAN(string(s)); !errors.Is(err, ErrLuhn) {
			t.Fatalf("%s: %v", s, err)
		}
	})
}

func TestParsingCardsDoesNotAllocate(t *testing.T) {
	allocations := testing.AllocsPerRun(100, func() {
		track, err := ParseTrack2("6037991234567893=05081201234567")
		if err != nil {
			t.Error(err)
		}
		if _, err := track.PAN(); err != nil {
			t.Error(err)
		}
		if _, err := ParsePINBlock("0123456789ABCDEF"); err != nil {
			t.Error(err)
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}

func TestParseTrack2(t *testing.T) {
	for s, expiry := range map[string]string{
		"6037991234567893=05081201234567": "0508", "6037991234567893D0508": "0508", "6219861034529008=9912": "9912",
		"000000000000=0000": "0000", "6037991234567893=05081201234567890123": "0508",
	} {
		track, err := ParseTrack2(s)
		if err != nil || track.Reveal() != s || track.Expiry() != expiry || track.IsZero() {
			t.Errorf("%s: %s, expires %s, %v", s, track.Reveal(), track.Expiry(), err)
		}
	}
	track, err := ParseTrack2("6219861034529008=9912")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := track.PAN(); !errors.Is(err, ErrLuhn) {
		t.Errorf("the PAN of a track with a wrong digit: %v", err)
	}
	for _, s := range []string{"", "=", "6037991234567893", "6037991234567893=", "6037991234567893=050", "60379912345=0508",
		"60379912345678931234=0508", "6037991234567893=0508=1", "6037991234567893=050a", ";6037991234567893=0508",
		"6037991234567893=050812012345678901234", "6037991234567893=05 8", "603799123456789/=0508"} {
		if _, err := ParseTrack2(s); !errors.Is(err, ErrForm) {
			t.Errorf("%q: %v", s, err)
		}
	}
	var none Track2
	if none.Reveal()+none.Expiry() != "" || !none.IsZero() {
		t.Errorf("no track reveals %q, %q", none.Reveal(), none.Expiry())
	}
	if _, err := none.PAN(); !errors.Is(err, ErrForm) {
		t.Errorf("the PAN of no track: %v", err)
	}
}

func TestParsePINBlockAndCVV2(t *testing.T) {
	for s, want := range map[string]string{"0123456789ABCDEF": "0123456789ABCDEF", "fedcba9876543210": "FEDCBA9876543210",
		"0000000000000000": "0000000000000000"} {
		if b, err := ParsePINBlock(s); err != nil || b.Reveal() != want || b.IsZero() {
			t.Errorf("%s: %s, %v, want %s", s, b.Reveal(), err, want)
		}
	}
	for _, s := range []string{"", "0123456789ABCDE", "0123456789ABCDEF0", "0123456789ABCDEG", "0123456789abcde`"} {
		if _, err := ParsePINBlock(s); !errors.Is(err, ErrForm) {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"000", "123", "0007", "9999"} {
		if c, err := ParseCVV2(s); err != nil || c.Reveal() != s || c.IsZero() {
			t.Errorf("%s: %s, %v", s, c.Reveal(), err)
		}
	}
	for _, s := range []string{"", "12", "12345", "12a", "12:", "12/", "۱۲۳"} {
		if _, err := ParseCVV2(s); !errors.Is(err, ErrForm) {
			t.Errorf("%q: %v", s, err)
		}
	}
	if (PINBlock{}).Reveal()+(CVV2{}).Reveal() != "" || !(PINBlock{}).IsZero() || !(CVV2{}).IsZero() {
		t.Error("a PIN block or CVV2 that is none reveals something")
	}
}

func TestIssuerOf(t *testing.T) {
	for bin, want := range map[string]string{"603799": "ملی", "170019": "ملی", "589210": "سپه", "639194": "پارسیان",
		"606373": "قرض\u200cالحسنه مهر ایران", "504706": "شهر", "639599": "قوامین", "636795": "بانک مرکزی"} {
		if name, known := IssuerOf(bin); !known || name != want {
			t.Errorf("%s is of %s, %t, want %s", bin, name, known, want)
		}
	}
	if len(issuers) != 45 {
		t.Errorf("%d issuers", len(issuers))
	}
	for _, bin := range []string{"", "000000", "60379", "#", "# bin"} {
		if name, known := IssuerOf(bin); known {
			t.Errorf("%q is of %s", bin, name)
		}
	}
}

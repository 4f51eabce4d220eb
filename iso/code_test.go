package iso

import "testing"

// TestClasses goes through every code of two digits: what the files do not name
// must fall on the safe side.
func TestClasses(t *testing.T) {
	d := ShetabDialect()
	unknown := codeSet("06", "09", "10", "68", "94", "96")
	done, retry := codeSet("00", "10", "21", "94"), codeSet("06", "09", "68", "84", "90", "91", "92", "96")
	for i := range 100 {
		code := Code(string([]byte{'0' + byte(i/10), '0' + byte(i%10)}))
		want := ClassFinal
		switch {
		case code == RC00Approved:
			want = ClassApproved
		case unknown[code] || !code.Known():
			want = ClassUnknown
		}
		if got := d.ClassOfAnswer(code); got != want {
			t.Errorf("answer %s is %s, want %s", code, got, want)
		}
		reversal := ReversalReject
		switch {
		case done[code]:
			reversal = ReversalDone
		case retry[code]:
			reversal = ReversalRetry
		case code == RC25OriginalNotFound:
			reversal = ReversalNotFound
		}
		if got := d.ClassOfReversalAnswer(code); got != reversal {
			t.Errorf("reversal answer %s is %s, want %s", code, got, reversal)
		}
	}
	for _, code := range []Code{"", "0", "XX", "000"} {
		if d.ClassOfAnswer(code) != ClassUnknown || d.ClassOfReversalAnswer(code) != ReversalReject {
			t.Errorf("code %q is %s and %s", code, d.ClassOfAnswer(code), d.ClassOfReversalAnswer(code))
		}
	}
}

func codeSet(codes ...Code) map[Code]bool {
	set := map[Code]bool{}
	for _, c := range codes {
		set[c] = true
	}
	return set
}

func TestCodeTexts(t *testing.T) {
	for code, text := range codeTexts {
		if text.english == "" || text.persian == "" || !code.Known() || code.English() != text.english || code.Persian() != text.persian {
			t.Errorf("%s: %+v", code, text)
		}
	}
	if Code("XX").Known() || Code("XX").English() == "" || Code("XX").Persian() == "" {
		t.Error("an unknown code has no text")
	}
}

func TestCodesOf1993(t *testing.T) {
	for three, want := range map[string]Code{
		"116": "51", "117": "55", "914": "25", "915": "77", "916": "63", "908": "92", "906": "90", "911": "91", "912": "91",
		"913": "94", "902": "12", "909": "96",
	} {
		if got, found := CodeOf1993(three); !found || got != want {
			t.Errorf("%s is %s, want %s", three, got, want)
		}
		if back, found := want.V1993(); three != "912" && (!found || back != three) {
			t.Errorf("%s is %s, want %s", want, back, three)
		}
	}
	if _, found := CodeOf1993(""); found {
		t.Error("nothing is a code")
	}
	if _, found := RC14InvalidCard.V1993(); found {
		t.Error("14 has no known pair")
	}
}

func TestMTI(t *testing.T) {
	for request, answer := range map[MTI]MTI{
		100: 110, 200: 210, 201: 210, 220: 230, 400: 410, 401: 410, 420: 430, 421: 430, 500: 510, 520: 530, 800: 810, 210: 210,
	} {
		if got := request.Answer(); got != answer {
			t.Errorf("%s is answered by %s, want %s", request, got, answer)
		}
	}
	for _, test := range []struct {
		text   string
		class  int
		repeat bool
		answer bool
	}{{"0200", 2, false, false}, {"0201", 2, true, false}, {"0421", 4, true, false}, {"0810", 8, false, true}, {"0110", 1, false, true}, {"1200", 2, false, false}} {
		mti, err := ParseMTI(test.text)
		if err != nil || mti.String() != test.text || mti.Class() != test.class || mti.IsRepeat() != test.repeat || mti.IsAnswer() != test.answer {
			t.Errorf("%s: %s class %d repeat %t answer %t, %v", test.text, mti, mti.Class(), mti.IsRepeat(), mti.IsAnswer(), err)
		}
	}
	if MTIReversalAdvice.Repeat() != 421 || MTIReversalAdviceRepeat.Repeat() != 421 || MTI(421).Original() != 420 {
		t.Error("the repeat of 0420 is 0421")
	}
	for _, bad := range []string{"", "020", "02000", "02x0", "-200"} {
		if _, err := ParseMTI(bad); err == nil {
			t.Errorf("%q is a message type", bad)
		}
	}
}

func TestOriginalData(t *testing.T) {
	text := "0200" + "000123" + "1121102233" + "00581672000" + "00000603799"
	o, err := ParseOriginalData(text)
	if want := (OriginalData{MTIPurchase, "000123", "1121102233", "581672000", "603799"}); err != nil || o != want || o.Format() != text {
		t.Errorf("%+v, %v; formats to %s", o, err, o.Format())
	}
	if _, err := ParseOriginalData("0200000123" + noStamp + "0000000000000000000000"); err != nil {
		t.Errorf("a time that is not known: %v", err)
	}
	for _, bad := range []string{"", text + "0", text[:41] + "x", "0000" + text[4:], "0200000123" + "1321102233" + text[20:]} {
		if _, err := ParseOriginalData(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestPlace(t *testing.T) {
	d := ShetabDialect()
	want := Place{"اداره گذرنامه", "تهران", "TEH", "IR"}
	bytes := d.EncodePlace(want)
	if got, ok := d.DecodePlace(bytes); !ok || got != want || len(bytes) != 40 {
		t.Errorf("%d bytes read as %+v", len(bytes), got)
	}
	long := d.EncodePlace(Place{Name: "اداره کل گذرنامه و روادید استان تهران", Country: "IR"})
	if got, ok := d.DecodePlace(long); !ok || len(long) != 40 || got.Country != "IR" || got.Name[:4] != "ا"+"د" {
		t.Errorf("%d bytes read as %+v", len(long), got)
	}
	for _, n := range []int{0, 39, 41} {
		if _, ok := d.DecodePlace(string(make([]byte, n))); ok {
			t.Errorf("%d bytes are a place", n)
		}
	}
}

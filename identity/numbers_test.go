package identity

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"treasury-switch/internal/fault"
)

// verdicts are texts and what a parser must say of each: nil, ErrForm or ErrCheck.
type verdicts map[error]string

// check runs a parser over the texts and returns nothing: it fails the test.
func check[T ~string](t *testing.T, parse func(string) (T, error), rows verdicts) {
	t.Helper()
	for want, texts := range rows {
		for _, s := range strings.Fields(texts) {
			got, err := parse(s)
			if want == nil {
				if err != nil || string(got) != s {
					t.Errorf("%s: %s, %v", s, got, err)
				}
				continue
			}
			if !errors.Is(err, want) || fault.KindOf(err) != fault.Invalid || got != "" {
				t.Errorf("%s: %s, %v, want %v", s, got, err, want)
			}
		}
		if want == ErrForm {
			if _, err := parse(""); !errors.Is(err, ErrForm) {
				t.Errorf("nothing at all: %v", err)
			}
		}
	}
}

func TestParseNationalCode(t *testing.T) {
	check(t, ParseNationalCode, verdicts{
		nil:      "0499370899 0790419904 1583250689 0684159414 4400276201 2540201288 0010350829 0012345679 1234567891 9990000018",
		ErrCheck: "7731685956 1234567890 0012345678 0010000000 9990419904",
		ErrForm:  "0000000000 9999999999 1234567 12345678901 12345678a1 ۱۲۳۴۵ 123456789-",
	})
	for short, want := range map[string]NationalCode{"12345679": "0012345679", "499370899": "0499370899"} {
		if got, err := ParseNationalCode(short); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", short, got, err, want)
		}
	}
}

func TestParseLegalID(t *testing.T) {
	check(t, ParseLegalID, verdicts{
		nil:      "10380284790 10101780644 10860953980 10340046788 10480020857 14005893875 14006278162",
		ErrCheck: "10380284792 10380285692 14006876134 10740086430 11111111211",
		ErrForm:  "1038028479 103802847901 1038028479x 10300000010",
	})
}

func TestParsePostalCode(t *testing.T) {
	check(t, ParsePostalCode, verdicts{
		nil:     "1619735744 1416932790 1458963210 3456789123",
		ErrForm: "0200073574 2222273574 1111735744 2987654321 14589 16197357440 161973574x 1610735744",
	})
}

func TestParseMobile(t *testing.T) {
	for _, s := range []string{"+989123456789", "00989123456789", "989123456789", "09123456789", "9123456789"} {
		if got, err := ParseMobile(s); err != nil || got != "+989123456789" {
			t.Errorf("%s: %s, %v", s, got, err)
		}
	}
	check(t, ParseMobile, verdicts{nil: "+989000000000",
		ErrForm: "912345678 91234567890 8123456789 +9809123456789 0098+9123456789 +979123456789 0912345678x"})
}

func TestParseIBAN(t *testing.T) {
	check(t, ParseIBAN, verdicts{
		nil: "IR820540102680020817909002 IR550570022080013447370101 IR790610000000700796858044 " +
			"IR630100004001010203000123 IR720100004059010203000456",
		ErrCheck: "IR012345678901234567890123 IR820540102680020817909003",
		ErrForm:  "IR82054010268002081790900 IR8205401026800208179090022 DE820540102680020817909002 IR82O540102680020817909002 820540102680020817909002",
	})
	spaced, err := ParseIBAN("ir82 0540 1026 8002 0817 9090 02")
	if err != nil || spaced != "IR820540102680020817909002" || spaced.BankCode() != "054" {
		t.Errorf("with spaces: %s of bank %s, %v", spaced, spaced.BankCode(), err)
	}
	if bank, known := BankOf(spaced.BankCode()); !known || bank != "پارسیان" {
		t.Errorf("bank %s, %t", bank, known)
	}
	if bank, known := BankOf("999"); known {
		t.Errorf("bank 999 is %s", bank)
	}
	if code := IBAN("").BankCode(); code != "" {
		t.Errorf("no IBAN is of bank %s", code)
	}
	for iban, want := range map[IBAN][2]bool{
		"IR630100004001010203000123": {true, true}, "IR720100004059010203000456": {true, true},
		"IR820540102680020817909002": {false, false}, "IR000100004082010203000456": {true, false},
		"IR000100014001010203000123": {true, false}, "": {false, false},
		"IR000100004051010203000123": {true, true}, "IR000100004081010203000123": {true, true},
		"IR000100004050010203000123": {true, false}, "IR000100004000010203000123": {true, false}, "IR000100004002010203000123": {true, false},
	} {
		if got := [2]bool{iban.AtCentralBank(), iban.LooksLikeTreasury()}; got != want {
			t.Errorf("%s: at the Central Bank, of the Treasury: %v, want %v", iban, got, want)
		}
	}
}

func TestParsePayerID(t *testing.T) {
	for _, row := range []struct {
		kind, value string
		want        PayerKind // empty: refused
	}{
		{"N", "0499370899", National}, {"NATIONAL", "0499370899", National}, {"N", "0499370898", ""},
		{"L", "10380284790", Legal}, {"LEGAL", "10380284790", Legal}, {"L", "0499370899", ""},
		{"F", "12345678", Foreign}, {"FOREIGN", "123456789012345", Foreign}, {"F", "1234567", ""}, {"F", "1234567890123456", ""}, {"F", "1234567x", ""},
		{"P", "A12345678", Passport}, {"PASSPORT", "12345", Passport}, {"P", "ABCDE", ""}, {"P", "a12345", ""}, {"P", "A123", ""},
		{"P", "A123456789", ""}, {"P", "A 12345", ""}, {"P", "A12/345", ""}, {"P", "A12:345", ""}, {"P", "A12@345", ""}, {"P", "A12[345", ""},
		{"P", "ABCZ1", Passport}, {"P", "Z9000", Passport}, {"P", "ABCD9", Passport}, {"P", "ABCD0", Passport}, {"", "0499370899", ""}, {"n", "0499370899", ""},
	} {
		got, err := ParsePayerID(row.kind, row.value)
		if row.want == "" {
			if fault.KindOf(err) != fault.Invalid || !got.IsZero() {
				t.Errorf("%v: %v, %v", row, got, err)
			}
			continue
		}
		if want := (PayerID{Kind: row.want, Value: row.value}); err != nil || got != want || got.IsZero() {
			t.Errorf("%v: %v, %v", row, got, err)
		}
	}
}

func TestVerhoeff(t *testing.T) {
	for digits, want := range map[string]byte{"236": '3', "12345": '1', "142857": '0', "": '0'} {
		if got := Verhoeff(digits); got != want {
			t.Errorf("%q: %c, want %c", digits, got, want)
		}
	}
	for _, text := range []string{"12a", "1 2"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q has a check digit", text)
				}
			}()
			Verhoeff(text)
		}()
	}
	// Every wrong digit and every exchange of unequal neighbours is noticed.
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching(`[0-9]{1,15}`).Draw(t, "body")
		whole := []byte(body + string(Verhoeff(body)))
		at := rapid.IntRange(0, len(whole)-2).Draw(t, "at")
		if rapid.Bool().Draw(t, "exchange") {
			if whole[at] == whole[at+1] {
				return
			}
			whole[at], whole[at+1] = whole[at+1], whole[at]
		} else {
			whole[at] = '0' + (whole[at]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		}
		if Verhoeff(string(whole[:len(whole)-1])) == whole[len(whole)-1] {
			t.Fatalf("%s holds, made of %s", whole, body)
		}
	})
}

func TestNormalise(t *testing.T) {
	for text, want := range map[string]string{
		"":                 "",
		"plain":            "plain",
		"۰۱۲۳۴۵۶۷۸۹":       "0123456789",
		"٠١٢٣٤٥٦٧٨٩":       "0123456789",
		"علي كريمى":        "علی کریمی",
		"  سه   فاصله\t\n": "سه فاصله",
		"a\u00a0b":         "a b",
		"کـــارت":          "کارت",
		"می\u200cشود":      "می\u200cشود",
		"\u200f12\u200e\u202a3\u202c\u2066\u2069\ufeff\u061c": "123",
		"مُحَمَّد":                     "محمد",
		" ":                            "",
		"a\x00b €5 ‰":                  "a\x00b €5 ‰", // not for this function to refuse
		"\u202ea\u202d\u2067b\u2068 ~": "ab ~",
		"لًىٰ لْ":                      "لی ل",
		"\u200f \u200f x":              "x",
	} {
		if got := Normalise(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		once := Normalise(rapid.String().Draw(t, "text"))
		if twice := Normalise(once); twice != once {
			t.Fatalf("%q becomes %q", once, twice)
		}
	})
}

package iransystem

import (
	"strings"
	"testing"
)

// TestShapes compares the bytes of words in reading order with the code page's
// table, letter by letter.
func TestShapes(t *testing.T) {
	for _, test := range []struct{ text, bytes string }{
		{"ب", "\x92"}, {"با", "\x93\x91"}, {"بب", "\x93\x92"}, {"ابر", "\x90\x93\xA4"}, {"باب", "\x93\x91\x92"},
		{"ع", "\xE1"}, {"عع", "\xE4\xE2"}, {"ععع", "\xE4\xE3\xE2"}, {"غغغ", "\xE8\xE7\xE6"},
		{"ه", "\xF9"}, {"ههه", "\xFB\xFA\xF9"}, {"ی", "\xFD"}, {"یی", "\xFE\xFC"}, {"ییی", "\xFE\xFE\xFC"},
		{"دی", "\xA2\xFD"}, {"کی", "\xEE\xFC"}, {"را", "\xA4\x90"},
		{"لا", "\xF2"}, {"سلام", "\xA8\xF2\xF4"}, {"کالا", "\xEE\x91\xF2"}, {"بلا", "\x93\xF2"}, {"لاب", "\xF2\x92"}, {"لآ", "\xF3\x8D"}, {"ل", "\xF1"}, {"گل", "\xF0\xF1"}, {"مال", "\xF5\x91\xF1"},
		{"آب", "\x8D\x92"}, {"مسئول", "\xF5\xA8\x8E\xF8\xF1"}, {"جزء", "\x9B\xA5\x8F"}, {"شیء", "\xAA\xFC\x8F"},
		{"می\u200cرود", "\xF5\xFC\xA4\xF8\xA2"}, {"طلا", "\xAF\xF2"}, {"نظم", "\xF7\xE0\xF4"},
		{"تهران", "\x97\xFA\xA4\x90\xF6"}, {"۱۲۳٤", "\x81\x82\x83\x84"}, {"12", "12"}, {"الف، ب؟", "\x90\xF3\xE9\x8A \x92\x8C"},
	} {
		if got := Encode(test.text, Logical, 0); got != test.bytes {
			t.Errorf("%s is % X, want % X", test.text, got, test.bytes)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for _, text := range []string{
		"", "اداره گذرنامه", "سازمان ثبت اسناد و املاک کشور", "ماده ۱۲۵ قانون ثبت", "می\u200cشود", "خانه\u200cها", "نیم\u200cفاصله\u200cها", "لالایی", "بلااستفاده", "مسئولیت",
		"پژوهش، چاپ؟", "قوه قضائیه", "آب و برق (تهران)", "ضمیمه ۲۲/۵ درصد", "ISO 8583 نسخه ۱۹۸۷", "طلاق ظلم غلط", "شماره 300,000 ریال", "a (b) c",
		"ژاله گفت: «نه»", "ثبت\u200cنام", "کد R-101-140101-01", "جزء ۱ بند ب",
	} {
		for _, order := range []Order{Visual, Logical} {
			want := strings.NewReplacer("«", `"`, "»", `"`).Replace(text)
			if got := Decode(Encode(text, order, 0), order); got != want {
				t.Errorf("order %d: %q came back as %q", order, text, got)
			}
		}
	}
}

func TestVisualOrder(t *testing.T) {
	for _, test := range []struct{ text, bytes string }{
		{"باب ۱۲", "\x81\x82 \x92\x91\x93"},
		{"۱۲ باب", "\x92\x91\x93 \x81\x82"},
		{"ب ISO 8583 ب", "\x92 ISO 8583 \x92"},
		{"ب ۱۲ ۳۴", "\x83\x84 \x81\x82 \x92"},
		{"ب ۲۲/۵", "\x82\x82/\x85 \x92"},
		{"(ب)", "(\x92)"},
		{"ب (ا", "\x90) \x92"},
	} {
		if got := Encode(test.text, Visual, 0); got != test.bytes {
			t.Errorf("%s is % X, want % X", test.text, got, test.bytes)
		}
	}
}

func TestLeftOutAndReplaced(t *testing.T) {
	for text, want := range map[string]string{
		"كتابي": "کتابی", "مُحَمَّد": "محمد", "کـــتاب": "کتاب", "\u200Fب\u200E": "ب", "أحمد": "احمد", "مؤسسه": "موسسه", "خانۀ": "خانه",
		"٠٩": "۰۹", "ب☺ب": "ب?ب", "漢": "?", "a\x00b\n": "a?b?", "\xff": "?", "۱۲٪": "۱۲%",
	} {
		if got := Decode(Encode(text, Visual, 0), Visual); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	if got := Decode("\xB0\xDF\x7F\x00", Logical); got != "????" {
		t.Errorf("bytes that stand for nothing are %q", got)
	}
	if got := Decode("  \x92  ", Logical); got != "ب" {
		t.Errorf("filling is kept: %q", got)
	}
}

// TestShortened: what does not fit shows that something is missing, and no word or
// number is another one than it was.
func TestShortened(t *testing.T) {
	for _, test := range []struct {
		text  string
		limit int
		want  string
	}{
		{"تهران بزرگ", 10, "تهران بزرگ"},
		{"تهران بزرگ", 9, "تهران .."},
		{"تهران بزرگ", 7, "تهران.."},
		{"تهران بزرگ", 6, "تهرا.."},
		{"سازمان ثبت اسناد و املاک", 22, "سازمان ثبت .. و املاک"},
		{"قانون وصول برخی از درآمدهای دولت و مصرف آن در موارد معین ماده ۱۰ تبصره ۲", 60,
			"قانون وصول برخی از درآمدهای دولت و .. معین ماده ۱۰ تبصره ۲"},
		{"پایانه مجاز به این تراکنش نیست", 25, "پایانه مجاز به .. نیست"},
		{"قانون وصول برخی از درآمدهای دولت 3 1", 30, "قانون وصول برخی از .. دولت 3 1"},
		{"بند۱۲۳۴۵", 8, "بند۱۲۳۴۵"},
		{"بند۱۲۳۴۵", 7, "بند.."},
		{"تهران", 2, ""},
		{"تهران", 1, ""},
	} {
		for _, order := range []Order{Visual, Logical} {
			wire := Encode(test.text, order, test.limit)
			if got := Decode(wire, order); got != test.want || len(wire) > test.limit {
				t.Errorf("order %d: %s in %d bytes is %q (%d bytes), want %q", order, test.text, test.limit, got, len(wire), test.want)
			}
		}
	}
}

// FuzzIranSystem turns anything both ways: it never panics, the orders are each
// other's mirror, and text that was decoded once stays the same from then on.
func FuzzIranSystem(f *testing.F) {
	for _, seed := range []string{"اداره گذرنامه", "\x93\x91 12/5 \xF2", "(a) ب ۱۲ ۳۴", "می\u200cرود", "\xF3\x90\xFF"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, order := range []Order{Visual, Logical} {
			once := Decode(Encode(s, order, 0), order)
			if twice := Decode(Encode(once, order, 0), order); twice != once {
				t.Fatalf("%q became %q", once, twice)
			}
			if text := Decode(s, order); len([]rune(text)) > 2*len(s) {
				t.Fatalf("%d bytes became %d runes", len(s), len([]rune(text)))
			}
			for limit := 1; limit < 30; limit++ {
				if short := Encode(s, order, limit); len(short) > limit {
					t.Fatalf("%q in %d bytes takes %d", s, limit, len(short))
				}
			}
		}
		line := []byte(s)
		turn(line)
		turn(line)
		if string(line) != s {
			t.Fatalf("turned twice, % X is % X", s, line)
		}
	})
}

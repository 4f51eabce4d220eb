package digits

import (
	"testing"
)

func TestLatin(t *testing.T) {
	for text, want := range map[string]string{
		"۰۱۲۳۴۵۶۷۸۹": "0123456789", "٠١٢٣٤٥٦٧٨٩": "0123456789", "خ۱٢/الف٬3": "خ12/الف٬3", "": "",
	} {
		if got := Latin(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if n := testing.AllocsPerRun(10, func() { _ = Latin("plain 123 متن") }); n != 0 {
		t.Errorf("%v allocations for a text without such digits", n)
	}
}

func TestOnly(t *testing.T) {
	for text, want := range map[string]bool{"": false, "0": true, "0123456789": true, "12a": false, "۱": false, "-1": false, " 1": false, "1:": false, "1/": false} {
		if got := Only(text); got != want {
			t.Errorf("%q: %t, want %t", text, got, want)
		}
	}
}

func TestCanonical(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "0": "0", "000": "0", "581672000": "581672000", "00581672000": "581672000", " 101 ": "101", "0a1": "0a1", "1 2": "1 2",
		"   ": "   ", "-01": "-01", "۰۱": "۰۱",
	} {
		if got := Canonical(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

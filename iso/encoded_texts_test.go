package iso

import (
	"fmt"
	"strings"
	"testing"

	"treasury-switch/iso/iransystem"
)

// TestEncodedTextsAreTheSame: what is remembered is what would be made anew, for each
// limit, and the memory has its bounds.
func TestEncodedTextsAreTheSame(t *testing.T) {
	d, err := Load("own.yaml", terminalFile)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("ب", longestText)
	for range 2 {
		for _, text := range []string{"", "پلیس گذرنامه", "ماده ۱۲۵ قانون ثبت", long} {
			for _, limit := range []int{0, 5, 22} {
				if got := d.EncodeText(text, limit); got != iransystem.Encode(text, iransystem.Visual, limit) {
					t.Errorf("%q cut to %d is % X", text, limit, got)
				}
			}
		}
	}
	if _, kept := d.encoded.get(long, 0); kept {
		t.Error("a long text was kept")
	}
	for i := range 3 * mostTexts {
		d.EncodeText(fmt.Sprint(i), 0)
		if n := len(d.encoded.known); n > mostTexts {
			t.Fatalf("%d texts are kept", n)
		}
	}
}

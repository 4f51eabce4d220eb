package access

import (
	"strings"
	"testing"

	"treasury-switch/internal/fault"
)

func TestReason(t *testing.T) {
	for s, want := range map[string]string{
		" the  bank said so ": "the bank said so", "به دستور بانک": "به دستور بانک", strings.Repeat("ی", MaxReason): strings.Repeat("ی", MaxReason),
		"": "", " \u200f": "", strings.Repeat("ی", MaxReason+1): "",
	} {
		got, err := Reason(s)
		if got != want || (err == nil) == (want == "") || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %q, %v", s, got, err)
		}
	}
}

package endtoend

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

// The canaries: values that occur nowhere else, so that wherever one is found it has leaked.
const (
	canaryPINBlock = "C4A6B1D29E3F5788"
	canarySecurity = "7391846250173946"
	canaryCVV      = "cvv2-canary-8613"
	canaryTail     = "9907318264511739" // expiry, service code and discretionary data of a track
)

// canaryCards are card numbers of a known issuer, completed by their check digit. One is used in each kind of field.
var canaryCards = struct{ pan, track, chip, private, text, malformed, network, reversal string }{
	pan: withCheckDigit("603799718293645"), track: withCheckDigit("603799527418396"), chip: withCheckDigit("603799384617295"),
	private: withCheckDigit("603799916284735"), text: withCheckDigit("603799273849516"), malformed: withCheckDigit("603799648152937"),
	network: withCheckDigit("603799859361742"), reversal: withCheckDigit("603799432795186"),
}

// withCheckDigit appends the digit of ISO/IEC 7812-1 (Luhn).
func withCheckDigit(digits string) string {
	sum := 0
	for i := range len(digits) {
		n := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return digits + string(rune('0'+(10-sum%10)%10))
}

// shown is how many digits of a card number together may be shown nowhere: the first six and the last four may, each for
// itself.
const shown = 9

// searcher looks for canaries in text.
type searcher struct {
	t       *testing.T
	needles map[string]string // what is looked for, and what it is
}

func newSearcher(t *testing.T) *searcher {
	s := &searcher{t: t, needles: map[string]string{}}
	c := canaryCards
	for what, pan := range map[string]string{"PAN (F2)": c.pan, "PAN of a track (F35)": c.track, "PAN of a chip (F55)": c.chip,
		"PAN in private data (F48)": c.private, "PAN in a text field": c.text, "PAN of a malformed message": c.malformed,
		"PAN of the network's answers": c.network, "PAN of a reversal": c.reversal} {
		for at := 0; at+shown <= len(pan); at++ {
			s.add(what, pan[at:at+shown])
		}
	}
	for what, secret := range map[string]string{"PIN block": canaryPINBlock, "security control (F53)": canarySecurity, "CVV2": canaryCVV,
		"discretionary data of a track": canaryTail} {
		s.add(what, secret)
	}
	s.add("PIN block as bytes", pinBlock(t))
	return s
}

// add looks for a secret as it is, in hexadecimal and in base64.
func (s *searcher) add(what, secret string) {
	s.needles[secret] = what
	s.needles[strings.ToLower(secret)] = what
	s.needles[hex.EncodeToString([]byte(secret))] = what + " in hexadecimal"
	s.needles[strings.ToUpper(hex.EncodeToString([]byte(secret)))] = what + " in hexadecimal"
	s.needles[base64.StdEncoding.EncodeToString([]byte(secret))] = what + " in base64"
}

// find lists the canaries in a text, each with its surroundings but without itself. Spaces and hyphens between digits hide
// nothing.
func (s *searcher) find(text string) map[string]string {
	found := map[string]string{}
	joined := strings.NewReplacer(" ", "", "-", "").Replace(text)
	for needle, what := range s.needles {
		for _, from := range []string{text, joined} {
			if at := strings.Index(from, needle); at >= 0 {
				around := from[max(0, at-120):min(len(from), at+len(needle)+60)]
				found[what] = strings.ReplaceAll(around, needle, "<CANARY>")
			}
		}
	}
	return found
}

// search fails where a canary is found.
func (s *searcher) search(where, text string) {
	s.t.Helper()
	for what, around := range s.find(text) {
		s.t.Errorf("%s holds the %s: ...%s...", where, what, around)
	}
}

// TestSearcherFinds holds that the search would find what it looks for, in every form, and nothing else.
func TestSearcherFinds(t *testing.T) {
	pan, s := canaryCards.pan, newSearcher(t)
	for _, text := range []string{
		pan, pan[:15], "x" + pan[3:14] + "x", pan[:4] + " " + pan[4:8] + " " + pan[8:12] + " " + pan[12:], hex.EncodeToString([]byte(pan)),
		strings.ToLower(canaryPINBlock), pinBlock(t), base64.StdEncoding.EncodeToString([]byte(canaryCVV)), "=" + canaryTail,
	} {
		if len(s.find(text)) == 0 {
			t.Errorf("not found: %q", text)
		}
	}
	if found := s.find("603799******" + pan[12:]); len(found) > 0 {
		t.Errorf("a masked card number is no leak: %v", found)
	}
}

package iso

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"treasury-switch/identity"
)

// The canary values stand in every field where a secret may stand.
const (
	canaryPAN   = "6037991234567893"
	canaryTrack = "5892101234567895=07011234567890123"
	canaryPIN   = "\xDE\xAD\xBE\xEF\xCA\xFE\xBA\xBE"
	canaryText  = "S3CR3T9876543210"
	canaryPayer = "0012345679"
)

// canaries are all spellings in which a secret would show.
func canaries() []string {
	list := []string{canaryPAN, canaryPAN[6:12], canaryTrack, canaryTrack[6:12], canaryPIN, canaryText, canaryText[6:], canaryPayer, "0709"}
	for _, s := range []string{canaryPAN, canaryTrack, canaryPIN, canaryText} {
		list = append(list, hex.EncodeToString([]byte(s)), strings.ToUpper(hex.EncodeToString([]byte(s))),
			strings.Trim(fmt.Sprint([]byte(s)), "[]"))
	}
	return list
}

func canaryMessage() *Message {
	m := samplePurchase()
	m.Set(2, canaryPAN)
	m.Set(14, "0709")
	m.Set(35, canaryTrack)
	m.Set(48, "SVC008PASSPORTPTY001NPID010"+canaryPayer+"ZZZ016"+canaryText)
	m.Set(52, canaryPIN)
	m.Set(53, "9876543210987654")
	for _, f := range []int{54, 55, 60, 61, 62, 102, 120, 124} {
		m.Set(f, canaryText)
	}
	for _, f := range []int{64, 96, 128} {
		m.Set(f, canaryPIN)
	}
	return m
}

func TestNoSecretIsPrinted(t *testing.T) {
	m := canaryMessage()
	var p Purchase
	if faults := p.Decode(m); faults != nil && faults.Code() != RC14InvalidCard {
		t.Fatal(faults)
	}
	shetab, err := ParseShetabPrivate("  " + "9876" + "00        " + "  " + strings.Repeat("0", 26))
	if err != nil {
		t.Fatal(err)
	}
	answer := PurchaseAnswer{PAN: p.PAN, Balances: identity.NewSecret(canaryText), ChipData: identity.NewSecret(canaryText)}
	raw, err := TerminalDialect().Pack(nil, m)
	if err != nil {
		t.Fatal(err)
	}
	bad := *m.Clone()
	bad.Set(2, canaryPAN+"x")
	bad.Set(35, canaryTrack+"x")
	bad.Set(52, canaryText)
	_, packErr := TerminalDialect().Pack(nil, &bad)
	values := map[string]any{
		"message": m, "message value": *m, "purchase": p, "purchase pointer": &p, "answer": answer,
		"secret": identity.NewSecret(canaryText), "network private data": shetab,
		"inside": struct {
			m *Message
			v Message
			s identity.Secret
			p Purchase
		}{m, *m, identity.NewSecret(canaryText), p},
		"inside a map": map[string]any{"m": *m, "s": identity.NewSecret(canaryText)}, "in a slice": []Message{*m},
		"faults": TerminalDialect().Check(&bad, ToSwitch), "bad message": bad, "decode": new(Purchase).Decode(&bad),
		"pack error": packErr, "unpack error": TerminalDialect().Unpack(raw[:60], new(Message)),
		"unpack error in a secret": TerminalDialect().Unpack(bytes.Replace(raw, []byte("16"+canaryPAN), []byte("X6"+canaryPAN), 1), new(Message)),
	}
	for name, value := range values {
		for how, text := range printed(t, value) {
			for _, canary := range canaries() {
				if strings.Contains(text, canary) {
					t.Errorf("%s as %s shows %q: %s", name, how, canary, text)
				}
			}
		}
	}
}

// timeless logs no time: its digits may happen to be a canary.
var timeless = &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}}

// printed gives a value in every way this program prints anything.
func printed(t *testing.T, value any) map[string]string {
	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p"} {
		out[verb] = fmt.Sprintf(verb, value)
	}
	if text, err := json.Marshal(value); err == nil {
		out["json"] = string(text)
	}
	var buf bytes.Buffer
	slog.New(slog.NewTextHandler(&buf, timeless)).Info("x", "value", value)
	slog.New(slog.NewJSONHandler(&buf, timeless)).Info("x", "value", value)
	out["log"] = buf.String()
	buf = bytes.Buffer{}
	if m, ok := value.(*Message); ok {
		for _, d := range []*Dialect{TerminalDialect(), ShetabDialect()} {
			if err := d.Describe(&buf, m); err != nil {
				t.Fatal(err)
			}
		}
	}
	out["describe"] = buf.String()
	return out
}

func TestMessageShowsWhatItMay(t *testing.T) {
	got := canaryMessage().String()
	for _, want := range []string{"0200 ", "F2=603799******7893 ", "F4=000001476112 ", "F35=[34 bytes] ", "F41=10100001 "} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	m := Message{MTI: MTIPurchase}
	m.Set(41, "a\nb\x1b[1mc")
	if got := m.String(); got != "0200 F41=a?b?[1mc" {
		t.Errorf("control characters are printed: %q", got)
	}
}

// TestPrintedWhole holds what every way of printing shows, so that nobody loses the fields that may be seen.
func TestPrintedWhole(t *testing.T) {
	m := Message{MTI: MTIPurchase}
	for f, v := range map[int]string{2: "6037990000000014", 4: "000001476112", 48: "SVC008PASSPORT", 41: " ~\x1f\x7f"} {
		m.Set(f, v)
	}
	const line = "0200 F2=603799******0014 F4=000001476112 F41= ~?? F48=[14 bytes]"
	for name, value := range map[string]any{"message": m, "pointer": &m} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			if got := fmt.Sprintf(verb, value); got != line {
				t.Errorf("%s with %s: %s", name, verb, got)
			}
		}
		if got, err := json.Marshal(value); err != nil || string(got) != `{"mti":"0200","F2":"603799******0014","F4":"000001476112","F41":" ~??","F48":"[14 bytes]"}` {
			t.Errorf("%s as JSON: %s, %v", name, got, err)
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, timeless)).Info("x", "m", value)
		if want := `m.mti=0200 m.F2=603799******0014 m.F4=000001476112 m.F41=" ~??" m.F48="[14 bytes]"`; !strings.Contains(log.String(), want) {
			t.Errorf("%s in a log: %s", name, log.String())
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		if there, absent := fmt.Sprintf(verb, identity.NewSecret(canaryText)), fmt.Sprintf(verb, identity.Secret{}); there != "[redacted]" || absent != "" {
			t.Errorf("a secret with %s is %q, none %q", verb, there, absent)
		}
	}
}

// TestOnlyACardNumberIsShownInPart: first six and last four digits of something shorter than a card number would be nearly all of it.
func TestOnlyACardNumberIsShownInPart(t *testing.T) {
	const digits = "60379912345678931234"
	for n := 1; n <= len(digits); n++ {
		m := Message{MTI: MTIPurchase}
		m.Set(2, digits[:n])
		want := fmt.Sprintf("[%d bytes]", n)
		if n >= 12 && n <= 19 {
			want = "603799" + strings.Repeat("*", n-10) + digits[n-4:n]
		}
		if got := m.String(); got != "0200 F2="+want {
			t.Errorf("%d digits are shown as %s, want %s", n, got, want)
		}
	}
	m := Message{MTI: MTIPurchase}
	m.Set(2, "603799123456789x")
	if got := m.String(); got != "0200 F2=[16 bytes]" {
		t.Errorf("what is no number is shown as %s", got)
	}
}

func TestDescribe(t *testing.T) {
	m := samplePurchase()
	m.Set(48, "SVC008PASSPORTLIN008A=150000CIT003\x92\x93\x90")
	m.Set(90, OriginalData{MTI: MTIPurchase, STAN: "000122", Stamp: "1121102233"}.Format())
	var out bytes.Buffer
	if err := TerminalDialect().Describe(&out, m); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"0200 purchase\n", "F4   amount, transaction                000001476112  1,476,112 rial\n",
		"       SVC PASSPORT\n", "       LIN A=150000\n", "       CIT ا", "0200 STAN 000122 sent 1121102233",
		"F2   primary account number             603799******0014\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}

func TestSecretReveals(t *testing.T) {
	s := identity.NewSecret(canaryText)
	if s.Reveal() != canaryText || s.IsZero() || !identity.NewSecret("").IsZero() || (identity.Secret{}).Reveal() != "" {
		t.Error("a secret does not keep its value")
	}
	var p Purchase
	p.Decode(canaryMessage())
	want, _ := identity.ParsePAN(canaryPAN)
	if p.PAN != want || p.Expiry.Reveal() != "0709" || p.PINBlock.Reveal() != "DEADBEEFCAFEBABE" {
		t.Error("a purchase does not keep its secrets")
	}
}

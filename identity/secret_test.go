package identity

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// canaries are secrets with the texts that must never be seen of them.
func canaries(t *testing.T) []struct {
	value  any
	hidden []string
	shown  string
} {
	pan, panErr := ParsePAN("6037991234567893")
	track, trackErr := ParseTrack2("6037991234567893=05081201234567")
	block, blockErr := ParsePINBlock("0123456789ABCDEF")
	cvv2, cvv2Err := ParseCVV2("7351")
	if err := errors.Join(panErr, trackErr, blockErr, cvv2Err); err != nil {
		t.Fatal(err)
	}
	return []struct {
		value  any
		hidden []string
		shown  string
	}{
		{pan, []string{"6037991234567893", "123456", "9912345"}, "603799******7893"},
		{track, []string{"603799", "05081201", "1234567"}, "[redacted]"},
		{block, []string{"01234567", "89ABCDEF", "89abcdef"}, "[redacted]"},
		{cvv2, []string{"7351"}, "[redacted]"},
	}
}

// leaks looks for a hidden text as it is, as hexadecimal of its characters, and
// as the list of their numbers that fmt makes of an array of bytes.
func leaks(output string, hidden []string) string {
	for _, text := range hidden {
		numbers := strings.Trim(fmt.Sprint([]byte(text)), "[]")
		for _, form := range []string{text, fmt.Sprintf("%x", text), fmt.Sprintf("%X", text), fmt.Sprintf("% x", text), numbers} {
			if strings.Contains(output, form) {
				return form
			}
		}
	}
	return ""
}

// holder has the secret where fmt finds no method of it.
type holder struct{ secret any }

func TestEveryVerbMasks(t *testing.T) {
	var verbs []string
	for verb := ' '; verb <= '~'; verb++ {
		if verb == '%' || verb >= '0' && verb <= '9' || strings.ContainsRune("+-# .*[", verb) {
			continue
		}
		for _, flags := range []string{"", "+", "-", "#", " ", "0", "40", ".2", "-40.3", "+#"} {
			verbs = append(verbs, "%"+flags+string(verb))
		}
	}
	for _, c := range canaries(t) {
		for _, verb := range verbs {
			// fmt itself answers these two, from the raw fields.
			raw := strings.HasSuffix(verb, "p") || strings.HasSuffix(verb, "w")
			values := []any{c.value, []any{c.value}, map[string]any{"a": c.value}, struct{ A any }{c.value}}
			if len(c.hidden[0]) < 6 {
				// Random fields and addresses hold four given digits now and then.
				if raw {
					continue
				}
			} else {
				values = append(values, &c.value, holder{c.value})
			}
			for _, value := range values {
				output := fmt.Sprintf(verb, value)
				if leaks(output, c.hidden) != "" {
					t.Fatalf("%T with %s: %s", value, verb, output)
				}
			}
			if got := fmt.Sprintf(verb, c.value); !raw && !strings.HasSuffix(verb, "T") && got != c.shown {
				t.Errorf("%s shows %s, want %s", verb, got, c.shown)
			}
		}
	}
}

// In memory a secret is not stored as it is on the card.
func TestFieldsAreMasked(t *testing.T) {
	cvv2, cvv2Err := ParseCVV2("7351")
	block, blockErr := ParsePINBlock("0123456789ABCDEF")
	if err := errors.Join(cvv2Err, blockErr); err != nil {
		t.Fatal(err)
	}
	if uint64(cvv2.masked) == 7351 || uint64(block.masked) == 0x0123456789ABCDEF {
		t.Errorf("in memory as on the card: %d, %x", cvv2.masked, block.masked)
	}
}

func TestEncodersAndLogsMask(t *testing.T) {
	for _, c := range canaries(t) {
		encoded, err := json.Marshal(map[string]any{"card": c.value, "list": []any{c.value}})
		if err != nil {
			t.Fatal(err)
		}
		masked(t, "JSON", string(encoded), c.hidden, c.shown)

		var log bytes.Buffer
		for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
			slog.New(handler).Info("card", "card", c.value, "list", []any{c.value}, "text", fmt.Sprint(c.value))
		}
		masked(t, "the log", log.String(), c.hidden, c.shown)
		text, err := c.value.(encoding.TextMarshaler).MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		for form, got := range map[string]string{
			"String": c.value.(fmt.Stringer).String(), "GoString": c.value.(fmt.GoStringer).GoString(),
			"LogValue": c.value.(slog.LogValuer).LogValue().String(), "MarshalText": string(text),
		} {
			if got != c.shown {
				t.Errorf("%s of %T: %s, want %s", form, c.value, got, c.shown)
			}
		}
	}
}

// masked holds that an output shows what may be shown of a secret, and nothing of what is hidden.
func masked(t *testing.T, where, output string, hidden []string, shown string) {
	t.Helper()
	if leak := leaks(output, hidden); leak != "" || !strings.Contains(output, shown) {
		t.Errorf("%s shows %q, want %s: %s", where, leak, shown, output)
	}
}

// Errors never repeat what they refuse.
func TestErrorsDoNotRepeatTheText(t *testing.T) {
	const canary = "6037991234567894"
	_, pan := ParsePAN(canary)
	_, track := ParseTrack2(canary + "=0508x")
	_, block := ParsePINBlock(canary[:15] + "x")
	_, cvv2 := ParseCVV2(canary)
	_, iban := ParseIBAN(canary)
	_, code := ParseNationalCode(canary)
	_, legal := ParseLegalID(canary[:11])
	_, postal := ParsePostalCode(canary)
	_, mobile := ParseMobile(canary)
	_, kind := ParsePayerID(canary, canary)
	_, passport := ParsePassportNumber(canary)
	_, foreign := ParseForeignID(canary)
	_, bill := ParseBillID(canary)
	_, _, barcode := ParseBillBarcode(canary)
	_, deposit := ParseDepositID(canary, 0)
	for i, err := range []error{pan, track, block, cvv2, iban, code, legal, postal, mobile, kind, passport, foreign, bill, barcode, deposit} {
		if err == nil || strings.Contains(err.Error(), "60379912") {
			t.Errorf("%d: %v", i, err)
		}
	}
}

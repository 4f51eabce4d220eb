package iso

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
)

// textLength is the length of field 44 (LL ans..25).
const textLength = 25

// inBothOrders gives the shipped terminal dialect with its texts as screens draw them, and as they are read.
func inBothOrders(t *testing.T) map[string]*Dialect {
	t.Helper()
	logical, err := Load("logical.yaml", bytes.Replace(terminalFile, []byte("text_order: visual"), []byte("text_order: logical"), 1))
	if err != nil {
		t.Fatal(err)
	}
	if ab := (Place{Name: "اب"}); logical.EncodePlace(ab) == TerminalDialect().EncodePlace(ab) {
		t.Fatal("the two orders are the same")
	}
	return map[string]*Dialect{"visual": TerminalDialect(), "logical": logical}
}

// TestEveryCodeIsToldWhole: the payer reads the text of every code to its end, in
// whatever order the bytes stand, and what a code denies is denied. Half a text may
// say the opposite.
func TestEveryCodeIsToldWhole(t *testing.T) {
	denied := []Code{RC03InvalidAcceptor, RC05DoNotHonour, RC12InvalidTransaction, RC13InvalidAmount, RC14InvalidCard, RC15NoSuchIssuer,
		RC21NoActionTaken, RC25OriginalNotFound, RC30FormatError, RC51InsufficientFunds, RC55WrongPIN, RC57NotPermittedCard,
		RC58NotPermittedTerminal, RC68AnsweredTooLate, RC77WrongBusinessDay, RC78CardInactive, RC84IssuerDown, RC91Inoperative, RC92NoRoute}
	for name, d := range inBothOrders(t) {
		for _, code := range append(slices.Sorted(maps.Keys(codeTexts)), "Z9") {
			wire, text := d.EncodeText(code.Persian(), 0), strings.ReplaceAll(code.Persian(), "أ", "ا")
			if len(wire) > textLength || !d.Fits(44, wire) {
				t.Errorf("%s: %s takes %d bytes, at most %d: %s", name, code, len(wire), textLength, code.Persian())
			}
			if printed := d.DecodeText(wire); printed != text || strings.Contains(printed, "?") {
				t.Errorf("%s: %s is printed as %q, meant is %q", name, code, printed, text)
			}
			if denies := strings.HasSuffix(text, "نیست") || strings.HasSuffix(text, "نشد") || strings.Contains(text, "نا"); slices.Contains(denied, code) && !denies {
				t.Errorf("%s: %s denies nothing: %s", name, code, text)
			}
		}
	}
}

package shetab

import (
	"maps"
	"strings"
	"testing"

	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// plain is the F48 of a purchase without a bill: zeros for the CVV2 and the ids.
const plain = "  0000" + "00" + "        " + "  " + "0000000000000" + "0000000000000"

// purchaseFields are those of the 0200 of the tests.
func purchaseFields() map[int]string {
	return map[int]string{
		2: "6037990000000014", 3: "000000", 4: "000001476112", 7: "1121084507", 11: "000018", 12: "235959", 13: "1120",
		17: "1121", 18: "9399", 19: "364", 22: "021", 25: "14", 26: "12", 32: "581672000", 37: "524400000017",
		41: "10100001", 42: "000000000000101", 48: plain, 49: "364", 100: "999999",
		43: iso.ShetabDialect().EncodePlace(iso.Place{Name: "پلیس گذرنامه", City: "تهران", Country: "IR"}),
	}
}

// TestPurchaseMessage: every field of a 0200, and no other.
func TestPurchaseMessage(t *testing.T) {
	n, links := answering(t, nil)
	if _, err := n.Authorise(t.Context(), debit(t)); err != nil {
		t.Fatal(err)
	}
	wantFields(t, links.sent[0], iso.MTIPurchase, purchaseFields())
	place, ok := iso.ShetabDialect().DecodePlace(links.sent[0].Get(43))
	if !ok || place.Name != "پلیس گذرنامه" || place.City != "تهران" || place.Country != "IR" {
		t.Errorf("F43 reads %+v", place)
	}
}

// TestConditionalFields travel where the terminal gave them, unchanged.
func TestConditionalFields(t *testing.T) {
	d := debit(t)
	d.Card.Expiry, d.Card.Chip = identity.NewSecret("0812"), identity.NewSecret("\x9f\x26\x01\x00")
	d.Card.Security = identity.NewSecret("0000000000000001")
	var err error
	if d.Card.Track2, err = identity.ParseTrack2("6037990000000014=08121234"); err != nil {
		t.Fatal(err)
	}
	if d.Card.PINBlock, err = identity.ParsePINBlock("0123456789ABCDEF"); err != nil {
		t.Fatal(err)
	}
	if d.Card.CVV2, err = identity.ParseCVV2("123"); err != nil {
		t.Fatal(err)
	}
	n, links := answering(t, nil)
	if _, err := n.Authorise(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	wanted := purchaseFields()
	maps.Copy(wanted, map[int]string{14: "0812", 35: "6037990000000014=08121234", 52: "\x01\x23\x45\x67\x89\xab\xcd\xef",
		48: strings.Replace(plain, "0000", "0123", 1), 53: "0000000000000001", 55: "\x9f\x26\x01\x00"})
	wantFields(t, links.sent[0], iso.MTIPurchase, wanted)
}

// TestTerminalTypes: F25 says by which channel the request came.
func TestTerminalTypes(t *testing.T) {
	for channel, wanted := range map[payment.Channel]string{payment.POS: "14", payment.Kiosk: "43", payment.Web: "59"} {
		d := debit(t)
		d.Intent.Channel = channel
		n, links := answering(t, nil)
		if _, err := n.Authorise(t.Context(), d); err != nil || links.sent[0].Get(25) != wanted {
			t.Errorf("%s: F25 is %q, want %q, %v", channel, links.sent[0].Get(25), wanted, err)
		}
	}
}

// TestBill: the classic layout of F48; a payee without letters travels as a purchase.
func TestBill(t *testing.T) {
	for name, c := range map[string]struct {
		bill switching.Bill
		want string
	}{
		"telephone": {switching.Bill{Organisation: "TC", BillID: "7748317800142", PaymentID: "1770160"},
			"  0000" + "00" + "        " + "TC" + "7748317800142" + "0000001770160"},
		"tax": {switching.Bill{BillID: "7748317800142", PaymentID: "1770160"}, plain},
	} {
		d := debit(t)
		d.Bill = c.bill
		n, links := answering(t, nil)
		if _, err := n.Authorise(t.Context(), d); err != nil || links.sent[0].Get(48) != c.want {
			t.Errorf("%s: F48 is %q, want %q, %v", name, links.sent[0].Get(48), c.want, err)
		}
	}
}

// TestUnknownAgency is shown to cardholders as nothing, and its payments go on.
func TestUnknownAgency(t *testing.T) {
	d := debit(t)
	d.Intent.Agency = 999
	n, links := answering(t, nil)
	if _, err := n.Authorise(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if got := links.sent[0].Get(43); got != strings.Repeat(" ", 38)+"IR" {
		t.Errorf("F43 is %q", got)
	}
}

// TestReversalMessage: every field of a 0420 and its repeat, and no other. The repeat
// differs in the last digit of its type alone.
func TestReversalMessage(t *testing.T) {
	wanted := map[int]string{
		2: "6037990000000014", 3: "000000", 4: "000001476112", 7: "1121084607", 11: "004711", 12: "235959", 13: "1120",
		17: "1121", 32: "581672000", 37: "524400000017", 41: "10100001", 42: "000000000000101", 49: "364",
		90: "0200" + "000018" + "1121084507" + "00581672000" + "00000000000", 100: "999999",
	}
	n, links := answering(t, nil)
	r := reversal(t)
	for _, mti := range []iso.MTI{iso.MTIReversalAdvice, iso.MTIReversalAdviceRepeat} {
		r.Repeat = mti.IsRepeat()
		if _, err := n.Reverse(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		wantFields(t, links.sent[len(links.sent)-1], mti, wanted)
		if !links.sendBefore.IsZero() {
			t.Errorf("a reversal was given a time, %s, after which it may not be sent", links.sendBefore)
		}
	}
}

// TestReversalNamesItsDebit: F90 is what the 0200 carried, whatever the day.
func TestReversalNamesItsDebit(t *testing.T) {
	n, links := answering(t, nil)
	if _, err := n.Authorise(t.Context(), debit(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Reverse(t.Context(), reversal(t)); err != nil {
		t.Fatal(err)
	}
	sent := links.sent[0]
	o, err := iso.ParseOriginalData(links.sent[1].Get(90))
	if err != nil || o.MTI != sent.MTI || o.STAN != sent.Get(11) || o.Stamp != sent.Get(7) || o.Acquirer != sent.Get(32) {
		t.Errorf("F90 names %+v, %v; the debit was %s", o, err, sent)
	}
	for _, f := range []int{2, 3, 4, 12, 13, 17, 32, 37, 41, 42, 49, 100} {
		if sent.Get(f) != links.sent[1].Get(f) {
			t.Errorf("F%d is %q in the debit, %q in its reversal", f, sent.Get(f), links.sent[1].Get(f))
		}
	}
}

// TestWhatDoesNotFitIsNotSent: a debit that breaks the agreement is certainly not done.
func TestWhatDoesNotFitIsNotSent(t *testing.T) {
	for name, spoil := range map[string]func(*switching.Debit){
		"no entry mode": func(d *switching.Debit) { d.Card.Entry = "" },
		"no card":       func(d *switching.Debit) { d.Card.PAN = identity.PAN{} },
		"amount":        func(d *switching.Debit) { d.Intent.Amount = 1_000_000_000_000 },
		"terminal":      func(d *switching.Debit) { d.Intent.Terminal = "1" },
		"channel":       func(d *switching.Debit) { d.Intent.Channel = "letter" },
		"acquirer":      func(d *switching.Debit) { d.Intent.Acquirer = "" },
		"bill": func(d *switching.Debit) {
			d.Bill = switching.Bill{Organisation: "XX", BillID: "7748317800142", PaymentID: "1770160"}
		},
	} {
		d := debit(t)
		spoil(&d)
		n, links := answering(t, nil)
		_, err := n.Authorise(t.Context(), d)
		if !fault.Is(err, fault.Unavailable) || len(links.sent) != 0 {
			t.Errorf("%s: %v, %d sent", name, err, len(links.sent))
		}
		if err != nil && strings.Contains(err.Error(), "6037990000000014") {
			t.Errorf("%s: the error holds the card number", name)
		}
	}
}

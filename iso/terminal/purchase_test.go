package terminal

import (
	"os"
	"strings"
	"testing"

	"treasury-switch/calendar"
	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/money"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
	"treasury-switch/tariffs"
)

// TestPurchaseReachesTheSwitch follows every field of a 0200 into the request.
func TestPurchaseReachesTheSwitch(t *testing.T) {
	r := newRig(t, approved())
	private := "SVC004COPYQTY0013BAS00550000CAT006VETERAOPT004HOMEFYR0041400DUE00820260901RQD00820260320SVD00820260405REF003abcZZZ001x"
	r.ask(with(purchase(), map[int]string{
		14: "0812", 32: "00581672000", 35: "6037990000000014=08121234", 48: private,
		52: "\x01\x23\x45\x67\x89\xab\xcd\xef", 53: "0000000000000001", 55: "\x9f\x26\x01\x00",
	}))
	if len(r.sw.purchases) != 1 {
		t.Fatalf("the switch was asked %d times", len(r.sw.purchases))
	}
	p := r.sw.purchases[0]
	identity := payment.Identity{
		Acquirer: "581672000", Acceptor: "000000000000101", Terminal: "10100001", STAN: "000123",
		LocalDate: calendar.On(2026, 11, 21), LocalTime: "121459",
	}
	if p.Identity != identity {
		t.Errorf("identity %+v, want %+v", p.Identity, identity)
	}
	tariff := tariffs.Request{
		Service: "COPY", Units: 3, Base: 50_000, HasBase: true, Category: "VETERA", Option: "HOME", FirstYear: 1400,
		Due: calendar.On(2026, 9, 1), Requested: calendar.On(2026, 3, 20), Served: calendar.On(2026, 4, 5),
	}
	if p.Tariff != tariff {
		t.Errorf("tariff request %+v, want %+v", p.Tariff, tariff)
	}
	if p.Amount != 1_476_112 || p.Content != (switching.Content{Operation: "000000", Currency: "364", Text: private}) ||
		p.Reference != "000000000777" || p.Refused != "" {
		t.Errorf("the request is %+v", p)
	}
	card := []string{p.Card.PAN.Reveal(), p.Card.Track2.Reveal(), p.Card.PINBlock.Reveal(), p.Card.Expiry.Reveal(),
		p.Card.Entry, p.Card.Chip.Reveal(), p.Card.Security.Reveal()}
	wanted := []string{"6037990000000014", "6037990000000014=08121234", "0123456789ABCDEF", "0812", "021",
		"\x9f\x26\x01\x00", "0000000000000001"}
	for i := range card {
		if card[i] != wanted[i] {
			t.Errorf("part %d of the card is %q, want %q", i, card[i], wanted[i])
		}
	}
}

// TestAcquirerOfTheListener: it replaces an absent F32, and the PAN is taken from the
// track if F2 is absent.
func TestAcquirerOfTheListener(t *testing.T) {
	r := newRig(t, approved())
	r.ask(with(purchase(), map[int]string{2: "", 35: "6037990000000014=08121234"}))
	p := r.sw.purchases[0]
	if p.Acquirer != "581672000" || p.Card.PAN.Reveal() != "6037990000000014" {
		t.Errorf("acquirer %q, card %s", p.Acquirer, p.Card.PAN)
	}
}

// TestLocalDateTakesTheNearestYear completes F13 by the date of receipt.
func TestLocalDateTakesTheNearestYear(t *testing.T) {
	for _, c := range []struct {
		f13  string
		want calendar.Date
	}{
		{"1121", calendar.On(2026, 11, 21)},
		{"1231", calendar.On(2026, 12, 31)},
		{"0101", calendar.On(2027, 1, 1)},
		{"0601", calendar.On(2026, 6, 1)},
		{"0510", calendar.On(2027, 5, 10)},
	} {
		r := newRig(t, approved())
		r.ask(with(purchase(), map[int]string{13: c.f13}))
		if got := r.sw.purchases[0].LocalDate; got != c.want {
			t.Errorf("F13 %s is %s, want %s", c.f13, got, c.want)
		}
	}
	r := newRig(t, approved())
	isotest.Want(t, r.ask(with(purchase(), map[int]string{13: "0229"})), iso.MTIPurchaseAnswer, map[int]string{39: "30", 13: "", 11: "000123"})
	if r.sw.calls() != 0 {
		t.Error("29 February of no leap year reached the switch")
	}
}

// TestA3_RepeatKeepsIdentity: a 0201 is the same request as its 0200, whatever its F7.
func TestA3_RepeatKeepsIdentity(t *testing.T) {
	r := newRig(t, approved())
	r.ask(purchase())
	repeat := with(purchase(), map[int]string{7: "1121084559"})
	repeat.MTI = iso.MTIPurchaseRepeat
	isotest.Want(t, r.ask(repeat), iso.MTIPurchaseAnswer, map[int]string{7: "1121084559", 39: "00"})
	first, second := r.sw.purchases[0], r.sw.purchases[1]
	if first.Repeat || !second.Repeat {
		t.Error("the switch is not told which of the two is the repeat")
	}
	if first.Repeat = second.Repeat; first != second {
		t.Errorf("the repeat is another request: %+v, %+v", first.Identity, second.Identity)
	}
}

// TestPurchaseAnswer follows every part of the switch's answer into the 0210.
func TestPurchaseAnswer(t *testing.T) {
	r := newRig(t, approved())
	out := r.ask(with(purchase(), map[int]string{32: "00581672000"}))
	isotest.Want(t, out, iso.MTIPurchaseAnswer, map[int]string{
		2: "", 3: "000000", 4: "000001476112", 7: "1121084500", 11: "000123", 12: "121459", 13: "1121", 15: "1122",
		32: "00581672000", 37: "524400000017", 38: "123456", 39: "00", 41: "10100001", 42: "000000000000101", 44: "", 49: "364",
	})
	p, err := iso.ParsePrivate(out.Get(48))
	if err != nil {
		t.Fatal(err)
	}
	if p.Tracking != "0524410000000174" || len(p.Lines) != 4 || p.Lines[3].Code != "office" || p.Lines[3].Amount != 428_612 {
		t.Errorf("F48 is %+v", p)
	}
	cited := iso.TerminalDialect().DecodeText(p.Lines[0].Citation)
	if cited != "قانون وصول برخی از درآمدهای دولت ماده ۹" && cited != "قانون وصول برخی از درآمدهای دولت ماده 9" {
		t.Errorf("the citation reads %q", cited)
	}
	if len(r.refused) != 0 || len(r.Refusals()) != 0 {
		t.Errorf("an approval was counted as refused: %v", r.refused)
	}
}

// TestDeclineIsTold with the network's code as it came, the payment's numbers and a
// short text.
func TestDeclineIsTold(t *testing.T) {
	answer := approved()
	answer.Code, answer.Approval, answer.Lines = "51", "", nil
	r := newRig(t, answer)
	out := r.ask(purchase())
	isotest.Want(t, out, iso.MTIPurchaseAnswer, map[int]string{38: "", 39: "51", 37: "524400000017", 15: "1122"})
	if text := iso.TerminalDialect().DecodeText(out.Get(44)); text != "موجودی کافی نیست" {
		t.Errorf("F44 reads %q", text)
	}
	if n := r.Refusals()[Refused{AtSwitch, "51"}]; n != 1 || r.refused[0].Terminal != "10100001" {
		t.Errorf("counted %v, told %v", r.Refusals(), r.refused)
	}
}

// TestRefusalWithoutPayment still carries the mandatory F15 and F37.
func TestRefusalWithoutPayment(t *testing.T) {
	r := newRig(t, switching.Answer{Code: payment.Inoperative})
	isotest.Want(t, r.ask(purchase()), iso.MTIPurchaseAnswer, map[int]string{15: "1122", 37: "000000000000", 39: "91", 48: ""})
	r.config.Today = func(string) calendar.Date { return 0 }
	isotest.Want(t, r.ask(purchase()), iso.MTIPurchaseAnswer, map[int]string{15: "1121", 39: "91"})
}

// notServed holds that a purchase is refused with 12, and what it asks for.
func notServed(operation, currency string) func(switching.Purchase) bool {
	return func(p switching.Purchase) bool {
		return p.Refused == payment.InvalidRequest && p.Content.Operation == operation && (currency == "" || p.Content.Currency == currency)
	}
}

// TestValuesTheSwitchRefuses: a well-formed request takes its identity even if it is
// refused, so the switch must see it.
func TestValuesTheSwitchRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		fields map[int]string
		seen   func(switching.Purchase) bool
	}{
		"check digit":      {map[int]string{2: "6037990000000015"}, func(p switching.Purchase) bool { return p.Refused == payment.InvalidCard }},
		"track of another": {map[int]string{35: "6104330000000516=08121234"}, func(p switching.Purchase) bool { return p.Refused == payment.InvalidCard }},
		"amount of zero":   {map[int]string{4: "000000000000"}, func(p switching.Purchase) bool { return p.Amount == 0 && p.Refused == "" }},
		"currency":         {map[int]string{49: "840"}, notServed("000000", "840")},
		"other currency":   {map[int]string{50: "840"}, notServed("000000", "840")},
		"processing code":  {map[int]string{3: "310000"}, notServed("310000", "364")},
		"bill payment":     {map[int]string{3: "170000"}, notServed("170000", "364")},
		"its needs are not known": {map[int]string{3: "310000", 4: "", 48: "", 2: ""},
			func(p switching.Purchase) bool { return notServed("310000", "")(p) && p.Amount == 0 }},
		"several": {map[int]string{2: "6037990000000015", 4: "000000000000", 49: "840"},
			func(p switching.Purchase) bool { return notServed("000000", "840")(p) && p.Amount == 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, switching.Answer{Code: payment.InvalidRequest, RRN: 524400000017})
			out := r.ask(with(purchase(), c.fields))
			if len(r.sw.purchases) != 1 || !c.seen(r.sw.purchases[0]) {
				t.Fatalf("the switch saw %+v", r.sw.purchases)
			}
			isotest.Want(t, out, iso.MTIPurchaseAnswer, map[int]string{39: "12", 37: "524400000017"})
		})
	}
}

// TestForeignCurrencyIsRepeated, so that a 12 does not speak of another amount.
func TestForeignCurrencyIsRepeated(t *testing.T) {
	r := newRig(t, switching.Answer{Code: payment.InvalidRequest})
	isotest.Want(t, r.ask(with(purchase(), map[int]string{49: "840"})), iso.MTIPurchaseAnswer, map[int]string{39: "12", 49: "840"})
}

// TestBill reads the ids of a bill and finds the network's letters for its payee.
func TestBill(t *testing.T) {
	r := newRig(t, approved())
	r.ask(with(purchase(), map[int]string{48: "SVC004BILLBIL0137748317800142PAY0071770160"}))
	want := switching.Bill{Organisation: "TC", BillID: "7748317800142", PaymentID: "1770160"}
	if len(r.sw.purchases) != 1 || r.sw.purchases[0].Bill != want {
		t.Errorf("the switch saw %+v, want %+v", r.sw.purchases, want)
	}
}

// TestLinesThatDoNotFit are left out of the answer to a purchase, whose approval
// is not affected, and refuse an inquiry.
func TestLinesThatDoNotFit(t *testing.T) {
	answer := approved()
	answer.Lines = nil
	for range 40 {
		answer.Lines = append(answer.Lines, payment.Line{Component: strings.Repeat("c", 30), Amount: money.Rial(1)})
	}
	r := newRig(t, answer)
	isotest.Want(t, r.ask(purchase()), iso.MTIPurchaseAnswer, map[int]string{39: "00", 48: "TRK0160524410000000174"})
	isotest.Want(t, r.ask(tariffInquiry()), iso.MTIInquiryAnswer, map[int]string{39: "96", 4: "000000000000", 48: "SVC008PASSPORT"})
}

// TestCurrencyOfADialectWithoutValues: a dialect file of one's own may leave the currencies open. The channel serves rial all the same.
func TestCurrencyOfADialectWithoutValues(t *testing.T) {
	text, err := os.ReadFile("../dialects/terminal-1987.yaml")
	if err != nil {
		t.Fatal(err)
	}
	own := strings.Replace(string(text), `values: ["364"], refusal: "12", show: plain}`+"\n  50:", "show: plain}\n  50:", 1)
	dialect, err := iso.Load("own.yaml", []byte(own))
	if err != nil || own == string(text) {
		t.Fatal(err)
	}
	r := newRig(t, approved())
	r.config.Dialect = dialect
	r.Handle(t.Context(), nil, with(purchase(), map[int]string{49: "840"}))
	if len(r.sw.purchases) != 1 || !notServed("000000", "840")(r.sw.purchases[0]) {
		t.Errorf("the switch saw %+v", r.sw.purchases)
	}
}

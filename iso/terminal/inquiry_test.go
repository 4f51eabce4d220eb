package terminal

import (
	"strings"
	"testing"

	"treasury-switch/calendar"
	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
	"treasury-switch/tariffs"
)

// tariffInquiry is a 0100 for a passport.
func tariffInquiry() *iso.Message {
	return message(iso.MTIInquiry, map[int]string{
		3: "380000", 7: "1121084500", 11: "000124", 12: "121500", 13: "1121", 18: "9399", 22: "021", 25: "14",
		41: "10100001", 42: "000000000000101", 48: "SVC008PASSPORT", 49: "364",
	})
}

// statusInquiry is a 0100 about the purchase of the tests.
func statusInquiry() *iso.Message {
	return message(iso.MTIInquiry, map[int]string{
		3: "380001", 7: "1121084600", 11: "000125", 12: "121459", 13: "1121", 41: "10100001", 42: "000000000000101",
		90: original("0200", "000123"),
	})
}

// original is a F90.
func original(mti, stan string) string { return mti + stan + "1121084500" + strings.Repeat("0", 22) }

func TestTariffInquiry(t *testing.T) {
	r := newRig(t, approved())
	out := r.ask(with(tariffInquiry(), map[int]string{4: "000000000001", 48: "SVC004COPYQTY0013RQD00820260320SVD00820260405"}))
	asked := switching.Inquiry{
		Acceptor: "000000000000101", Terminal: "10100001", Tariff: tariffs.Request{Service: "COPY", Units: 3, Requested: calendar.On(2026, 3, 20), Served: calendar.On(2026, 4, 5)},
	}
	if len(r.sw.inquiries) != 1 || r.sw.inquiries[0] != asked {
		t.Fatalf("the switch saw %+v", r.sw.inquiries)
	}
	isotest.Want(t, out, iso.MTIInquiryAnswer, map[int]string{
		3: "380000", 4: "000001476112", 7: "1121084500", 11: "000124", 12: "121500", 13: "1121", 18: "9399", 22: "021",
		25: "14", 39: "00", 41: "10100001", 42: "000000000000101", 49: "364",
	})
	p, err := iso.ParsePrivate(out.Get(48))
	if err != nil || p.Service != "COPY" || len(p.Lines) != 4 || len(p.Lines[0].Citation) == 0 {
		t.Errorf("F48 is %+v, %v", p, err)
	}
}

// TestAnswersTellTheDayThatDecided, an inquiry's as well as a payment's; without a price there is none to tell.
func TestAnswersTellTheDayThatDecided(t *testing.T) {
	day := calendar.On(2026, 3, 20)
	for by, letter := range map[tariffs.Decider]string{tariffs.PaymentDate: "P", tariffs.RequestDate: "R", tariffs.ServiceDate: "S"} {
		answer := approved()
		answer.Decided, answer.DecidedBy = day, by
		r := newRig(t, answer)
		for _, m := range []*iso.Message{tariffInquiry(), purchase()} {
			if text := r.ask(m).Get(48); strings.Count(text, "DCD009"+letter+"20260320") != 1 {
				t.Errorf("%s, %s: F48 is %q", m.MTI, by, text)
			}
		}
	}
	r := newRig(t, switching.Answer{Code: payment.InvalidAmount})
	if text := r.ask(purchase()).Get(48); text != "" {
		t.Errorf("refused without a price, F48 is %q", text)
	}
}

// TestExemptTariff answers 00 with an amount of zero.
func TestExemptTariff(t *testing.T) {
	r := newRig(t, switching.Answer{Code: payment.OK, Lines: []payment.Line{{Component: "form", Amount: 0}}})
	isotest.Want(t, r.ask(tariffInquiry()), iso.MTIInquiryAnswer,
		map[int]string{4: "000000000000", 39: "00", 48: "SVC008PASSPORTLIN006form=0"})
}

// TestCitationsAreDropped from the last line up where F48 is full; lines never are.
func TestCitationsAreDropped(t *testing.T) {
	answer := approved()
	answer.Lines = nil
	for range 20 {
		answer.Lines = append(answer.Lines, payment.Line{Component: "c", Amount: 1, Citation: strings.Repeat("ماده ", 30)})
	}
	r := newRig(t, answer)
	p, err := iso.ParsePrivate(r.ask(tariffInquiry()).Get(48))
	if err != nil || len(p.Lines) != 20 {
		t.Fatalf("%d lines, %v", len(p.Lines), err)
	}
	if first, last := p.Lines[0].Citation, p.Lines[19].Citation; len(first) == 0 || len(first) > iso.MaxCitation || last != "" {
		t.Errorf("the first citation has %d bytes, the last %d", len(first), len(last))
	}
}

// TestTariffRefused repeats what was asked, without a price.
func TestTariffRefused(t *testing.T) {
	for code, wanted := range map[payment.Code]string{
		payment.InvalidRequest: "12", payment.InvalidAcceptor: "03", payment.FormatError: "30",
	} {
		answer := approved()
		answer.Code = code
		r := newRig(t, answer)
		isotest.Want(t, r.ask(with(tariffInquiry(), map[int]string{4: "000000000001"})), iso.MTIInquiryAnswer,
			map[int]string{4: "000000000000", 39: wanted, 48: "SVC008PASSPORT"})
	}
	r := newRig(t, switching.Answer{Code: payment.InvalidRequest})
	isotest.Want(t, r.ask(with(tariffInquiry(), map[int]string{49: "840"})), iso.MTIInquiryAnswer, map[int]string{39: "12"})
	if len(r.sw.inquiries) != 1 || r.sw.inquiries[0].Refused != payment.InvalidRequest {
		t.Errorf("the switch saw %+v", r.sw.inquiries)
	}
}

// TestUnknownInquiry: a 0100 that is neither gets 12.
func TestUnknownInquiry(t *testing.T) {
	r := newRig(t, approved())
	isotest.Want(t, r.ask(with(tariffInquiry(), map[int]string{3: "310000"})), iso.MTIInquiryAnswer, map[int]string{39: "12", 3: "310000"})
	if r.sw.calls() != 0 {
		t.Error("it reached the switch")
	}
}

// TestStatusInquiry names its original by the message's own F12 and F13 and F90's
// STAN, and tells the original's code and numbers.
func TestStatusInquiry(t *testing.T) {
	answer := approved()
	answer.Code = payment.OutcomeUnknown
	r := newRig(t, answer)
	out := r.ask(statusInquiry())
	asked := payment.Identity{
		Acquirer: "581672000", Acceptor: "000000000000101", Terminal: "10100001", STAN: "000123",
		LocalDate: calendar.On(2026, 11, 21), LocalTime: "121459",
	}
	if len(r.sw.statuses) != 1 || r.sw.statuses[0].Original != asked {
		t.Fatalf("the switch saw %+v", r.sw.statuses)
	}
	isotest.Want(t, out, iso.MTIInquiryAnswer, map[int]string{
		3: "380001", 4: "000001476112", 11: "000125", 12: "121459", 13: "1121", 37: "524400000017", 39: "68",
		48: "TRK0160524410000000174", 90: original("0200", "000123"),
	})
}

func TestStatusOfNothing(t *testing.T) {
	r := newRig(t, switching.Answer{Code: payment.NoOriginal})
	isotest.Want(t, r.ask(statusInquiry()), iso.MTIInquiryAnswer, map[int]string{4: "", 37: "", 39: "25", 48: ""})
}

package terminal

import (
	"testing"

	"treasury-switch/calendar"
	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// reversalOf is a reversal of the purchase of the tests.
func reversalOf(mti iso.MTI) *iso.Message {
	return message(mti, map[int]string{
		2: "6037990000000014", 3: "000000", 4: "000001476112", 7: "1121084700", 11: "000126", 12: "121459", 13: "1121",
		41: "10100001", 42: "000000000000101", 49: "364", 90: original("0200", "000123"),
	})
}

// TestReversal maps all four message types; the identity is the original's.
func TestReversal(t *testing.T) {
	for mti, c := range map[iso.MTI]struct {
		answer iso.MTI
		advice bool
	}{
		iso.MTIReversal:             {iso.MTIReversalAnswer, false},
		iso.MTIReversalRepeat:       {iso.MTIReversalAnswer, false},
		iso.MTIReversalAdvice:       {iso.MTIReversalAdviceAnswer, true},
		iso.MTIReversalAdviceRepeat: {iso.MTIReversalAdviceAnswer, true},
	} {
		t.Run(mti.String(), func(t *testing.T) {
			r := newRig(t, approved())
			out := r.ask(reversalOf(mti))
			if len(r.sw.reversals) != 1 {
				t.Fatalf("the switch was asked %d times", len(r.sw.reversals))
			}
			asked := r.sw.reversals[0]
			identity := payment.Identity{
				Acquirer: "581672000", Acceptor: "000000000000101", Terminal: "10100001", STAN: "000123",
				LocalDate: calendar.On(2026, 11, 21), LocalTime: "121459",
			}
			if asked.Original != identity || asked.Advice != c.advice || asked.Amount != 1_476_112 ||
				asked.Card.PAN.Reveal() != "6037990000000014" {
				t.Errorf("the switch saw %+v", asked)
			}
			isotest.Want(t, out, c.answer, map[int]string{
				2: "", 3: "000000", 4: "000001476112", 7: "1121084700", 11: "000126", 12: "121459", 13: "1121",
				37: "524400000017", 39: "00", 41: "10100001", 42: "000000000000101", 90: original("0200", "000123"),
			})
		})
	}
}

// TestReversalMeetsItsOriginal: both messages have one identity.
func TestReversalMeetsItsOriginal(t *testing.T) {
	r := newRig(t, approved())
	r.ask(purchase())
	r.ask(with(reversalOf(iso.MTIReversalAdvice), map[int]string{90: "0200000123" + "0101000000" + "0058167200000000000000"}))
	if r.sw.purchases[0].Identity != r.sw.reversals[0].Original {
		t.Errorf("%+v is not %+v", r.sw.reversals[0].Original, r.sw.purchases[0].Identity)
	}
}

func TestReversalWithoutCard(t *testing.T) {
	r := newRig(t, switching.Answer{Code: payment.OK})
	isotest.Want(t, r.ask(with(reversalOf(iso.MTIReversal), map[int]string{2: ""})), iso.MTIReversalAnswer, map[int]string{39: "00", 37: ""})
	if !r.sw.reversals[0].Card.PAN.IsZero() {
		t.Error("there is a card")
	}
}

// TestReversalRefused before the switch is asked.
func TestReversalRefused(t *testing.T) {
	for name, c := range map[string]struct {
		fields map[int]string
		told   string
		code   iso.Code
	}{
		"G14 of a reversal":  {map[int]string{90: original("0400", "000123")}, "12", "12"},
		"currency":           {map[int]string{49: "840"}, "09", "12"},
		"check digit":        {map[int]string{2: "6037990000000015"}, "09", "14"},
		"no original":        {map[int]string{90: ""}, "09", "30"},
		"malformed original": {map[int]string{90: original("0200", "000123")[:10] + "99999999990000000000000000000000"}, "09", "30"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, approved())
			isotest.Want(t, r.ask(with(reversalOf(iso.MTIReversalAdvice), c.fields)), iso.MTIReversalAdviceAnswer,
				map[int]string{39: c.told, 11: "000126"})
			if r.sw.calls() != 0 || r.Refusals()[Refused{AtForm, c.code}] != 1 {
				t.Errorf("%d calls, counted %v", r.sw.calls(), r.Refusals())
			}
		})
	}
}

// TestF6_SettledDay passes the switch's 77 on.
func TestF6_SettledDay(t *testing.T) {
	r := newRig(t, switching.Answer{Code: payment.DaySettled, RRN: 524400000017})
	isotest.Want(t, r.ask(reversalOf(iso.MTIReversal)), iso.MTIReversalAnswer, map[int]string{39: "77", 37: "524400000017"})
}

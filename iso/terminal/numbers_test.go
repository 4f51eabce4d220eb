package terminal

import (
	"testing"

	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/switch/payment"
)

// TestA16_NumbersOfTheIdentity: F32 and F42 are numbers. However many zeros or spaces
// stand around them, it is the same request, and its reversal and the question about it
// find it; the answer repeats what the terminal wrote.
func TestA16_NumbersOfTheIdentity(t *testing.T) {
	const usual = "000000000000101"
	for name, fields := range map[string]map[int]string{
		"as it is written":      {32: "581672000"},
		"not at all":            {32: ""},
		"with zeros":            {32: "00581672000"},
		"F42 with spaces":       {42: "101            "},
		"F42 with spaces first": {42: "            101"},
		"F42 with both":         {42: "00101          "},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, approved())
			for _, m := range []*iso.Message{purchase(), reversalOf(iso.MTIReversalAdvice), statusInquiry(), tariffInquiry()} {
				m = with(m, fields)
				out := r.ask(m)
				isotest.Want(t, out, m.MTI.Answer(), map[int]string{39: "00", 32: m.Get(32), 42: m.Get(42)})
			}
			want := r.sw.purchases[0].Identity
			if want.Acquirer != "581672000" || want.Acceptor != usual {
				t.Errorf("the identity is %+v", want)
			}
			for _, got := range []payment.Identity{r.sw.reversals[0].Original, r.sw.statuses[0].Original} {
				if got != want {
					t.Errorf("%+v is not %+v", got, want)
				}
			}
			if got := r.sw.inquiries[0].Acceptor; got != usual {
				t.Errorf("the price is asked for acceptor %q", got)
			}
		})
	}
}

// TestA16_OtherLetters: what is no number is taken as it came.
func TestA16_OtherLetters(t *testing.T) {
	r := newRig(t, approved())
	r.ask(with(purchase(), map[int]string{42: "00A101         "}))
	if got := r.sw.purchases[0].Acceptor; got != "00A101         " {
		t.Errorf("the acceptor is %q", got)
	}
}

// TestA16_ForeignAcquirer: a terminal of another acquirer is not ours (58; 09 about an
// earlier payment, A19), whatever it sends, and nothing of it reaches the switch.
func TestA16_ForeignAcquirer(t *testing.T) {
	for _, foreign := range []string{"627412000", "0", "00000000000", "5816720000", "58167200"} {
		r := newRig(t, approved())
		for _, m := range []*iso.Message{purchase(), reversalOf(iso.MTIReversal), reversalOf(iso.MTIReversalAdvice), statusInquiry(),
			tariffInquiry(), with(reversalOf(iso.MTIReversalAdviceRepeat), map[int]string{90: original("0400", "000123")})} {
			out := r.ask(with(m, map[int]string{32: foreign}))
			isotest.Want(t, out, m.MTI.Answer(), map[int]string{39: toldOf(m, "58"), 32: foreign, 11: m.Get(11)})
		}
		if r.sw.calls() != 0 || r.Refusals()[Refused{AtAcquirer, "58"}] != 6 {
			t.Errorf("%s: %d calls, counted %v", foreign, r.sw.calls(), r.Refusals())
		}
	}
}

// TestA16_FurtherAcquirers are served as themselves where the listener names them.
func TestA16_FurtherAcquirers(t *testing.T) {
	r := newRig(t, approved())
	config := r.config
	config.Acquirer, config.Acquirers = "00581672000", []string{"0627412000"}
	var err error
	if r.Channel, err = New(config); err != nil {
		t.Fatal(err)
	}
	for written, want := range map[string]string{"": "581672000", "581672000": "581672000", "627412000": "627412000", "00627412000": "627412000"} {
		r.sw.purchases = nil
		isotest.Want(t, r.ask(with(purchase(), map[int]string{32: written})), iso.MTIPurchaseAnswer, map[int]string{39: "00"})
		if got := r.sw.purchases[0].Acquirer; got != want {
			t.Errorf("F32 %q is acquirer %q, want %q", written, got, want)
		}
	}
}

// TestA15_PartialReversal: F95 asks to keep a part of the amount, which is not
// served. The whole is not reversed instead.
func TestA15_PartialReversal(t *testing.T) {
	for _, amounts := range []string{"000000476112" + "000000000000000000000000000000", "000000000000000000000000000000000000000000",
		"                                          "} {
		for _, mti := range []iso.MTI{iso.MTIReversal, iso.MTIReversalRepeat, iso.MTIReversalAdvice, iso.MTIReversalAdviceRepeat} {
			r := newRig(t, approved())
			out := r.ask(with(reversalOf(mti), map[int]string{95: amounts}))
			isotest.Want(t, out, mti.Answer(), map[int]string{39: "30", 11: "000126", 90: original("0200", "000123")})
			if r.sw.calls() != 0 {
				t.Errorf("%s reached the switch", mti)
			}
		}
	}
}

// TestReversalNamesItsCardByTheTrack: F35 names the card where F2 is absent, and both
// must name one.
func TestReversalNamesItsCardByTheTrack(t *testing.T) {
	r := newRig(t, approved())
	r.ask(with(reversalOf(iso.MTIReversalAdvice), map[int]string{2: "", 35: "6037990000000014=08121234"}))
	if got := r.sw.reversals[0].Card.PAN.Reveal(); got != "6037990000000014" {
		t.Errorf("the card is %q", got)
	}
	isotest.Want(t, r.ask(with(reversalOf(iso.MTIReversalAdvice), map[int]string{35: "6037990000000022=08121234"})), iso.MTIReversalAdviceAnswer,
		map[int]string{39: "09"})
	isotest.Want(t, r.ask(with(reversalOf(iso.MTIReversalAdvice), map[int]string{2: "", 35: "6037990000000014"})), iso.MTIReversalAdviceAnswer,
		map[int]string{39: "09"})
	if counted := r.Refusals(); counted[Refused{AtForm, "14"}] != 1 || counted[Refused{AtForm, "30"}] != 1 || len(r.sw.reversals) != 1 {
		t.Errorf("counted %v, %d reversals", counted, len(r.sw.reversals))
	}
}

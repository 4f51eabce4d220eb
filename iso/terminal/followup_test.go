package terminal

import (
	"strings"
	"testing"

	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/iso/server"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// as gives a message another type.
func as(mti iso.MTI, m *iso.Message) *iso.Message {
	m = m.Clone()
	m.MTI = mti
	return m
}

// followUps are messages of every kind about the purchase of the tests.
func followUps() map[string]*iso.Message {
	return map[string]*iso.Message{
		"0201": as(iso.MTIPurchaseRepeat, purchase()), "status": statusInquiry(),
		"0400": reversalOf(iso.MTIReversal), "0401": reversalOf(iso.MTIReversalRepeat),
		"0420": reversalOf(iso.MTIReversalAdvice), "0421": reversalOf(iso.MTIReversalAdviceRepeat),
	}
}

// turningAway are the ways in which a message is refused before anything is looked for.
func turningAway() map[string]struct {
	fields    map[int]string
	untrusted bool
	refused   Refused
} {
	return map[string]struct {
		fields    map[int]string
		untrusted bool
		refused   Refused
	}{
		"malformed":        {map[int]string{13: "1399"}, false, Refused{AtForm, "30"}},
		"a field missing":  {map[int]string{42: ""}, false, Refused{AtForm, "30"}},
		"no STAN":          {map[int]string{11: ""}, true, Refused{AtForm, "30"}},
		"no F48":           {map[int]string{48: ""}, false, Refused{AtForm, "30"}},
		"no service":       {map[int]string{48: "QTY0013"}, false, Refused{AtForm, "30"}},
		"acquirer":         {map[int]string{32: "999999"}, false, Refused{AtAcquirer, "58"}},
		"terminal":         {map[int]string{41: "99999999"}, false, Refused{AtTerminal, "58"}},
		"MAC":              {nil, true, Refused{AtMAC, "63"}},
		"terminal and MAC": {map[int]string{41: "99999999"}, true, Refused{AtTerminal, "58"}},
	}
}

// TestA19_RefusedBeforeItsPaymentIsLookedFor: a repeat, a reversal or an inquiry that the edge turns away may be about a payment that
// exists, so it is told 09, which promises nothing; operators count and read why. A first request has nothing behind it, and is told.
func TestA19_RefusedBeforeItsPaymentIsLookedFor(t *testing.T) {
	for why, c := range turningAway() {
		for kind, m := range followUps() {
			if _, private := c.fields[iso.FieldPrivate]; private && kind != "0201" {
				continue // It needs no F48, and its content is not read.
			}
			t.Run(why+"/"+kind, func(t *testing.T) {
				r := newRig(t, approved())
				isotest.Want(t, r.ask(with(m, c.fields), flag(c.untrusted)...), m.MTI.Answer(), map[int]string{39: "09", 37: r.noPayment(m)})
				if r.sw.calls() != 0 || r.Refusals()[c.refused] != 1 || r.FollowUps()[c.refused] != 1 || r.refused[0].Code != c.refused.Code {
					t.Errorf("%d calls, counted %v and %v, told %v", r.sw.calls(), r.Refusals(), r.FollowUps(), r.refused)
				}
				line := r.log.String()
				if !strings.Contains(line, "code="+string(c.refused.Code)) || !strings.Contains(line, "told=09") {
					t.Errorf("the log says %s", line)
				}
			})
		}
		for kind, m := range map[string]*iso.Message{"0200": purchase(), "tariff": tariffInquiry()} {
			t.Run(why+"/"+kind, func(t *testing.T) {
				r := newRig(t, approved())
				isotest.Want(t, r.ask(with(m, c.fields), flag(c.untrusted)...), m.MTI.Answer(), map[int]string{39: string(c.refused.Code)})
				if r.sw.calls() != 0 || r.Refusals()[c.refused] != 1 || len(r.FollowUps()) != 0 {
					t.Errorf("%d calls, counted %v and %v", r.sw.calls(), r.Refusals(), r.FollowUps())
				}
			})
		}
	}
}

// flag is how ask is told that the MAC is wrong.
func flag(untrusted bool) []bool {
	if untrusted {
		return []bool{true}
	}
	return nil
}

// noPayment is F37 of an answer of that message's kind which knows of no payment.
func (r *rig) noPayment(m *iso.Message) string {
	if m.MTI.Original() == iso.MTIPurchase {
		return noRRN
	}
	return ""
}

// TestA19_AnotherValueOfAReversal: a card, a currency or a type that is not served says nothing of the payment either.
func TestA19_AnotherValueOfAReversal(t *testing.T) {
	for name, c := range map[string]struct {
		m    *iso.Message
		true iso.Code
	}{
		"currency of a reversal":    {with(reversalOf(iso.MTIReversal), map[int]string{49: "840"}), "12"},
		"card by its track":         {with(reversalOf(iso.MTIReversalAdvice), map[int]string{35: "6037990000000022=08121234"}), "14"},
		"no track":                  {with(reversalOf(iso.MTIReversalAdvice), map[int]string{2: "", 35: "6037990000000014"}), "30"},
		"card of a reversal":        {with(reversalOf(iso.MTIReversalAdvice), map[int]string{2: "6037990000000015"}), "14"},
		"currency of an inquiry":    {with(statusInquiry(), map[int]string{49: "840"}), "12"},
		"repeat of an inquiry":      {as(iso.MTIInquiry.Repeat(), statusInquiry()), "12"},
		"part, but also no STAN":    {with(reversalOf(iso.MTIReversal), map[int]string{11: "", 95: strings.Repeat("0", 42)}), "30"},
		"reversal of one, no STAN":  {with(reversalOf(iso.MTIReversal), map[int]string{11: "", 90: original("0400", "000123")}), "30"},
		"reversal of one, currency": {with(reversalOf(iso.MTIReversal), map[int]string{49: "840", 90: original("0400", "000123")}), "12"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, approved())
			isotest.Want(t, r.ask(c.m), c.m.MTI.Answer(), map[int]string{39: "09"})
			if of := (Refused{AtForm, c.true}); r.sw.calls() != 0 || r.Refusals()[of] != 1 || r.FollowUps()[of] != 1 {
				t.Errorf("%d calls, counted %v and %v", r.sw.calls(), r.Refusals(), r.FollowUps())
			}
		})
	}
}

// TestA19_CutShort: of a message that could not be read to its end the type is known, and so is that it is about a payment.
func TestA19_CutShort(t *testing.T) {
	for kind, m := range followUps() {
		raw, err := iso.TerminalDialect().Pack(nil, m)
		if err != nil {
			t.Fatal(err)
		}
		r := newRig(t, approved())
		for _, cut := range []int{1, 10, 20} {
			isotest.Want(t, r.askRaw(raw[:len(raw)-cut], false), m.MTI.Answer(), map[int]string{39: "09"})
		}
		if n := r.FollowUps()[Refused{AtForm, "30"}]; n != 3 {
			t.Errorf("%s: counted %d", kind, n)
		}
	}
}

// TestA19_WhatItAsksIsNotServed: a reversal that was understood, and asks for what nobody ever serves, is told so. So is an inquiry whose
// processing code cannot be read: it may be about a price.
func TestA19_WhatItAsksIsNotServed(t *testing.T) {
	for name, c := range map[string]struct {
		m    *iso.Message
		code string
	}{
		"a part":                 {with(reversalOf(iso.MTIReversal), map[int]string{95: strings.Repeat("0", 42)}), "30"},
		"of a reversal":          {with(reversalOf(iso.MTIReversalAdvice), map[int]string{90: original("0400", "000123")}), "12"},
		"kind of inquiry":        {with(statusInquiry(), map[int]string{3: "310000"}), "12"},
		"no processing code":     {with(statusInquiry(), map[int]string{3: "", 90: ""}), "30"},
		"unreadable kind":        {with(statusInquiry(), map[int]string{3: "38000X"}), "30"},
		"advice of a completion": {with(as(iso.MTIDelivery, statusInquiry()), map[int]string{39: "00"}), "12"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, approved())
			raw := packed(formats(t), c.m, 3, c.m.Get(3), "")
			isotest.Want(t, r.askRaw(raw, false), c.m.MTI.Answer(), map[int]string{39: c.code})
			if r.sw.calls() != 0 || len(r.FollowUps()) != 0 {
				t.Errorf("%d calls, counted %v", r.sw.calls(), r.FollowUps())
			}
		})
	}
}

// TestA19_AsBytes: a wrong MAC on the wire.
func TestA19_AsBytes(t *testing.T) {
	l := listen(t, switching.Answer{Code: payment.OK, RRN: 524400000017, Amount: 1_476_112}, server.Config{MAC: isotest.MAC(t)})
	d := l.connect()
	for _, m := range followUps() {
		frame := d.Frame(m)
		last := len(frame) - 1
		frame[last] = map[bool]byte{true: '1', false: '0'}[frame[last] == '0']
		d.Write(frame)
		isotest.Want(t, d.Receive(), m.MTI.Answer(), map[int]string{39: "09", 11: m.Get(11)})
		isotest.Want(t, d.Ask(m), m.MTI.Answer(), map[int]string{39: "00", 11: m.Get(11)})
	}
	if n := l.FollowUps()[Refused{AtMAC, "63"}]; n != 6 {
		t.Errorf("counted %v", l.FollowUps())
	}
}

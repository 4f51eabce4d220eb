package terminal

import (
	"os"
	"strings"
	"testing"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/iso/server"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// brokenMessages are messages of every kind, with the answer where our work on them breaks off.
func brokenMessages() map[string]struct {
	m    *iso.Message
	want string
} {
	repeated := purchase()
	repeated.MTI = iso.MTIPurchaseRepeat
	return map[string]struct {
		m    *iso.Message
		want string
	}{
		"0200": {purchase(), "09"}, "0201": {repeated, "09"}, "0400": {reversalOf(iso.MTIReversal), "09"}, "0420": {reversalOf(iso.MTIReversalAdvice), "09"},
		"status": {statusInquiry(), "09"}, "tariff": {tariffInquiry(), "96"},
	}
}

// TestOurOwnBugPromisesNothing: what the switch has done by then is not known at the edge, and any code but 09 says that nothing was done,
// or, of a status inquiry, how the payment ended.
func TestOurOwnBugPromisesNothing(t *testing.T) {
	for name, breaks := range map[string]func(l *listener){
		"the switch panics":           func(l *listener) { l.sw.bug = true },
		"the answer has no code":      func(l *listener) { l.sw.answer.Code = "" },
		"its code is none":            func(l *listener) { l.sw.answer.Code = "0x0" },
		"the answer does not fit F38": func(l *listener) { l.sw.answer.Approval = "123456789" },
	} {
		t.Run(name, func(t *testing.T) {
			l := listen(t, switching.Answer{Code: payment.OK, RRN: 524400000017, Amount: 1_476_112}, server.Config{})
			breaks(l)
			for kind, c := range brokenMessages() {
				if l.sw.answer.Approval != "" && c.m.MTI.Original() != iso.MTIPurchase {
					continue // F38 is in the answer to a purchase only.
				}
				before := l.alarms.Load()
				answer := l.connect().Ask(c.m)
				isotest.Want(t, answer, c.m.MTI.Answer(), map[int]string{39: c.want, 11: c.m.Get(11)})
				if l.alarms.Load() != before+1 {
					t.Errorf("%s: no alarm", kind)
				}
			}
		})
	}
}

// otherDialect is the terminals' dialect with one text of its file replaced.
func otherDialect(t *testing.T, old, new string) *iso.Dialect {
	t.Helper()
	text, err := os.ReadFile("../dialects/terminal-1987.yaml")
	if err != nil || !strings.Contains(string(text), old) {
		t.Fatalf("%q is not in the dialect's file: %v", old, err)
	}
	d, err := iso.Load("other", []byte(strings.Replace(string(text), old, new, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestTheCodeIsToldWhereTheRestDoesNotFit: that F48 is too short is no reason not to tell what became of a payment.
func TestTheCodeIsToldWhereTheRestDoesNotFit(t *testing.T) {
	for length, want := range map[string]string{"30": "TRK0160524410000000174", "20": ""} {
		r := newRig(t, approved())
		r.Channel.config.Dialect = otherDialect(t, "type: bytes, len: 999, prefix: LLL, show: tags", "type: bytes, len: "+length+", prefix: LLL, show: tags")
		isotest.Want(t, r.ask(purchase()), iso.MTIPurchaseAnswer, map[int]string{39: "00", 37: "524400000017", 48: want})
		isotest.Want(t, r.ask(statusInquiry()), iso.MTIInquiryAnswer, map[int]string{39: "00", 37: "524400000017", 48: want})
		isotest.Want(t, r.ask(tariffInquiry()), iso.MTIInquiryAnswer, map[int]string{39: "96"}) // A price is told with its lines, or not at all.
	}
}

// TestFramesThatDoNotHoldEveryAnswer are refused at the start.
func TestFramesThatDoNotHoldEveryAnswer(t *testing.T) {
	small := otherDialect(t, "max: 4096", "max: 1024")
	if _, err := New(Config{Dialect: small, Switch: &fakeSwitch{}, Acquirer: "581672000"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
}

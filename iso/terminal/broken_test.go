package terminal

import (
	"testing"

	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/iso/server"
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
		"the answer does not fit F38": func(l *listener) { l.sw.answer.Approval = "123456789" },
	} {
		t.Run(name, func(t *testing.T) {
			l := listen(t, switching.Answer{Code: switching.OK, RRN: 524400000017, Amount: 1_476_112}, server.Config{})
			breaks(l)
			for kind, c := range brokenMessages() {
				if !l.sw.bug && c.m.MTI.Original() != iso.MTIPurchase {
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

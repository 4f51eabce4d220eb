package switching

import (
	"testing"
	"time"

	"treasury-switch/switch/payment"
)

// A17: a status inquiry with an F12 and F13 of its own is told how the payment ended, not
// that there is none: it would be charged again. Of two it is told nothing.
func TestA17_StatusFoundByF90(t *testing.T) {
	r := newRig(t)
	p, sent := r.paidSale()
	asked := r.ownStatusOf(p, sent.Add(15*time.Second))
	a := r.Status(t.Context(), asked)
	r.wantCode(a, payment.OK)
	if a.RRN != r.payment(p).RRN || a.Amount != p.Amount {
		t.Errorf("the answer is of another payment: %+v", a)
	}
	sameSTAN := r.purchase()
	sameSTAN.STAN = p.STAN
	sameSTAN.Identity = moved(sameSTAN.Identity, sent.Add(10*time.Second))
	sameSTAN.Amount, sameSTAN.Tariff.Units = 2*p.Amount, 2*p.Tariff.Units
	r.wantCode(r.Purchase(t.Context(), sameSTAN), payment.OK)
	r.wantCode(r.Status(t.Context(), asked), payment.InProgress)
	asked.Amount = sameSTAN.Amount
	if a := r.Status(t.Context(), asked); a.Code != payment.OK || a.RRN != r.payment(sameSTAN).RRN {
		t.Errorf("with its amount: %+v", a)
	}
	if n := r.count(`SELECT count(*) FROM payment`); n != 2 {
		t.Errorf("%d payments", n)
	}
}

// A17: 25 has a terminal charge again, and the tombstone of an inquiry with its own F12 and F13 keeps nothing out. It is never told so:
// not at once after its request, nor where F90 names no time, or the inquiry's, and F12 is near that.
func TestA17_StatusIsNeverToldThereIsNone(t *testing.T) {
	for name, change := range map[string]func(q *StatusInquiry, sent time.Time){
		"as it is": func(*StatusInquiry, time.Time) {},
		"a second later": func(q *StatusInquiry, sent time.Time) {
			q.Original, q.Own = moved(q.Original, sent.Add(time.Second)), stampOf(sent.Add(time.Second))
		},
		"F90 names no time":     func(q *StatusInquiry, _ time.Time) { q.Sent = "" },
		"F90 names its own":     func(q *StatusInquiry, _ time.Time) { q.Sent = q.Own },
		"F12 begins before F7":  func(q *StatusInquiry, sent time.Time) { q.Sent, q.Own = "", stampOf(sent.Add(66*time.Second)) },
		"and F90 names its own": func(q *StatusInquiry, sent time.Time) { q.Own = stampOf(sent.Add(66 * time.Second)); q.Sent = q.Own },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.impatient()
			p, sent := r.sale()
			asked := r.ownStatusOf(p, sent)
			change(asked, sent)
			r.wantCode(r.Status(t.Context(), asked), payment.InProgress)
			if n := r.seen.alarmed(payment.OriginalUnmatched); n != 1 || r.count(`SELECT count(*) FROM payment`) != 0 {
				t.Errorf("%d alarms", n)
			}
			r.wantCode(r.Reverse(t.Context(), r.ownReversalOf(p, sent)), payment.OK)
			r.wantCode(r.Status(t.Context(), asked), payment.InProgress) // its tombstone says nothing of the original
		})
	}
}

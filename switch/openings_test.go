package switching

import (
	"testing"

	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/payment/paymenttest"
)

// What a lane remembers to be open is forgotten as soon as somebody closes it: the
// next group, and not a later one, must see it.
func TestALaneForgetsWhatWasClosed(t *testing.T) {
	t.Run("account", func(t *testing.T) {
		r := newRig(t)
		r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK) // The lane has met the accounts and the day.
		r.freeze(paymenttest.Share2)
		p := r.purchase()
		r.wantCode(r.Purchase(t.Context(), p), payment.OutcomeUnknown)
		r.wantStatus(p, payment.Reversing, payment.PostingFailed)
		r.forward()
		r.reopen(paymenttest.Share2)
		r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK) // Opening tells the lanes nothing; they ask.
		r.holds()
	})
	t.Run("day", func(t *testing.T) {
		r := newRig(t)
		p := r.purchase()
		r.wantCode(r.Purchase(t.Context(), p), payment.OK)
		day := r.payment(p).BusinessDay
		r.must(r.OpenDay(t.Context(), day.Add(1), ledger.Live))
		r.must(ledger.CloseDay(t.Context(), r.db, ledger.Live, day, r.clock.Now()))
		q := r.purchase()
		r.wantCode(r.Purchase(t.Context(), q), payment.OutcomeUnknown)
		r.wantStatus(q, payment.Reversing, payment.DayClosed)
		r.holds()
	})
}

package switching

import (
	"testing"
	"time"

	"treasury-switch/internal/pgproxy"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// What would wait too long is turned away before anything is done for it, and what happened to money is written first.
func TestOverloadTurnsNewPaymentsAway(t *testing.T) {
	r, proxy := newRigThrough(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	proxy.Set(pgproxy.Hold)
	held := r.intentOf(r.purchase())
	r.must(r.rec().Submit(held))
	r.eventually(proxy.Fired)
	r.clock.Advance(recorder.DefaultPatience / 2)
	if r.Recorder.Late(101) {
		t.Error("half of the patience is too long already")
	}
	r.clock.Advance(recorder.DefaultPatience)
	began := time.Now()
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.Inoperative)
	if took := time.Since(began); took > testTimers.SendBefore/2 {
		t.Errorf("a payment that could not be recorded in time was refused after %v", took)
	}
	r.wantCode(r.Purchase(t.Context(), p), payment.OK) // A repeat is no new payment.
	close(proxy.Release)
	if o, err := held.Wait(t.Context()); o != recorder.Written || err != nil {
		t.Errorf("the held payment: %d, %v", o, err)
	}
	r.eventually(func() bool { return !r.Recorder.Late(101) })
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
	r.holds()
}

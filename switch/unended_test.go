package switching

import (
	"context"
	"testing"
	"time"

	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// A node that lives ends its own payments whose outcome could not be recorded, and searches no table for them.
func TestANodeLooksAfterItsOwnPayments(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.must(r.OpenDay(t.Context(), r.purchase().LocalDate, ledger.Live))
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
	if n := len(r.unended.due); n != 0 {
		t.Fatalf("%d unended payments after one that is through", n)
	}
	p := r.purchase()
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		proxy.SetDown(true) // The answer cannot be recorded.
		return r.net.approve(ctx, d)
	})
	r.cfg.Timers.Switch = 700 * time.Millisecond
	r.wantCode(r.Purchase(t.Context(), p), payment.InProgress)
	r.cfg.Timers.Switch = testTimers.Switch
	proxy.SetDown(false)
	r.eventually(func() bool { return r.rec().Ready() })
	r.clock.Advance(testTimers.Switch + testTimers.Grace + time.Second)
	r.must(r.quickSweep(t.Context()))
	if got := r.payment(p); got.Status != payment.Reversing && got.Status != payment.Approved {
		t.Errorf("the payment is %s", got.Status)
	}
	if n := len(r.unended.due); n != 0 {
		t.Errorf("%d unended payments still", n)
	}
	r.holds()
}

// The payments of a node that has ended are searched for: once its lanes have not beaten for a lease, or from the start of its next life
// until everything that was in flight at its end is due.
func TestTheTablesAreSearchedForNodesThatEnded(t *testing.T) {
	for what, next := range map[string]string{"it does not come back": "node-2", "it comes back at once": "node-1"} {
		t.Run(what, func(t *testing.T) {
			r := newRig(t)
			p := r.purchase()
			r.intentOnly(p)
			r.killed()
			r.lease = 300 * time.Millisecond
			other, stop, stopped := r.node(next)
			defer func() { stop(); <-stopped }()
			searched := func() bool { return other.searchEnded(t.Context()) == nil } // It is not while nobody has looked at the lanes for a lease.
			r.eventually(searched)                                                   // Too early: the payment may still be on its way.
			if got := r.payment(p); got.Status != payment.Pending {
				t.Fatalf("the payment is %s before its deadline", got.Status)
			}
			r.clock.Advance(testTimers.Switch + testTimers.Grace + time.Second)
			r.eventually(func() bool { return searched() && r.payment(p).Status == payment.Reversing })
			r.wantStatus(p, payment.Reversing, payment.Interrupted)
		})
	}
}

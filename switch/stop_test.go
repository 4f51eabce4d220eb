package switching

import (
	"context"
	"testing"
	"time"

	"treasury-switch/internal/pgproxy"
	"treasury-switch/switch/payment"
)

// step is a moment in the life of a purchase and its reversal at which the
// process dies.
type step struct {
	name string
	// die arranges for the node to stop at the moment. It may break the
	// database connection at a COMMIT, or stop the node inside the network call.
	die func(r *rig, proxy *pgproxy.Proxy, kill func())
	// debited reports whether the network debits the card.
	debited bool
}

var steps = []step{
	{"intent's COMMIT never arrives", func(_ *rig, x *pgproxy.Proxy, _ func()) { x.Set(pgproxy.CutAndDown) }, false},
	{"intent durable, nothing sent", func(r *rig, _ *pgproxy.Proxy, kill func()) {
		r.net.script(func(context.Context, Debit) (payment.Answered, error) { kill(); return payment.Answered{}, errNoAnswer })
	}, false},
	{"sent, debited, answer not received", func(r *rig, _ *pgproxy.Proxy, kill func()) {
		r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
			said, err := r.net.approve(ctx, d)
			kill()
			return said, err
		})
	}, true},
	{"answer received, outcome's COMMIT never arrives", func(r *rig, x *pgproxy.Proxy, _ func()) {
		r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
			x.Set(pgproxy.CutAndDown)
			return r.net.approve(ctx, d)
		})
	}, true},
	{"posted, terminal not answered", func(r *rig, x *pgproxy.Proxy, _ func()) {
		r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
			x.Set(pgproxy.LoseReceiptAndDown)
			return r.net.approve(ctx, d)
		})
	}, true},
}

// TestStopAfterEachStep stops the node after each step of a purchase, starts
// another one under the same name, and lets the terminal do what a terminal
// does: repeat its request, and reverse it if it is not told 00. Whatever the
// step was, the books of terminal, switch and network agree at the end.
func TestStopAfterEachStep(t *testing.T) {
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			r, proxy := newRigThrough(t)
			r.cfg.Timers.Switch = 600 * time.Millisecond
			p := r.purchase()
			dead := r.Switch
			s.die(r, proxy, func() { proxy.SetDown(true) })
			if a := dead.Purchase(t.Context(), p); a.Code == payment.OK {
				t.Fatal("told approved by a node that died")
			}
			r.net.script(r.net.approve)
			proxy.SetDown(false)
			r.restart()
			r.endsWell(p)
		})
	}
}

// endsWell repeats the request until it has an end, reverses it if that is not
// an approval, and holds the books.
func (r *rig) endsWell(p *Purchase) {
	r.t.Helper()
	r.cfg.Timers.Switch = 300 * time.Millisecond
	code := r.Purchase(r.t.Context(), p).Code
	r.eventually(func() bool { return r.flights.of(r.key(101, p.Identity)) == nil })
	r.cfg.Timers.Switch = testTimers.Switch
	if code != payment.OK {
		r.wantCode(r.Reverse(r.t.Context(), r.reversalOf(p)), payment.OK)
	}
	r.clock.Advance(testTimers.Switch + testTimers.Grace + time.Second)
	r.must(r.SweepOnce(r.t.Context(), 0))
	for range 3 {
		r.afterWindow()
	}
	there := r.payment(p)
	live := r.net.books()[there.RRN]
	if told, posted := code == payment.OK, there.Status == payment.Approved; told != posted || told != live {
		r.t.Errorf("the terminal was told %s, the payment is %s (%s), the network's debit is live: %v", code, there.Status, there.Reason, live)
	}
	if n := r.count(`SELECT count(*) FROM saf`); n != 0 {
		r.t.Errorf("%d reversals still queued", n)
	}
	r.holds()
}

// TestStopAfterEachStepOfAReversal does the same to the reversal of an approved
// payment.
func TestStopAfterEachStepOfAReversal(t *testing.T) {
	for name, rule := range map[string]pgproxy.Rule{
		"sent, answer not received":                pgproxy.Pass,
		"answer received, COMMIT never arrives":    pgproxy.CutAndDown,
		"answer received, confirmation never came": pgproxy.LoseReceiptAndDown,
	} {
		t.Run(name, func(t *testing.T) {
			r, proxy := newRigThrough(t)
			p := r.reversing()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			r.net.reversing(func(ctx context.Context, x Reversal) (payment.ReversalAnswered, error) {
				said, err := r.net.undo(ctx, x)
				if rule == pgproxy.Pass {
					proxy.SetDown(true)
				}
				proxy.Set(rule)
				return said, err
			})
			forwardOnce(ctx, r.Switch)
			r.net.reversing(r.net.undo)
			proxy.SetDown(false)
			r.restart()
			r.clock.Advance(testForward.Most)
			r.forward()
			r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
			r.holds()
		})
	}
}

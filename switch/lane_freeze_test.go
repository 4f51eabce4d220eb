package switching

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/await"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/payment/paymenttest"
)

// E12: a lane that is made while an account is being frozen, or a day closed, learns of it. Whoever freezes has locked the lanes that there
// were; the new one must not remember as open what it saw before the freeze was there. Nothing is credited afterwards.
func TestE12_ALaneMadeDuringAFreeze(t *testing.T) {
	for what, close := range map[string]func(r *rig, tx pgx.Tx) error{
		"an account": func(r *rig, tx pgx.Tx) error { return ledger.Freeze(r.t.Context(), tx, paymenttest.Share1) },
		"a day": func(r *rig, tx pgx.Tx) error {
			return ledger.CloseDay(r.t.Context(), tx, ledger.Live, calendar.DateOf(r.clock.Now()), r.clock.Now())
		},
	} {
		t.Run(what, func(t *testing.T) {
			r := newRig(t)
			r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK) // Opens the day.
			tx, err := r.owner.Begin(t.Context())
			r.must(err)
			r.must(close(r, tx))
			made := make(chan *Switch, 1)
			go func() {
				s, stop, stopped := r.node("node-2")
				t.Cleanup(func() { stop(); <-stopped })
				made <- s
			}()
			var other *Switch
			if r.waitsOrIsThere(made, &other); other != nil {
				r.wantCode(other.Purchase(t.Context(), r.purchase()), payment.OK) // Before the freeze is there.
			}
			r.must(tx.Commit(t.Context()))
			credited := r.balanceOf(paymenttest.Share1)
			if other == nil {
				other = <-made
			}
			for range 3 {
				if a := other.Purchase(t.Context(), r.purchase()); a.Code == payment.OK {
					t.Error("a purchase was approved after the freeze")
				}
			}
			if more := r.balanceOf(paymenttest.Share1) - credited; more > 0 {
				t.Errorf("%d rial were credited after the freeze", more)
			}
		})
	}
}

// waitsOrIsThere waits until the other node runs, or waits for a lock.
func (r *rig) waitsOrIsThere(made <-chan *Switch, there **Switch) {
	r.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); await.Pause(r.t.Context().Done(), 10*time.Millisecond) {
		select {
		case *there = <-made:
			return
		default:
		}
		if r.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) > 0 {
			return
		}
	}
	r.t.Fatal("the other node neither runs nor waits")
}

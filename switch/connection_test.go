package switching

import (
	"errors"
	"sync/atomic"
	"testing"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/switch/payment"
)

// What a lane does when its connection, or the server behind it, is not what it seems.

// B11: what the database does not know or does not permit is a bug: its members are refused, operators are told, and no connection is given
// up for it.
func TestB11_AStatementTheDatabaseDoesNotKnow(t *testing.T) {
	for _, state := range []string{"0A000", "42501", "42703"} {
		t.Run(state, func(t *testing.T) {
			r := newRig(t)
			r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
			sessions := `SELECT hashtext(string_agg(pid::text || backend_start, '' ORDER BY pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'treasury-switch lane node-1/%'`
			before := r.count(sessions)
			r.failing("payment", state, 3)
			for range 3 {
				r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.Inoperative)
			}
			if err := r.rec().Hindrance(); !fault.Is(err, fault.Bug) {
				t.Errorf("what keeps it from taking payments is %v", err)
			}
			if n := r.seen.alarmed(payment.StatementRefused); n != 3 {
				t.Errorf("%d alarms for three groups", n)
			}
			r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
			if r.count(sessions) != before {
				t.Error("a connection was given up")
			}
			if err := r.rec().Hindrance(); err != nil {
				t.Errorf("when it is over: %v", err)
			}
			r.holds()
		})
	}
}

// H4, H7: every new connection of a lane is looked at. One to an old primary is not worked with; payments are refused until it leads to the present one.
func TestH7_ALaneRefusesAnOldPrimary(t *testing.T) {
	r, proxy := newRigThrough(t)
	var old atomic.Bool
	r.check = func(postgres.Identity) error {
		if old.Load() {
			return errors.New("an old primary")
		}
		return nil
	}
	r.restart()
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
	old.Store(true)
	proxy.Cut()
	r.eventually(func() bool {
		return r.Purchase(t.Context(), r.purchase()).Code == payment.Inoperative && !r.rec().Ready()
	})
	there := r.count(`SELECT count(*) FROM payment`)
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.Inoperative)
	if n := r.count(`SELECT count(*) FROM payment`); n != there {
		t.Errorf("%d payments were recorded at an old primary", n-there)
	}
	old.Store(false)
	r.retryUntil(r.purchase(), payment.OK)
	r.holds()
}

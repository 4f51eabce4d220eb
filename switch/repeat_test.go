package switching

import (
	"context"
	"reflect"
	"testing"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// A repeat gets the very answer its original got, also after a cut-over:
// whatever the end was, no field of the answer moves.
func TestRepeatGetsTheSameAnswerAfterCutOver(t *testing.T) {
	r := newRig(t)
	day := calendar.DateOf(r.clock.Now())
	r.must(r.OpenDay(t.Context(), day, ledger.Live))
	network := map[string]func(context.Context, Debit) (payment.Answered, error){
		"approved": r.net.approve,
		"declined": func(context.Context, Debit) (payment.Answered, error) {
			return payment.Answered{Word: payment.SaidDeclined, Code: "51", Day: day}, nil
		},
		"unclear": func(context.Context, Debit) (payment.Answered, error) {
			return payment.Answered{Word: payment.SaidUnknown, Code: payment.SystemError, Day: day}, nil
		},
		"unanswered": func(context.Context, Debit) (payment.Answered, error) { return payment.Answered{}, errNoAnswer },
		"not sent": func(context.Context, Debit) (payment.Answered, error) {
			return payment.Answered{}, fault.New(fault.Unavailable, "no link")
		},
	}
	requests, first := map[string]*Purchase{}, map[string]Answer{}
	for name, says := range network {
		r.net.script(says)
		requests[name] = r.purchase()
		first[name] = r.Purchase(t.Context(), requests[name])
	}
	requests["refused"] = r.purchase()
	requests["refused"].Amount++
	first["refused"] = r.Purchase(t.Context(), requests["refused"])

	r.must(r.OpenDay(t.Context(), day.Add(1), ledger.Live))
	for name, p := range requests {
		if again := r.Purchase(t.Context(), p); !reflect.DeepEqual(first[name], again) {
			t.Errorf("%s: answered %+v, then %+v", name, first[name], again)
		}
		if first[name].BusinessDay != day {
			t.Errorf("%s: business day %s, want %s", name, first[name].BusinessDay, day)
		}
	}
	r.holds()
}

// Nobody is told 91, certainly not done, for a payment that was made: a node that does not remember a request looks for the
// original of a repeat before it turns anything away, and says 09 where it cannot.
func TestARepeatIsNeverToldNotDone(t *testing.T) {
	r, proxy := newRigThrough(t)
	done := r.purchase()
	first := r.Purchase(t.Context(), done)
	r.wantCode(first, payment.OK)
	r.Switch.seen.young = nil // As after a restart.
	again, unknown := *done, *r.purchase()
	again.Repeat, unknown.Repeat = true, true
	r.cfg.Limits.Forward = 1
	r.queued.Store(1) // New purchases are turned away.
	if a := r.Purchase(t.Context(), &again); !reflect.DeepEqual(a, first) {
		t.Errorf("answered %+v, then %+v", first, a)
	}
	r.wantCode(r.Purchase(t.Context(), &unknown), payment.InProgress)
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.Inoperative)
	r.cfg.Limits.Forward = DefaultLimits.Forward
	r.queued.Store(0)
	r.wantCode(r.Purchase(t.Context(), &unknown), payment.OK) // Its original was lost on the way (A2).
	proxy.SetDown(true)
	r.Store = NewStore(broken{})
	r.wantCode(r.Purchase(t.Context(), &again), payment.InProgress)
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.Inoperative)
	r.Store = NewStore(r.db)
	proxy.SetDown(false)
	r.holds()
}

// broken is a database that does not answer.
type broken struct{ postgres.Querier }

func (broken) Query(context.Context, string, ...any) (pgx.Rows, error) {
	return nil, fault.New(fault.Unavailable, "no database")
}

package switching

import (
	"context"
	"reflect"
	"testing"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
)

// A repeat gets the very answer its original got, also after a cut-over:
// whatever the end was, no field of the answer moves.
func TestRepeatGetsTheSameAnswerAfterCutOver(t *testing.T) {
	r := newRig(t)
	day := calendar.DateOf(r.clock.now())
	r.must(r.OpenDay(t.Context(), day, ledger.Live))
	network := map[string]func(context.Context, Debit) (Answered, error){
		"approved": r.net.approve,
		"declined": func(context.Context, Debit) (Answered, error) {
			return Answered{Word: SaidDeclined, Code: "51", Day: day}, nil
		},
		"unclear": func(context.Context, Debit) (Answered, error) {
			return Answered{Word: SaidUnknown, Code: SystemError, Day: day}, nil
		},
		"unanswered": func(context.Context, Debit) (Answered, error) { return Answered{}, errNoAnswer },
		"not sent": func(context.Context, Debit) (Answered, error) {
			return Answered{}, fault.New(fault.Unavailable, "no link")
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

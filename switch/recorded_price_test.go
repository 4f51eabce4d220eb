package switching

import (
	"context"
	"errors"
	"testing"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// Every approved payment of the period is handed over once, whatever the size of the batches, and what comes in meanwhile
// belongs to a later reading.
func TestRecordedPrices(t *testing.T) {
	r := newRig(t)
	today := calendar.DateOf(r.clock.Now())
	wanted := map[[16]byte]bool{}
	for range 5 {
		p := r.purchase()
		r.wantCode(r.Purchase(t.Context(), p), payment.OK)
		wanted[r.payment(p).ID] = true
	}
	undone := r.purchase()
	r.wantCode(r.Purchase(t.Context(), undone), payment.OK)
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(undone)), payment.OK)
	r.net.script(func(context.Context, Debit) (payment.Answered, error) {
		return payment.Answered{Word: payment.SaidDeclined, Code: "51", Day: today}, nil
	})
	r.wantCode(r.Purchase(t.Context(), r.purchase()), "51")
	r.net.script(r.net.approve)

	for _, batch := range []int{0, 1, 2, 6, 7} {
		seen := map[[16]byte]bool{}
		var last int64
		err := payment.RecordedPrices(t.Context(), r.db, payment.PriceQuery{Book: ledger.Live, From: today, To: today, Batch: batch},
			func(some []payment.RecordedPrice, read, all int64) error {
				if last == 0 && batch == 2 {
					late := r.purchase()
					r.wantCode(r.Purchase(t.Context(), late), payment.OK)
					defer func() { wanted[r.payment(late).ID] = true }() // of the next reading
				}
				for _, p := range some {
					if seen[p.ID] || !wanted[p.ID] {
						t.Errorf("batches of %d: payment %x comes twice or is not approved", batch, p.ID)
					}
					seen[p.ID] = true
					if p.Amount != 1_000_000 || p.Price.Service != "FORM" || p.Price.Units != 1000 || calendar.DateOf(p.OpenedAt) != today {
						t.Errorf("batches of %d: %+v", batch, p)
					}
				}
				last = read
				if read > all || batch == 1 && len(some) > 1 {
					t.Errorf("batches of %d: %d payments, %d of %d", batch, len(some), read, all)
				}
				return nil
			})
		r.must(err)
		want := int64(7) // with the declined and the reversed one
		if batch > 2 {
			want = 8
		}
		if int64(len(seen)) != want-2 || last != want {
			t.Errorf("batches of %d: %d approved payments of %d", batch, len(seen), last)
		}
	}
}

func TestRecordedPricesElsewhere(t *testing.T) {
	r := newRig(t)
	today := calendar.DateOf(r.clock.Now())
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
	none := func(some []payment.RecordedPrice, read, all int64) error {
		if len(some) != 0 || read != 0 || all != 0 {
			t.Errorf("%d payments, %d of %d", len(some), read, all)
		}
		return nil
	}
	r.must(payment.RecordedPrices(t.Context(), r.db, payment.PriceQuery{Book: ledger.Test, From: today, To: today}, none))
	r.must(payment.RecordedPrices(t.Context(), r.db, payment.PriceQuery{Book: ledger.Live, From: today.Add(1), To: today.Add(9)}, none))
	r.must(payment.RecordedPrices(t.Context(), r.db, payment.PriceQuery{Book: ledger.Live, From: today.Add(-9), To: today.Add(-1)}, none))

	enough := errors.New("enough")
	stop := func([]payment.RecordedPrice, int64, int64) error { return enough }
	if err := payment.RecordedPrices(t.Context(), r.db, payment.PriceQuery{Book: ledger.Live, From: today, To: today}, stop); !errors.Is(err, enough) {
		t.Errorf("stopped: %v", err)
	}
	for _, q := range []payment.PriceQuery{{From: today, To: today.Add(-1)}, {To: today}} {
		wantKind(t, "days in the wrong order", payment.RecordedPrices(t.Context(), r.db, q, stop), fault.Invalid)
	}
}

package switching

import (
	"testing"

	"treasury-switch/ledger"
	"treasury-switch/switch/cases"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// TestFollowUp reads the queue and the cases of a payment whose business day was closed before its answer came, beside one
// that has neither.
func TestFollowUp(t *testing.T) {
	r := newRig(t)
	good := r.purchase()
	r.wantCode(r.Purchase(t.Context(), good), payment.OK)
	p := r.purchase()
	r.must(r.OpenDay(t.Context(), p.LocalDate, ledger.Live))
	r.must(ledger.CloseDay(t.Context(), r.db, ledger.Live, p.LocalDate, r.clock.Now()))
	r.wantCode(r.Purchase(t.Context(), p), payment.OutcomeUnknown)
	there := r.wantStatus(p, payment.Reversing, payment.DayClosed)

	q, err := recorder.QueuedReversal(t.Context(), r.db, there.Key)
	r.must(err)
	if q == nil || q.STAN == 0 || q.Tries != 0 || q.Rejects != 0 || q.QueuedAt.IsZero() || q.NextAt.Before(q.QueuedAt) {
		t.Errorf("queued: %+v", q)
	}
	files, err := cases.Files(t.Context(), r.db, there.Key)
	r.must(err)
	if len(files) != 1 || files[0].Version != there.Version || files[0].Owner != payment.CaseOwner || files[0].Reason != payment.DayClosed ||
		files[0].OpenedAt.IsZero() {
		t.Errorf("cases: %+v", files)
	}
	r.forward()
	if q, err := recorder.QueuedReversal(t.Context(), r.db, there.Key); q != nil || err != nil {
		t.Errorf("after the reversal: %+v, %v", q, err)
	}
	if files, err := cases.Files(t.Context(), r.db, there.Key); len(files) != 1 || err != nil {
		t.Errorf("after the reversal: %+v, %v", files, err)
	}

	other := r.payment(good).Key
	if q, err := recorder.QueuedReversal(t.Context(), r.db, other); q != nil || err != nil {
		t.Errorf("of a payment without a reversal: %+v, %v", q, err)
	}
	if files, err := cases.Files(t.Context(), r.db, other); len(files) != 0 || err != nil {
		t.Errorf("of a payment without a case: %+v, %v", files, err)
	}
}

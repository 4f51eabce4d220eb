package switching

import (
	"context"
	"sync"
	"testing"

	"treasury-switch/switch/payment"
	"treasury-switch/switch/payment/paymenttest"
)

// The tests of this file and its neighbours are named after the rows of the
// failure matrix: A, between terminal and switch.

func TestPurchaseReachesTheBeneficiaries(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	a := r.Purchase(t.Context(), p)
	r.wantCode(a, payment.OK)
	there := r.wantStatus(p, payment.Approved, payment.ByNetwork)
	if a.Approval != "654321" || a.RRN != there.RRN || a.Tracking != there.Tracking() || a.BusinessDay != there.BusinessDay {
		t.Errorf("answer %+v does not describe %+v", a, there)
	}
	if r.balanceOf(paymenttest.Share1) != 700_000 || r.balanceOf(paymenttest.Share2) != 300_000 {
		t.Errorf("beneficiaries have %d and %d", r.balanceOf(paymenttest.Share1), r.balanceOf(paymenttest.Share2))
	}
	if n := r.count(`SELECT count(*) FROM outbox WHERE status = 'APPROVED'`); n != 1 {
		t.Errorf("%d rows in the outbox of an agency that asked for its feed", n)
	}
	found, err := payment.LoadByTracking(t.Context(), r.db, string(a.Tracking), r.clock.Now())
	r.must(err)
	if found.ID != there.ID {
		t.Errorf("tracking code %s leads to %x", a.Tracking, found.ID)
	}
	r.holds()
}

// A2: the request was lost, the terminal sends it again.
func TestA2_RetryAfterLossIsProcessedOnce(t *testing.T) {
	r := newRig(t)
	p := r.purchase() // the 0200 never arrived; this is its 0201
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	if sent, _ := r.net.counts(); sent != 1 {
		t.Errorf("%d debits sent", sent)
	}
	r.holds()
}

// A3 and A5: the same request twice at once is one intent and one debit, and
// both get the one answer.
func TestA3_DuplicateInFlightIsOneIntent(t *testing.T) { duplicateInFlight(t) }

func TestA5_RepeatAttachesToItsOriginal(t *testing.T) { duplicateInFlight(t) }

func duplicateInFlight(t *testing.T) {
	r := newRig(t)
	arrived, release := make(chan struct{}), make(chan struct{})
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		close(arrived)
		<-release
		return r.net.approve(ctx, d)
	})
	p := r.purchase()
	answers := make(chan Answer, 3)
	go func() { answers <- r.Purchase(t.Context(), p) }()
	<-arrived
	var attached sync.WaitGroup
	for range 2 {
		attached.Go(func() { answers <- r.Purchase(t.Context(), p) })
	}
	close(release)
	attached.Wait()
	first := <-answers
	r.wantCode(first, payment.OK)
	for range 2 {
		if a := <-answers; a.Code != first.Code || a.RRN != first.RRN {
			t.Errorf("answers %+v and %+v", first, a)
		}
	}
	if sent, _ := r.net.counts(); sent != 1 {
		t.Errorf("%d debits sent", sent)
	}
	r.holds()
}

// A4 and F3: the terminal is gone when the answer comes. The posted debit
// stays until the terminal reverses it.
func TestA4_AnswerUndeliverableThenReversed(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	gone, leave := context.WithCancel(t.Context())
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		leave() // the terminal's connection ends while the network works
		return r.net.approve(ctx, d)
	})
	r.Purchase(gone, p)
	r.wantStatus(p, payment.Approved, payment.ByNetwork)
	r.holds()
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(p)), payment.OK)
	r.forward()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

// A6: the repeat reaches another node, which answers from the database, after
// waiting for the outcome if need be.
func TestA6_RepeatOnAnotherNodeAnswersFromTheDatabase(t *testing.T) {
	r := newRig(t)
	other, stop, stopped := r.node("node-2")
	defer func() { stop(); <-stopped }()
	arrived, release := make(chan struct{}), make(chan struct{})
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		close(arrived)
		<-release
		return r.net.approve(ctx, d)
	})
	p := r.purchase()
	first := make(chan Answer, 1)
	go func() { first <- r.Purchase(t.Context(), p) }()
	<-arrived
	second := make(chan Answer, 1)
	go func() { second <- other.Purchase(t.Context(), p) }()
	close(release)
	a, b := <-first, <-second
	r.wantCode(a, payment.OK)
	if b.Code != payment.OK || b.RRN != a.RRN || b.Approval != a.Approval || b.Tracking != a.Tracking {
		t.Errorf("node 1 answered %+v, node 2 %+v", a, b)
	}
	if sent, _ := r.net.counts(); sent != 1 {
		t.Errorf("%d debits sent", sent)
	}
	r.wantCode(other.Purchase(t.Context(), p), payment.OK)
	r.holds()
}

// A7: the same identity with another amount or card is 94 and no debit.
func TestA7_OtherContentIs94(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	forged := *p
	forged.Amount, forged.Tariff.Units = 2_000_000, 2000
	r.wantCode(r.Purchase(t.Context(), &forged), payment.Duplicate)
	forged = *p
	forged.Card = otherCard(t)
	r.wantCode(r.Purchase(t.Context(), &forged), payment.Duplicate)
	if sent, _ := r.net.counts(); sent != 1 {
		t.Errorf("%d debits sent", sent)
	}
	r.holds()
}

// A8: the same STAN on the next day is another request.
func TestA8_SameSTANNextDayIsNew(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	next := *p
	next.LocalDate = p.LocalDate.Add(1)
	r.wantCode(r.Purchase(t.Context(), &next), payment.OK)
	if r.payment(p).RRN == r.payment(&next).RRN {
		t.Error("one payment for two days")
	}
	r.holds()
}

// A9 and A12: a reversal before its original, or of one that never comes, is
// accepted and leaves a tombstone; the original is declined and never sent.
func TestA9_ReversalBeforeItsOriginal(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(p)), payment.OK)
	r.wantCode(r.Purchase(t.Context(), p), payment.InvalidRequest)
	r.wantCode(r.Purchase(t.Context(), p), payment.InvalidRequest)
	if sent, _ := r.net.counts(); sent != 0 {
		t.Errorf("%d debits sent", sent)
	}
	r.holds()
}

func TestA12_ReversalOfAnUnknownOriginal(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	for range 3 {
		r.wantCode(r.Reverse(t.Context(), r.reversalOf(p)), payment.OK)
	}
	r.afterWindow()
	if _, reversals := r.net.counts(); reversals != 0 {
		t.Errorf("%d reversals forwarded", reversals)
	}
	if n := r.count(`SELECT count(*) FROM payment`); n != 1 {
		t.Errorf("%d tombstones", n)
	}
	r.wantStatus(p, payment.Declined, payment.ReversedFirst)
	r.holds()
}

// A10: a reversal while the debit is in flight is answered now, and goes out as
// soon as the network has spoken.
func TestA10_ReversalWhileInFlight(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		r.wantCode(r.Reverse(t.Context(), r.reversalOf(p)), payment.OK)
		r.forward() // nothing may overtake the original
		if _, n := r.net.counts(); n != 0 {
			t.Errorf("%d reversals overtook their original", n)
		}
		return r.net.approve(ctx, d)
	})
	a := r.Purchase(t.Context(), p)
	if a.Code == payment.OK {
		t.Error("told approved after the reversal was queued")
	}
	r.forward()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	if r.balanceOf(paymenttest.Share1) != 0 {
		t.Errorf("beneficiary has %d", r.balanceOf(paymenttest.Share1))
	}
	r.holds()
}

// A11: a reversal repeated many times is one reversal with one answer.
func TestA11_ReversalRepeated(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if a := r.Reverse(t.Context(), r.reversalOf(p)); a.Code != payment.OK {
				t.Errorf("reversal answered %s", a.Code)
			}
		})
	}
	all.Wait()
	r.forward()
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(p)), payment.OK)
	r.forward()
	if _, n := r.net.counts(); n != 1 {
		t.Errorf("%d reversals sent", n)
	}
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

// A reversal under another agency's acceptor id is refused, an inquiry is told nothing, and they leave nothing behind.
func TestReversalOfAnotherAgency(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	foreign := r.reversalOf(p)
	foreign.Original.Acceptor = "000000000000102"
	r.wantCode(r.Reverse(t.Context(), foreign), payment.InvalidAcceptor)
	r.wantCode(r.Status(t.Context(), &StatusInquiry{Original: foreign.Original}), payment.InProgress)
	r.wantStatus(p, payment.Approved, payment.ByNetwork)
	if n := r.count(`SELECT count(*) FROM payment`); n != 1 {
		t.Errorf("%d payments", n)
	}
}

func otherCard(t *testing.T) Card {
	t.Helper()
	return Card{PAN: mustPAN(t, "6037990000000022")}
}

package switching

import (
	"context"
	"fmt"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/registry"
	"treasury-switch/switch/cases"
	"treasury-switch/switch/payment"
)

// unmatchedRows are what is still looked for.
func (r *rig) unmatchedRows() int { return r.count(`SELECT count(*) FROM unmatched`) }

// lateOriginal takes a reversal with its own F12 before its request has come, which was made so long before F90's time and is paid then.
func (r *rig) lateOriginal(made time.Duration) (p *Purchase, v *ReversalRequest) {
	r.t.Helper()
	r.impatient()
	p, sent := r.sale()
	p.Identity = moved(p.Identity, sent.Add(-made))
	v = r.ownReversalOf(p, sent)
	r.wantCode(r.Reverse(r.t.Context(), v), payment.OK)
	r.cfg.Timers.SendBefore = testTimers.SendBefore
	r.wantCode(r.Purchase(r.t.Context(), p), payment.OK)
	return p, v
}

// looksAgain lets time pass and looks for originals, as every node does.
func (r *rig) looksAgain(after time.Duration) {
	r.t.Helper()
	r.clock.Advance(after)
	r.must(r.lookAgain(r.t.Context()))
}

// A17: what was told 00 is kept, also where no tombstone met the original: F90 names the sending of the 0201, F12 is that of the 0200.
func TestA17_OriginalAfterItsReversal(t *testing.T) {
	r := newRig(t)
	p, _ := r.lateOriginal(40 * time.Second)
	r.looksAgain(0)
	r.wantStatus(p, payment.Approved, payment.ByNetwork) // It is not due yet.
	r.looksAgain(againFirst)
	r.wantStatus(p, payment.Reversing, payment.ByTerminal)
	if n := r.unmatchedRows(); n != 0 {
		t.Errorf("%d are still looked for", n)
	}
	r.forward()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

// A17: it is looked for until nothing can come any more, by one node at a time, also where a look fails or a clock was set.
func TestA17_OriginalIsLookedForAgainAndAgain(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.sale()
	p.Identity = moved(p.Identity, sent.Add(-40*time.Second))
	r.wantCode(r.Reverse(t.Context(), r.ownReversalOf(p, sent)), payment.OK)
	for range 8 {
		r.looksAgain(againMost)
		if r.unmatchedRows() != 1 {
			t.Fatal("it is given up")
		}
	}
	due, err := r.Store.unmatchedDue(t.Context(), r.clock.Now().Add(againMost))
	r.must(err)
	for _, mine := range []bool{true, false} {
		if got, err := r.Store.holdUnmatched(t.Context(), due[0], r.clock.Now().Add(unmatchedHold)); err != nil || got != mine {
			t.Errorf("held: %t, %v; want %t", got, err, mine)
		}
	}
	r.clock.Advance(-time.Hour) // A clock is set back: the row is due later than any pause.
	if due, err := r.Store.unmatchedDue(t.Context(), r.clock.Now()); err != nil || len(due) != 1 {
		t.Errorf("%d are due, %v", len(due), err)
	}
	r.clock.Advance(time.Hour)
	r.cfg.Timers.SendBefore = testTimers.SendBefore
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	r.looking <- struct{}{}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	r.clock.Advance(againMost)
	if err := r.lookAgain(stopped); err == nil {
		t.Error("a look that fails is not told")
	}
	<-r.looking
	r.looksAgain(againMost)
	r.wantStatus(p, payment.Reversing, payment.ByTerminal)
	r.holds()
}

// A17: nobody can tell which payment was meant. When nothing else can come a case has somebody look, once; and not where F12 and F13 were those
// of the original: then it never came.
func TestA17_APersonLooksAtWhatMayBeMeant(t *testing.T) {
	for name, c := range map[string]struct {
		change func(v *ReversalRequest, sent time.Time)
		cases  int
	}{
		"made more than a minute before": {func(v *ReversalRequest, sent time.Time) {
			v.Original, v.Sent = moved(v.Original, sent.Add(3*time.Minute)), stampOf(sent.Add(2*time.Minute))
			v.Own = stampOf(sent.Add(3 * time.Minute))
		}, 1},
		"within seconds of its original": {func(v *ReversalRequest, sent time.Time) {
			v.Original, v.Sent = moved(v.Original, sent.Add(61*time.Second)), stampOf(sent.Add(61*time.Second))
			v.Own = stampOf(sent.Add(62 * time.Second))
			v.Original.LocalTime = moved(v.Original, sent.Add(62*time.Second)).LocalTime
		}, 1},
		"F90 names no time": {func(v *ReversalRequest, _ time.Time) { v.Sent = "" }, 1},
		"another amount": {func(v *ReversalRequest, sent time.Time) {
			v.Sent, v.Amount = stampOf(sent.Add(2*time.Minute)), v.Amount+1
		}, 0},
		"another card": {func(v *ReversalRequest, sent time.Time) {
			v.Sent, v.Card.PAN = stampOf(sent.Add(2*time.Minute)), mustPAN(t, "6037990000000022")
		}, 0},
		"F12 of the original": {func(v *ReversalRequest, sent time.Time) {
			v.Original, v.Sent = moved(v.Original, sent.Add(2*time.Minute)), stampOf(sent.Add(2*time.Minute))
			v.Own = stampOf(sent.Add(3 * time.Minute))
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			p, sent := r.paidSale()
			r.impatient()
			v := r.ownReversalOf(p, sent)
			c.change(v, sent)
			r.wantCode(r.Reverse(t.Context(), v), payment.OK)
			r.looksAgain(againFor - time.Second)
			if n := r.count(`SELECT count(*) FROM payment_case`); n != 0 {
				t.Fatal("a case is open while the original may still come")
			}
			r.looksAgain(againMost)
			r.looksAgain(againMost)
			if n := r.count(`SELECT count(*) FROM payment_case WHERE reason = 'original_unmatched'`); n != c.cases || r.unmatchedRows() != 0 {
				t.Errorf("%d cases, %d still looked for", n, r.unmatchedRows())
			}
			if got := r.payment(p); got.Status != payment.Approved || got.Answer() != payment.OK || got.Meant != (c.cases > 0) {
				t.Errorf("the payment is %s, told %s, meant %t", got.Status, got.Answer(), got.Meant)
			}
			r.holds()
		})
	}
}

// A17: a case of another reason is no case of what a reversal may mean.
func TestA17_MeantBesideAnotherCase(t *testing.T) {
	r := newRig(t)
	p, sent := r.paidSale()
	r.impatient()
	for n := range 2 {
		v := r.ownReversalOf(p, sent)
		v.Original, v.Sent = moved(v.Original, r.clock.Now().Add(time.Minute)), ""
		r.wantCode(r.Reverse(t.Context(), v), payment.OK)
		r.atEnd()
		if n > 0 {
			break
		}
		r.propose(r.tracking(p), cases.EndClosed)
		_, err := r.decider().Decide(t.Context(), r.by("checker"), r.tracking(p), "")
		r.must(err)
		r.wantCode(r.NetworkReversal(t.Context(), 101, r.payment(p).RRN, true, func(*payment.Intent) string { return "" }), payment.OK)
	}
	if n := r.count(`SELECT count(*) FROM payment_case WHERE reason = 'original_unmatched'`); n != 2 {
		t.Errorf("%d cases of two reversals, one of them beside a case of the network's", n)
	}
	r.holds()
}

// A17: another reversal may mean a payment that a person has looked at before. The case that is open serves both; one that was closed was about the
// first alone.
func TestA17_MeantAgain(t *testing.T) {
	r := newRig(t)
	p, sent := r.paidSale()
	r.impatient()
	for n, want := range []int{1, 1, 2} {
		if n == 2 {
			r.propose(r.tracking(p), cases.EndClosed)
			_, err := r.decider().Decide(t.Context(), r.by("checker"), r.tracking(p), "")
			r.must(err)
		}
		v := r.ownReversalOf(p, sent)
		v.Original, v.Sent = moved(v.Original, r.clock.Now().Add(time.Minute)), ""
		r.wantCode(r.Reverse(t.Context(), v), payment.OK)
		r.atEnd()
		if got := r.count(`SELECT count(*) FROM payment_case WHERE reason = 'original_unmatched'`); got != want {
			t.Errorf("%d cases after %d reversals, want %d", got, n+1, want)
		}
	}
	r.holds()
}

// A17: a node ends after it has written the tombstone. What asks again is kept for its original before it is told.
func TestA17_EndedBehindItsTombstone(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.sale()
	p.Identity = moved(p.Identity, sent.Add(-40*time.Second))
	v := r.ownReversalOf(p, sent)
	asked := &StatusInquiry{Original: v.Original, Sent: v.Sent, Own: stampOf(sent.Add(5 * time.Minute))}
	asked.Original = moved(asked.Original, sent) // F12 of the original, as far as clocks tell
	for _, ask := range []func() Answer{
		func() Answer { return r.Reverse(t.Context(), v) },
		func() Answer { return r.Status(t.Context(), asked) },
	} {
		before := r.unmatchedRows()
		first := ask()
		if r.unmatchedRows() != before+1 {
			t.Fatalf("told %s, %d rows", first.Code, r.unmatchedRows())
		}
		_, err := r.owner.Exec(t.Context(), `DELETE FROM unmatched`)
		r.must(err)
		r.wantCode(ask(), first.Code)
		if r.unmatchedRows() != 1 {
			t.Fatal("it is not kept")
		}
	}
	if a := r.storeUnmatched(t.Context(), registry.Terminal{}, named{}, r.received(), refuse(payment.InProgress)); a.Code != payment.InProgress || r.unmatchedRows() != 1 {
		t.Error("what promises nothing is kept")
	}
}

// A17: 25 has a terminal charge again. A request that comes after it with another acquirer than its inquiry named, which no tombstone meets, is
// undone.
func TestA17_OriginalAfterItsInquiry(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.sale()
	asked := &StatusInquiry{Original: p.Identity, Sent: stampOf(sent), Own: stampOf(sent.Add(30 * time.Second))}
	asked.Original.Acquirer = "581672000"
	r.wantCode(r.Status(t.Context(), asked), payment.NoOriginal)
	r.cfg.Timers.SendBefore = testTimers.SendBefore
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	r.looksAgain(againFirst)
	r.wantStatus(p, payment.Reversing, payment.ByTerminal)
	r.holds()
}

// A17: the terminal reads its clock twice, so that F12 is a second after F7, and its request is lost. It is told so once F12 cannot be that of its
// question; not where another payer has paid with the same STAN within the minute: neither question nor reversal reaches that payment.
func TestA17_ClockReadTwice(t *testing.T) {
	for _, another := range []bool{false, true} {
		t.Run(fmt.Sprintf("another payer %t", another), func(t *testing.T) {
			r := newRig(t)
			lost, sent := r.sale()
			var first *Purchase
			told := payment.NoOriginal
			if another {
				first, sent = r.paidSale()
				lost.STAN, told = first.STAN, payment.InProgress
			}
			r.impatient()
			later := sent.Add(45 * time.Second)
			lost.Identity = moved(lost.Identity, later.Add(time.Second))
			asked := &StatusInquiry{Original: lost.Identity, Sent: stampOf(later), Own: stampOf(later.Add(36 * time.Second))}
			r.wantCode(r.Status(t.Context(), asked), payment.InProgress) // F12 may be its own.
			asked.Own = stampOf(later.Add(62 * time.Second))
			r.wantCode(r.Status(t.Context(), asked), told)
			v := r.reversalOf(lost)
			v.Advice, v.Sent, v.Own = true, stampOf(later), asked.Own
			r.wantCode(r.Reverse(t.Context(), v), payment.OK)
			r.cfg.Timers.SendBefore = testTimers.SendBefore
			r.wantCode(r.Purchase(t.Context(), lost), payment.InvalidRequest)
			r.atEnd()
			if another && !r.wantStatus(first, payment.Approved, payment.OriginalUnmatched).Meant {
				t.Error("nobody looks at it")
			}
			r.holds()
		})
	}
}

// A17: a terminal counts its months in the Jalali calendar: F13 is months away from F90. Its own reversal, and its own question, find the payment.
func TestA17_JalaliDate(t *testing.T) {
	r := newRig(t)
	r.impatient()
	jalali := func(i payment.Identity) payment.Identity {
		_, month, day := i.LocalDate.Jalali()
		shown, err := calendar.Nearest(time.Date(2000, time.Month(month), min(day, 28), 0, 0, 0, 0, time.UTC).Format("0102"), i.LocalDate)
		r.must(err)
		i.LocalDate = shown
		return i
	}
	p, sent := r.sale()
	p.Identity = jalali(p.Identity)
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	q := r.ownStatusOf(p, sent)
	q.Original = jalali(q.Original)
	r.wantCode(r.Status(t.Context(), q), payment.OK)
	v := r.ownReversalOf(p, sent)
	v.Original = jalali(v.Original)
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	r.wantStatus(p, payment.Reversing, payment.ByTerminal)
	r.holds()
}

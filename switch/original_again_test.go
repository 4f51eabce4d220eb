package switching

import (
	"testing"
	"time"

	"treasury-switch/switch/payment"
)

// A17: F90 names no time, F12 is when the advice was made and F7 when it was sent, two minutes later.
func TestA17_AdviceTransmittedLater(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.paidSale()
	made, left := sent.Add(40*time.Second), sent.Add(160*time.Second)
	v := r.reversalOf(p)
	v.Advice, v.Original, v.Own = true, moved(p.Identity, made), stampOf(left)
	r.clock.Advance(160 * time.Second)
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	r.atEnd()
	r.wantUndoneOrOwned(p)
}

// A17: an inquiry is repeated with a new F7 and its old F12, which looks ever more like its original's.
func TestA17_InquiryRepeatedWithNewF7(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.paidSale()
	made := sent.Add(40 * time.Second)
	for _, after := range []time.Duration{0, 30 * time.Second, 70 * time.Second} {
		q := &StatusInquiry{Original: moved(p.Identity, made), Own: stampOf(made.Add(after))}
		if a := r.Status(t.Context(), q); a.Code == payment.NoOriginal {
			t.Errorf("after %s told %s, and the payment is %s", after, a.Code, r.payment(p).Status)
		}
	}
}

// A17: the same, and F90 names the 0201.
func TestA17_InquiryBehindThe0201Repeated(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.paidSale()
	f90 := sent.Add(30 * time.Second)
	for _, after := range []time.Duration{9 * time.Second, 70 * time.Second} {
		q := &StatusInquiry{Original: moved(p.Identity, f90.Add(time.Second)), Sent: stampOf(f90), Own: stampOf(f90.Add(after))}
		if a := r.Status(t.Context(), q); a.Code == payment.NoOriginal {
			t.Errorf("after %s told %s, and the payment is %s", after, a.Code, r.payment(p).Status)
		}
	}
}

// A17: the same of an advice.
func TestA17_AdviceBehindThe0201Later(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.paidSale()
	f90 := sent.Add(30 * time.Second)
	v := r.reversalOf(p)
	v.Advice, v.Original, v.Sent, v.Own = true, moved(p.Identity, f90.Add(time.Second)), stampOf(f90), stampOf(f90.Add(70*time.Second))
	r.clock.Advance(100 * time.Second)
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	r.atEnd()
	r.wantUndoneOrOwned(p)
}

// A17: another F32 than the original had, and F90 names no time.
func TestA17_AnotherAcquirerNoTime(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.paidSale()
	own := stampOf(sent.Add(90 * time.Second))
	q := &StatusInquiry{Original: p.Identity, Own: own}
	q.Original.Acquirer = "581672000"
	if a := r.Status(t.Context(), q); a.Code == payment.NoOriginal {
		t.Errorf("told %s, and the payment is %s", a.Code, r.payment(p).Status)
	}
	v := r.reversalOf(p)
	v.Advice, v.Original, v.Own = true, q.Original, own
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	r.atEnd()
	r.wantUndoneOrOwned(p)
}

// A17: another F32 than the original had, whose F12 was taken before its F7: the same F12 names it.
func TestA17_AnotherAcquirerAndF12BeforeF7(t *testing.T) {
	for _, lead := range []time.Duration{0, 5 * time.Second, 40 * time.Second} {
		t.Run(lead.String(), func(t *testing.T) {
			r := newRig(t)
			r.impatient()
			p, sent := r.sale()
			p.Identity = moved(p.Identity, sent.Add(-lead))
			r.pays(p)
			q := &StatusInquiry{Original: p.Identity, Sent: stampOf(sent), Own: stampOf(sent.Add(90 * time.Second))}
			q.Original.Acquirer = "581672000"
			if a := r.Status(t.Context(), q); a.Code == payment.NoOriginal {
				t.Errorf("told %s, and the payment is %s", a.Code, r.payment(p).Status)
			}
			v := r.reversalOf(p)
			v.Advice, v.Original, v.Sent, v.Own = true, q.Original, q.Sent, q.Own
			r.wantCode(r.Reverse(t.Context(), v), payment.OK)
			r.atEnd()
			r.wantUndoneOrOwned(p)
		})
	}
}

// A17: the same card paid the same amount with the same STAN within the minute before the request that was lost.
func TestA17_SameCardWithinTheMinute(t *testing.T) {
	r := newRig(t)
	first, sent := r.paidSale()
	r.impatient()
	later := sent.Add(45 * time.Second)
	lost, _ := r.sale()
	lost.STAN = first.STAN
	lost.Identity = moved(lost.Identity, later)
	v := r.ownReversalOf(lost, later)
	v.Card = r.purchase().Card
	r.clock.Advance(106 * time.Second)
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	if got := r.payment(first); got.Status != payment.Approved {
		t.Errorf("the earlier payment of that card is %s", got.Status)
	}
}

// A17: of more payments than are looked at those that were received nearest to when the original was become cases.
func TestA17_CaseOnTheNearestOfMany(t *testing.T) {
	r := newRig(t)
	r.impatient()
	start := r.clock.Now()
	var last *Purchase
	var sent time.Time
	for i := range mostCandidates + 4 {
		p, _ := r.sale()
		p.STAN = "000001"
		sent = start.Add(time.Duration(i+1) * 20 * time.Second)
		r.clock.Advance(20 * time.Second)
		p.Identity = moved(p.Identity, sent.Add(-5*time.Second))
		r.pays(p)
		last = p
	}
	r.clock.Advance(61 * time.Second)
	v := r.ownReversalOf(last, sent)
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	r.atEnd()
	if got := r.payment(last); got.Status == payment.Approved && !got.Meant {
		t.Errorf("the payment is %s and nobody's case; cases %d", got.Status, r.count(`SELECT count(*) FROM payment_case`))
	}
}

// A17: what a clock that was days ahead has written down is over.
func TestA17_RowOfAClockAhead(t *testing.T) {
	r := newRig(t)
	r.impatient()
	r.clock.Advance(48 * time.Hour)
	p, sent := r.sale()
	r.wantCode(r.Reverse(t.Context(), r.ownReversalOf(p, sent)), payment.OK)
	r.clock.Advance(-48 * time.Hour)
	for range 30 {
		r.looksAgain(againMost)
	}
	if n := r.unmatchedRows(); n != 0 {
		t.Errorf("%d rows still looked for after half an hour", n)
	}
}

// A17: what is made an hour after its original has an F12 that summer time would have made of it.
func TestA17_AnHourLater(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.sale()
	p.Identity = moved(p.Identity, sent.Add(-20*time.Second))
	r.pays(p)
	r.clock.Advance(time.Hour)
	own := sent.Add(time.Hour)
	q := &StatusInquiry{Original: moved(p.Identity, own), Sent: stampOf(sent), Own: stampOf(own)}
	if a := r.Status(t.Context(), q); a.Code == payment.NoOriginal {
		t.Errorf("told %s, and the payment is %s", a.Code, r.payment(p).Status)
	}
	v := r.reversalOf(p)
	v.Advice, v.Original, v.Sent, v.Own = true, q.Original, q.Sent, q.Own
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	r.atEnd()
	r.wantUndoneOrOwned(p)
}

// A17: the terminal's clock is set right between the sale and its advice.
func TestA17_ClockSetBetween(t *testing.T) {
	for name, jump := range map[string]time.Duration{"30 min back": -30 * time.Minute, "an hour on": time.Hour, "an hour back": -time.Hour, "a day": 24 * time.Hour, "3:30 on": 210 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.impatient()
			sent := r.clock.Now()
			wrong := sent.Add(-jump) // what its clock showed
			p2, _ := r.sale()
			p2.Identity = moved(p2.Identity, wrong.Add(-15*time.Second))
			r.pays(p2)
			r.clock.Advance(70 * time.Second)
			own := sent.Add(70 * time.Second)
			q := &StatusInquiry{Original: moved(p2.Identity, own), Sent: stampOf(wrong), Own: stampOf(own)}
			if a := r.Status(t.Context(), q); a.Code == payment.NoOriginal {
				t.Errorf("told %s, and the payment is %s", a.Code, r.payment(p2).Status)
			}
			v := r.reversalOf(p2)
			v.Advice, v.Original, v.Sent, v.Own = true, q.Original, q.Sent, q.Own
			r.wantCode(r.Reverse(t.Context(), v), payment.OK)
			r.atEnd()
			r.wantUndoneOrOwned(p2)
		})
	}
}

// A17: F90 names no time, or that of the message, F32 is another than the original's, and the line was down for a while: F12 still tells when the
// original was received.
func TestA17_InquiryHoursLaterWithoutATime(t *testing.T) {
	for name, c := range map[string]struct {
		after  time.Duration
		copied bool
	}{"12 min, F7 copied": {12 * time.Minute, true}, "5 h": {5*time.Hour + 2*time.Minute, false}, "5 h, F7 copied": {5*time.Hour + 2*time.Minute, true}} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.impatient()
			p, sent := r.paidSale()
			r.clock.Advance(c.after)
			q := &StatusInquiry{Original: p.Identity, Own: stampOf(sent.Add(c.after))}
			if q.Original.Acquirer = "581672000"; c.copied {
				q.Sent = q.Own
			}
			if a := r.Status(t.Context(), q); a.Code == payment.NoOriginal {
				t.Errorf("told %s, and the payment is %s", a.Code, r.payment(p).Status)
			}
		})
	}
}

// A17: the same of a message with an F12 of its own, which was made more than a minute before its terminal had dialled, so that F12 may be of its original.
func TestA17_InquiryMadeBeforeItsTerminalDialledWithoutATime(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.paidSale()
	r.clock.Advance(5 * time.Hour)
	own := sent.Add(5 * time.Hour)
	q := &StatusInquiry{Original: moved(p.Identity, own.Add(-65*time.Second)), Own: stampOf(own)}
	if a := r.Status(t.Context(), q); a.Code == payment.NoOriginal {
		t.Errorf("told %s, and the payment is %s", a.Code, r.payment(p).Status)
	}
}

// A17: another F32, and the request comes after the inquiry was told 25 or its reversal was taken: it has the F12 that they have, and is undone.
func TestA17_OriginalAfterAMessageWithoutATime(t *testing.T) {
	for _, reversal := range []bool{false, true} {
		t.Run(map[bool]string{false: "inquiry", true: "reversal"}[reversal], func(t *testing.T) {
			r := newRig(t)
			r.impatient()
			p, sent := r.sale()
			r.clock.Advance(90 * time.Second)
			other, own, want := p.Identity, stampOf(sent.Add(90*time.Second)), payment.NoOriginal
			other.Acquirer = "581672000"
			told := payment.OK
			if v := r.reversalOf(p); reversal {
				v.Advice, v.Original, v.Own, want = true, other, own, payment.OK
				told = r.Reverse(t.Context(), v).Code
			} else {
				told = r.Status(t.Context(), &StatusInquiry{Original: other, Own: own}).Code
			}
			if told != want {
				t.Fatalf("told %s, want %s", told, want)
			}
			r.pays(p)
			r.atEnd()
			if got := r.payment(p); got.Status == payment.Approved {
				t.Errorf("told %s, and the payment is %s", told, got.Status)
			}
		})
	}
}

// A17: two days later F12 and F13 still tell when the original was received.
func TestA17_InquiryDaysLaterWithoutATime(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.paidSale()
	r.clock.Advance(50*time.Hour + 5*time.Minute)
	q := &StatusInquiry{Original: p.Identity, Own: stampOf(sent.Add(50*time.Hour + 5*time.Minute))}
	q.Original.Acquirer = "581672000"
	if a := r.Status(t.Context(), q); a.Code == payment.NoOriginal {
		t.Errorf("told %s, and the payment is %s", a.Code, r.payment(p).Status)
	}
}

// A17: F90 has the F7 of the reversal, which was made hours after its original, and another payment with that STAN has just been made: a person looks at both.
func TestA17_ReversalHoursLaterWithItsOwnTime(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.paidSale()
	r.clock.Advance(2 * time.Hour)
	later, _ := r.sale()
	later.STAN = p.STAN
	r.pays(later)
	r.clock.Advance(5 * time.Minute)
	v := r.reversalOf(p)
	v.Advice, v.Own = true, stampOf(sent.Add(2*time.Hour+5*time.Minute))
	v.Sent, v.Original = v.Own, moved(p.Identity, sent.Add(2*time.Hour+5*time.Minute))
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	r.atEnd()
	if got := r.payment(p); got.Status == payment.Approved && !got.Meant {
		t.Errorf("the payment is %s and nobody's case", got.Status)
	}
}

package switching

import (
	"fmt"
	"testing"
	"time"

	"treasury-switch/switch/payment"
)

// atEnd looks until nothing is looked for any more.
func (r *rig) atEnd() {
	r.t.Helper()
	for range 16 {
		r.looksAgain(againMost)
	}
}

// wantUndoneOrOwned holds the promise of a 00 to a reversal.
func (r *rig) wantUndoneOrOwned(p *Purchase) {
	r.t.Helper()
	got := r.payment(p)
	if n := r.count(`SELECT count(*) FROM payment_case`); got.Status == payment.Approved && n == 0 {
		r.t.Errorf("the reversal was told 00; the payment is %s and no case is open", got.Status)
	}
}

// A17: the terminal's clock is wrong, by minutes or by months, and its F12 is not its F7 to the second. Its F7 and F90 are of one clock, so they say how
// long before the reversal the original was received.
func TestA17_TheTerminalsClockIsWrong(t *testing.T) {
	for name, off := range map[string]time.Duration{"11 min ahead": 11 * time.Minute, "11 min behind": -11 * time.Minute, "an hour": time.Hour, "a day": -24 * time.Hour, "a year's start": -100 * 24 * time.Hour} {
		for _, f12 := range []time.Duration{time.Second, -20 * time.Second} {
			t.Run(name+" "+f12.String(), func(t *testing.T) {
				r := newRig(t)
				r.impatient()
				p, sent := r.sale()
				sent = sent.Add(off)
				p.Identity = moved(p.Identity, sent.Add(f12))
				r.pays(p)
				r.clock.Advance(61 * time.Second)
				r.wantCode(r.Reverse(t.Context(), r.ownReversalOf(p, sent)), payment.OK)
				r.atEnd()
				r.wantUndoneOrOwned(p)
			})
		}
	}
}

// A17: the inquiry and the reversal make F12 from the F7 that they name, and the original read its clock twice.
func TestA17_F12MadeFromF90(t *testing.T) {
	for name, off := range map[string]time.Duration{"right": 0, "an hour": time.Hour, "a day": -24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.impatient()
			p, sent := r.sale()
			sent = sent.Add(off)
			p.Identity = moved(p.Identity, sent.Add(time.Second))
			r.pays(p)
			r.clock.Advance(61 * time.Second)
			own := stampOf(sent.Add(61 * time.Second))
			if a := r.Status(t.Context(), &StatusInquiry{Original: moved(p.Identity, sent), Sent: stampOf(sent), Own: own}); a.Code == payment.NoOriginal {
				t.Errorf("told %s, and the payment is %s", a.Code, r.payment(p).Status)
			}
			v := r.reversalOf(p)
			v.Advice, v.Original, v.Sent, v.Own = true, moved(p.Identity, sent), stampOf(sent), own
			r.wantCode(r.Reverse(t.Context(), v), payment.OK)
			r.atEnd()
			r.wantUndoneOrOwned(p)
		})
	}
}

// A17: F90 names no time, or that of the message, and the clock is in a zone that no terminal should be in: F12 is still seen to be the message's.
func TestA17_F90WithoutTimeInAnotherZone(t *testing.T) {
	for name, c := range map[string]struct {
		zone      time.Duration
		wantStamp bool
	}{"+3:00, no time": {-30 * time.Minute, false}, "+3:00, own time": {-30 * time.Minute, true}, "+4:00": {30 * time.Minute, false}} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.impatient()
			p, sent := r.sale()
			p.Identity = moved(p.Identity, sent.Add(c.zone))
			r.pays(p)
			own := sent.Add(61 * time.Second)
			q := &StatusInquiry{Original: moved(p.Identity, own.Add(c.zone)), Own: stampOf(own)}
			if c.wantStamp {
				q.Sent = q.Own
			}
			if a := r.Status(t.Context(), q); a.Code == payment.NoOriginal {
				t.Errorf("told %s, and the payment is %s", a.Code, r.payment(p).Status)
			}
			v := r.reversalOf(p)
			v.Advice, v.Original, v.Sent, v.Own = true, moved(p.Identity, own.Add(c.zone+time.Second)), q.Sent, stampOf(own.Add(time.Second))
			if c.wantStamp {
				v.Sent = v.Own
			}
			r.wantCode(r.Reverse(t.Context(), v), payment.OK)
			r.atEnd()
			r.wantUndoneOrOwned(p)
		})
	}
}

// A17: the terminal copies F7 of the original into what it says of it, with an F12 of its own.
func TestA17_F7IsCopied(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.sale()
	p.Identity = moved(p.Identity, sent.Add(-20*time.Second))
	r.pays(p)
	v := r.ownReversalOf(p, sent)
	v.Own = v.Sent
	q := &StatusInquiry{Original: v.Original, Sent: v.Sent, Own: v.Own}
	if a := r.Status(t.Context(), q); a.Code == payment.NoOriginal {
		t.Errorf("told %s, and the payment is %s", a.Code, r.payment(p).Status)
	}
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	r.atEnd()
	r.wantUndoneOrOwned(p)
}

// A17: F90 names no time, and the line was down for a while: a case has somebody look.
func TestA17_F90WithoutTimeAndTheLineWasDown(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.paidSale()
	r.clock.Advance(15 * time.Minute)
	v := r.reversalOf(p)
	own := sent.Add(15 * time.Minute)
	v.Advice, v.Original, v.Own = true, moved(p.Identity, own), stampOf(own)
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	r.atEnd()
	r.wantUndoneOrOwned(p)
}

// A17: the 0201 left 30 s after the 0200 and its connection broke at once. The next message is made a second later and leaves when the line is up:
// its F12 is near F90's time, and its own.
func TestA17_InquiryMadeBeforeItsTerminalDialled(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.paidSale()
	f90 := sent.Add(30 * time.Second)
	made, left := f90.Add(time.Second), f90.Add(9*time.Second)
	q := &StatusInquiry{Original: moved(p.Identity, made), Sent: stampOf(f90), Own: stampOf(left)}
	if a := r.Status(t.Context(), q); a.Code == payment.NoOriginal {
		t.Errorf("told %s, and the payment is %s", a.Code, r.payment(p).Status)
	}
}

// A17: the same of a reversal, which becomes a case.
func TestA17_ReversalMadeBeforeItsTerminalDialled(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.paidSale()
	f90 := sent.Add(30 * time.Second)
	made, left := f90.Add(time.Second), f90.Add(9*time.Second)
	v := r.reversalOf(p)
	v.Advice, v.Original, v.Sent, v.Own = true, moved(p.Identity, made), stampOf(f90), stampOf(left)
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	r.atEnd()
	r.wantUndoneOrOwned(p)
}

// A17: a STAN began anew within the minute, and what is said of the lost request has an F12 of its own, or copies everything. The payment of the payer
// before was received too early to be the one that is meant.
func TestA17_AnotherPayersWithinTheMinute(t *testing.T) {
	for _, verbatim := range []bool{false, true} {
		t.Run("", func(t *testing.T) {
			r := newRig(t)
			first, sent := r.paidSale()
			r.impatient()
			later := sent.Add(45 * time.Second)
			lost, _ := r.sale()
			lost.STAN = first.STAN
			lost.Identity = moved(lost.Identity, later)
			v := r.ownReversalOf(lost, later)
			if verbatim {
				v.Original, v.Own = lost.Identity, v.Sent
			}
			q := &StatusInquiry{Original: v.Original, Sent: v.Sent, Own: v.Own}
			r.clock.Advance(106 * time.Second)
			if a := r.Status(t.Context(), q); a.Code == payment.OK {
				t.Errorf("verbatim %t: told %s of another payer's payment", verbatim, a.Code)
			}
			r.wantCode(r.Reverse(t.Context(), v), payment.OK)
			if got := r.payment(first); got.Status != payment.Approved {
				t.Errorf("verbatim %t: another payer's payment is %s", verbatim, got.Status)
			}
		})
	}
}

// A17: the request of the second payer is lost, and a payer with that STAN paid half past three hours before, to the second: his F12 is F90's time. His
// payment is neither undone nor told of.
func TestA17_AnotherPayersInAnotherZone(t *testing.T) {
	for _, card := range []bool{false, true} {
		t.Run(fmt.Sprintf("card named %t", card), func(t *testing.T) {
			r := newRig(t)
			first, sent := r.paidSale()
			r.impatient()
			r.clock.Advance(210 * time.Minute)
			lost, _ := r.sale()
			later := sent.Add(210 * time.Minute)
			lost.STAN = first.STAN
			r.clock.Advance(61 * time.Second)
			v := r.ownReversalOf(lost, later)
			if card {
				v.Card.PAN = mustPAN(t, "6037990000000022")
			}
			if first.LocalTime != stampOf(later)[4:] {
				t.Fatal("the two are not alike")
			}
			q := r.ownStatusOf(lost, later)
			q.Original = moved(q.Original, later.Add(time.Second))
			r.wantCode(r.Status(t.Context(), q), payment.InProgress)
			r.wantCode(r.Reverse(t.Context(), v), payment.OK)
			r.atEnd()
			if got := r.payment(first); got.Status != payment.Approved || got.Meant == card {
				t.Errorf("the payment of before is %s, its case %t", got.Status, got.Meant)
			}
			r.holds()
		})
	}
}

// A17: an inquiry names another acceptor than its original had. 03 would be read as what that was told.
func TestA17_InquiryOfAnotherAcceptor(t *testing.T) {
	for name, f90 := range map[string]time.Duration{"no time": -1, "an hour off": time.Hour} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.impatient()
			p, sent := r.sale()
			p.Identity = moved(p.Identity, sent.Add(max(f90, 0)))
			r.pays(p)
			q := &StatusInquiry{Original: p.Identity, Own: stampOf(sent.Add(90 * time.Second))}
			if f90 > 0 {
				q.Sent, q.Own = stampOf(sent.Add(f90)), stampOf(sent.Add(f90+90*time.Second))
			}
			q.Original.Acceptor = "000000000000999"
			if a := r.Status(t.Context(), q); a.Code != payment.InProgress && a.Code != payment.OK {
				t.Errorf("told %s, and the payment is %s", a.Code, r.payment(p).Status)
			}
		})
	}
}

// A17: a terminal whose STAN never moves has more payments than are looked at.
func TestA17_MoreThanAreRead(t *testing.T) {
	r := newRig(t)
	r.impatient()
	start := r.clock.Now()
	var last *Purchase
	var sent time.Time
	for i := range mostCandidates + 4 {
		p, _ := r.sale()
		p.STAN = "000001"
		sent = start.Add(time.Duration(i) * 20 * time.Second)
		r.clock.Advance(20 * time.Second)
		p.Identity = moved(p.Identity, sent)
		r.pays(p)
		last = p
	}
	q := &StatusInquiry{Original: last.Identity, Sent: stampOf(sent), Own: stampOf(sent.Add(90 * time.Second))}
	q.Original.Acquirer = "581672000"
	a := r.Status(t.Context(), q)
	if a.Code == payment.NoOriginal {
		t.Errorf("told %s, and the payment is %s", a.Code, r.payment(last).Status)
	}
	v := r.ownReversalOf(last, sent)
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	r.atEnd()
	if got := r.payment(last); got.Status == payment.Approved && !got.Meant {
		t.Errorf("the payment is %s and nobody's case", got.Status)
	}
}

package switching

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/pgproxy"
	"treasury-switch/switch/payment"
)

// stampOf is an F7, MMDDhhmmss in UTC.
func stampOf(t time.Time) string { return t.UTC().Format("0102150405") }

// sale is a purchase of a terminal whose clock is right, and its F7.
func (r *rig) sale() (p *Purchase, sent time.Time) {
	p, sent = r.purchase(), r.clock.Now()
	p.Identity = moved(p.Identity, sent)
	return p, sent
}

// moved is the identity of the same terminal and STAN at another time.
func moved(i payment.Identity, t time.Time) payment.Identity {
	local := t.In(calendar.Tehran)
	i.LocalDate, i.LocalTime = calendar.DateOf(local), local.Format("150405")
	return i
}

// paidSale is a sale that was paid.
func (r *rig) paidSale() (p *Purchase, sent time.Time) {
	r.t.Helper()
	p, sent = r.sale()
	r.pays(p)
	return p, sent
}

// pays has a request approved, however impatient the switch is with what it looks for. What a step of the clock has refused is sent again.
func (r *rig) pays(p *Purchase) {
	r.t.Helper()
	before := r.cfg.Timers.SendBefore
	r.cfg.Timers.SendBefore = testTimers.SendBefore
	var told payment.Code
	r.eventually(func() bool {
		told = r.Purchase(r.t.Context(), p).Code
		return told != payment.Inoperative
	})
	if told != payment.OK {
		r.t.Fatalf("told %s", told)
	}
	r.cfg.Timers.SendBefore = before
}

// ownReversalOf is an advice to undo a purchase that was sent at a time, which carries the
// local time and date of a minute later: its own.
func (r *rig) ownReversalOf(p *Purchase, sent time.Time) *ReversalRequest {
	v := r.reversalOf(p)
	v.Advice, v.Sent = true, stampOf(sent)
	v.Original = moved(v.Original, sent.Add(61*time.Second))
	v.Own = stampOf(sent.Add(61 * time.Second))
	return v
}

// ownStatusOf asks in the same manner.
func (r *rig) ownStatusOf(p *Purchase, sent time.Time) *StatusInquiry {
	v := r.ownReversalOf(p, sent)
	return &StatusInquiry{Original: v.Original, Sent: v.Sent, Own: v.Own}
}

// impatient has what is not found at first looked for again soon.
func (r *rig) impatient() { r.cfg.Timers.SendBefore = 50 * time.Millisecond }

// A17: a reversal whose F12 and F13 are its own is found by F90: STAN, terminal, amount, the
// card if it is named, receipt within ten minutes of F90's time, and an F12 that agrees with it.
func TestA17_ReversalFoundByF90(t *testing.T) {
	for name, change := range map[string]func(r *rig, v *ReversalRequest, sent time.Time){
		"as it is":                 func(*rig, *ReversalRequest, time.Time) {},
		"F13 is another day's":     func(_ *rig, v *ReversalRequest, _ time.Time) { v.Original.LocalDate = v.Original.LocalDate.Add(-1) },
		"with its card":            func(r *rig, v *ReversalRequest, _ time.Time) { v.Card = r.purchase().Card },
		"a request, not an advice": func(_ *rig, v *ReversalRequest, _ time.Time) { v.Advice = false },
		"F90 in local time":        func(_ *rig, v *ReversalRequest, sent time.Time) { v.Sent = stampOf(sent.Add(210 * time.Minute)) },
		"F12 was taken before F7":  func(_ *rig, v *ReversalRequest, sent time.Time) { v.Sent = stampOf(sent.Add(50 * time.Second)) },
		"at once": func(_ *rig, v *ReversalRequest, sent time.Time) {
			v.Original = moved(v.Original, sent.Add(time.Second))
		},
		"of F32 and F42 as they are": func(_ *rig, v *ReversalRequest, _ time.Time) { v.Original.Acquirer = "581672061" },
		"of the acceptor of before":  func(_ *rig, v *ReversalRequest, _ time.Time) { v.Original.Acceptor = "000000000000999" },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			p, sent := r.paidSale()
			v := r.ownReversalOf(p, sent)
			change(r, v, sent)
			for range 2 { // 0420 and 0421
				r.wantCode(r.Reverse(t.Context(), v), payment.OK)
			}
			r.wantStatus(p, payment.Reversing, payment.ByTerminal)
			r.forward()
			r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
			if n := r.count(`SELECT count(*) FROM payment`); n != 1 || r.seen.alarmed(payment.OriginalUnmatched) != 0 {
				t.Errorf("%d payments, %d alarms", n, r.seen.alarmed(payment.OriginalUnmatched))
			}
			r.wantCode(r.Reverse(t.Context(), v), payment.OK)
			r.holds()
		})
	}
}

// A17: what does not fit in all of that is not undone, and operators are told.
func TestA17_ReversalThatFindsNothing(t *testing.T) {
	for name, change := range map[string]func(r *rig, v *ReversalRequest, sent time.Time){
		"another STAN":     func(_ *rig, v *ReversalRequest, _ time.Time) { v.Original.STAN = "999999" },
		"another terminal": func(_ *rig, v *ReversalRequest, _ time.Time) { v.Original.Terminal = "10100002" },
		"its F12 does not agree": func(r *rig, v *ReversalRequest, sent time.Time) {
			*v = *r.ownReversalOf(&Purchase{Identity: v.Original, Amount: v.Amount}, sent.Add(2*time.Minute))
		},
		"half an hour after F90": func(_ *rig, v *ReversalRequest, sent time.Time) { v.Sent = stampOf(sent.Add(-30 * time.Minute)) },
		"an hour before F90":     func(_ *rig, v *ReversalRequest, sent time.Time) { v.Sent = stampOf(sent.Add(time.Hour)) },
		"F90 names no time":      func(_ *rig, v *ReversalRequest, _ time.Time) { v.Sent = "" },
		"F90's time is no day":   func(_ *rig, v *ReversalRequest, _ time.Time) { v.Sent = "0230120000" },
		"it names its own request": func(r *rig, v *ReversalRequest, sent time.Time) {
			v.Original = moved(v.Original, sent.Add(5*time.Minute))
			v.Sent = stampOf(sent.Add(5 * time.Minute))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			p, sent := r.paidSale()
			r.impatient()
			v := r.ownReversalOf(p, sent)
			change(r, v, sent)
			r.wantCode(r.Reverse(t.Context(), v), payment.OK)
			r.wantStatus(p, payment.Approved, payment.ByNetwork)
			if n := r.seen.alarmed(payment.OriginalUnmatched); n != 1 {
				t.Errorf("%d alarms", n)
			}
			r.wantCode(r.Reverse(t.Context(), v), payment.OK) // its repeat finds the tombstone
			if n := r.seen.alarmed(payment.OriginalUnmatched); n != 1 {
				t.Errorf("%d alarms after the repeat", n)
			}
			r.holds()
		})
	}
}

// A17: what F90 names to the second, and the reversal says otherwise, is refused as it is of a reversal with its original's F12 and F13.
func TestA17_ReversalThatContradicts(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.paidSale()
	amount, card := r.ownReversalOf(p, sent), r.ownReversalOf(p, sent)
	amount.Amount--
	card.Card.PAN = mustPAN(t, "6037990000000022")
	r.wantCode(r.Reverse(t.Context(), amount), payment.InvalidAmount)
	r.wantCode(r.Reverse(t.Context(), card), payment.Duplicate)
	r.wantStatus(p, payment.Approved, payment.ByNetwork)
	if n := r.seen.alarmed(payment.ContentDiffers); n != 1 {
		t.Errorf("%d alarms", n)
	}
	r.holds()
}

// A17: of several that fit none is undone, until the card tells them apart, or F90's time is that of just one.
func TestA17_ReversalThatFitsTwo(t *testing.T) {
	for name, c := range map[string]struct {
		change func(v *ReversalRequest, sent time.Time)
		undone bool
	}{
		"as it is":          {func(*ReversalRequest, time.Time) {}, false},
		"with its card":     {func(v *ReversalRequest, _ time.Time) { v.Card.PAN = mustPAN(t, "6037990000000022") }, true},
		"F90 to the second": {func(v *ReversalRequest, sent time.Time) { v.Sent = stampOf(sent.Add(10 * time.Second)) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			first, sent := r.sale()
			second, _ := r.sale()
			second.STAN, second.Card.PAN = first.STAN, mustPAN(t, "6037990000000022")
			second.Identity = moved(second.Identity, sent.Add(10*time.Second))
			for _, p := range []*Purchase{first, second} {
				r.wantCode(r.Purchase(t.Context(), p), payment.OK)
			}
			v := r.ownReversalOf(second, sent.Add(15*time.Second))
			c.change(v, sent)
			r.wantCode(r.Reverse(t.Context(), v), payment.OK)
			r.wantStatus(first, payment.Approved, payment.ByNetwork)
			if n := r.seen.alarmed(payment.OriginalUnmatched); c.undone != (n == 0) {
				t.Errorf("%d alarms", n)
			}
			if c.undone {
				r.wantStatus(second, payment.Reversing, payment.ByTerminal)
			} else {
				r.wantStatus(second, payment.Approved, payment.ByNetwork)
			}
			r.holds()
		})
	}
}

// A17: what was declined or refused has nothing to undo, and nobody need look. It is not in
// the way of the payment that was made with the same STAN afterwards.
func TestA17_ReversalOfADecline(t *testing.T) {
	r := newRig(t)
	r.net.script(func(context.Context, Debit) (payment.Answered, error) {
		return payment.Answered{Word: payment.SaidDeclined, Code: "51", Day: testDay}, nil
	})
	declined, sent := r.sale()
	r.wantCode(r.Purchase(t.Context(), declined), "51")
	refused, _ := r.sale()
	refused.Amount++
	r.wantCode(r.Purchase(t.Context(), refused), payment.InvalidAmount)
	for _, p := range []*Purchase{declined, refused} {
		before := r.payment(p)
		r.wantCode(r.Reverse(t.Context(), r.ownReversalOf(p, sent)), payment.OK)
		if after := r.payment(p); after.Version != before.Version {
			t.Errorf("%s became %s", before.Status, after.Status)
		}
	}
	if n := r.seen.alarmed(payment.OriginalUnmatched); n != 0 || r.count(`SELECT count(*) FROM payment`) != 2 {
		t.Errorf("%d alarms", n)
	}
	r.net.script(r.net.approve)
	again, _ := r.sale()
	again.STAN = declined.STAN
	again.Identity = moved(again.Identity, sent.Add(5*time.Second))
	r.wantCode(r.Purchase(t.Context(), again), payment.OK)
	r.wantCode(r.Reverse(t.Context(), r.ownReversalOf(again, sent.Add(5*time.Second))), payment.OK)
	r.wantStatus(again, payment.Reversing, payment.ByTerminal)
	r.holds()
}

// A17: the STAN has begun anew at a reboot, and the request of the second payer is lost. Its
// reversal and its question carry what its request had: the first payer's payment stays, and
// is not told of, however soon the second came.
func TestA17_LostRequestIsNotAnotherPayers(t *testing.T) {
	for _, after := range []time.Duration{45 * time.Second, 5 * time.Minute} {
		t.Run(after.String(), func(t *testing.T) {
			r := newRig(t)
			first, sent := r.paidSale()
			r.impatient()
			lost, _ := r.sale()
			later := sent.Add(after)
			lost.STAN, lost.Card.PAN = first.STAN, mustPAN(t, "6037990000000022")
			lost.Identity = moved(lost.Identity, later)
			r.wantCode(r.Status(t.Context(), &StatusInquiry{Original: lost.Identity, Sent: stampOf(later)}), payment.NoOriginal)
			v := r.reversalOf(lost)
			v.Advice, v.Sent = true, stampOf(later)
			r.wantCode(r.Reverse(t.Context(), v), payment.OK)
			r.wantStatus(first, payment.Approved, payment.ByNetwork)
			r.cfg.Timers.SendBefore = testTimers.SendBefore
			r.wantCode(r.Purchase(t.Context(), lost), payment.InvalidRequest)
			r.holds()
		})
	}
}

// A17: an attempt was declined, and the next one of the same STAN is on its way. What is asked
// or undone of that is not answered by the decline before it.
func TestA17_ADeclineBeforeSaysNothing(t *testing.T) {
	for name, own := range map[string]time.Duration{"F12 of its original": 0, "F12 of its own": 31 * time.Second} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.net.script(func(context.Context, Debit) (payment.Answered, error) {
				return payment.Answered{Word: payment.SaidDeclined, Code: "51", Day: testDay}, nil
			})
			first, sent := r.sale()
			r.wantCode(r.Purchase(t.Context(), first), "51")
			r.net.script(r.net.approve)
			r.impatient()
			second, _ := r.sale()
			second.STAN, sent = first.STAN, sent.Add(20*time.Second)
			second.Identity = moved(second.Identity, sent)
			named := moved(second.Identity, sent.Add(own))
			want := payment.NoOriginal // and its tombstone keeps the second attempt out
			if own > 0 {
				want = payment.InProgress
			}
			r.wantCode(r.Status(t.Context(), &StatusInquiry{Original: named, Sent: stampOf(sent)}), want)
			r.wantCode(r.Reverse(t.Context(), &ReversalRequest{Original: named, Amount: second.Amount, Advice: true, Sent: stampOf(sent)}), payment.OK)
			r.cfg.Timers.SendBefore = testTimers.SendBefore
			r.wantCode(r.Purchase(t.Context(), second), payment.InvalidRequest)
			r.holds()
		})
	}
}

// A17: the reversal comes before its original. A tombstone under the time of F90 keeps that
// out if the terminal's clock is right; otherwise the reversal's repeat finds it.
func TestA17_ReversalBeforeItsOriginal(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.sale()
	v := r.ownReversalOf(p, sent)
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	r.cfg.Timers.SendBefore = testTimers.SendBefore
	r.wantCode(r.Purchase(t.Context(), p), payment.InvalidRequest)
	p.Identity = moved(p.Identity, sent.Add(-20*time.Second))
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	r.wantStatus(p, payment.Reversing, payment.ByTerminal)
	r.forward()
	r.holds()
}

// countedLooks counts the look-ups by field 90 that have ended, in both readings of its time.
type countedLooks struct {
	Store
	made atomic.Int32
}

func (c *countedLooks) received(ctx context.Context, q sought) ([]payment.Key, error) {
	keys, err := c.Store.received(ctx, q)
	c.made.Add(1)
	return keys, err
}

// A17: the reversal comes while its original is being recorded, at this node or another: it
// is undone, or not told so.
func TestA17_ReversalWhileItsOriginalIsRecorded(t *testing.T) {
	for name, c := range map[string]struct {
		at     func(r *rig) *Switch
		f12    time.Duration // of the original, from its F7
		behind time.Duration // of the reversal behind its original
	}{
		"at its node":             {func(r *rig) *Switch { return r.Switch }, -20 * time.Second, 61 * time.Second},
		"at another node":         {func(r *rig) *Switch { return r.second() }, -20 * time.Second, 61 * time.Second},
		"at another node at once": {func(r *rig) *Switch { return r.second() }, 0, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			r, proxy := newRigThrough(t)
			node := c.at(r)
			looks := &countedLooks{Store: node.Store}
			node.Store = looks
			p, sent := r.sale()
			p.Identity = moved(p.Identity, sent.Add(c.f12)) // no tombstone under F90's time meets it, but of the last
			proxy.Set(pgproxy.Hold)
			told, reversed := make(chan Answer, 1), make(chan Answer, 1)
			go func() { told <- r.Purchase(context.WithoutCancel(t.Context()), p) }()
			r.eventually(proxy.Fired)
			v := r.ownReversalOf(p, sent)
			v.Original, v.Own = moved(v.Original, sent.Add(c.behind)), stampOf(sent.Add(c.behind))
			go func() { reversed <- node.Reverse(context.WithoutCancel(t.Context()), v) }()
			r.eventually(func() bool { return looks.made.Load() > 1 })
			close(proxy.Release)
			<-told
			r.wantCode(<-reversed, payment.OK)
			if got := r.payment(p).Status; got == payment.Approved {
				t.Errorf("the reversal was accepted, and the payment is %s", got)
			}
		})
	}
}

// A17: while the look-up cannot be made nothing is promised.
func TestA17_LookUpFails(t *testing.T) {
	r := newRig(t)
	p, sent := r.paidSale()
	v := r.ownReversalOf(p, sent)
	for range lookUps {
		r.looking <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	terminal, _ := r.Directory().Terminal(p.Terminal)
	if _, err := r.byF90(ctx, terminal, named{original: v.Original, sent: v.Sent}, true); !fault.Is(err, fault.Unavailable) {
		t.Errorf("error %v", err)
	}
	r.wantCode(r.Reverse(t.Context(), v), payment.InProgress)
	r.wantStatus(p, payment.Approved, payment.ByNetwork)
	for range lookUps {
		<-r.looking
	}
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	r.wantStatus(p, payment.Reversing, payment.ByTerminal)
	r.holds()
}

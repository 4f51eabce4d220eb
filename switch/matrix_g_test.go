package switching

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/payment/paymenttest"
	"treasury-switch/switch/recorder"
)

// G: reversals and store-and-forward.

// G1: killed between the doubt and the first 0420: the item was written with the
// doubt, so it is sent at the restart.
func TestG1_KilledBeforeTheFirstSend(t *testing.T) {
	r := newRig(t)
	r.unanswered(true)
	p := r.purchase()
	r.Purchase(t.Context(), p)
	r.restart()
	r.afterWindow()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

// G2: killed after the 0420 was written: the restart sends an 0421, under the
// same trace number and time.
func TestG2_RepeatAfterARestartIs0421(t *testing.T) {
	r := newRig(t)
	p := r.reversing()
	r.net.reversing(func(context.Context, Reversal) (payment.ReversalAnswered, error) {
		return payment.ReversalAnswered{}, fault.New(fault.Unknown, "killed")
	})
	r.forward()
	r.restart()
	r.net.reversing(r.net.undo)
	r.clock.Advance(testForward.Most)
	r.forward()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	first, second := r.net.reversals[0], r.net.reversals[1]
	if first.Repeat || !second.Repeat || first.STAN != second.STAN || !first.Transmission.Equal(second.Transmission) {
		t.Errorf("sent %+v, then %+v", first, second)
	}
	if first.STAN == first.Intent.RRN.STAN() {
		t.Error("the reversal has the trace number of its original")
	}
	r.holds()
}

// G3: the 0430 is lost: 0421 until one comes.
func TestG3_AnswerLost(t *testing.T) {
	r := newRig(t)
	p := r.reversing()
	var tries atomic.Int32
	r.net.reversing(func(ctx context.Context, x Reversal) (payment.ReversalAnswered, error) {
		said, _ := r.net.undo(ctx, x)
		if tries.Add(1) < 4 {
			return payment.ReversalAnswered{}, fault.New(fault.Unknown, "no answer")
		}
		return said, nil
	})
	for range 4 {
		r.forward()
		r.clock.Advance(testForward.Most)
	}
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

// G4: the 0430 was received and the process killed before its commit: 0421
// again, and 'already reversed' means done.
func TestG4_KilledAfterTheAnswer(t *testing.T) {
	r := newRig(t)
	p := r.reversing()
	r.net.reversing(func(ctx context.Context, x Reversal) (payment.ReversalAnswered, error) {
		_, _ = r.net.undo(ctx, x)
		return payment.ReversalAnswered{}, fault.New(fault.Unknown, "killed")
	})
	r.forward()
	r.restart()
	r.answersReversals(payment.ReversalDone, "21")
	r.clock.Advance(testForward.Most)
	r.forward()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

// G5: 00: reversed, with a contra journal if it was posted.
func TestG5_Accepted(t *testing.T) {
	r := newRig(t)
	p := r.reversing()
	r.forward()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	if r.balanceOf(paymenttest.Share1) != 0 || r.balanceOf(paymenttest.Share2) != 0 {
		t.Errorf("beneficiaries have %d and %d", r.balanceOf(paymenttest.Share1), r.balanceOf(paymenttest.Share2))
	}
	r.holds()
}

// G6: 25, and we never saw an approval: once more after the window, then closed.
func TestG6_NoOriginal(t *testing.T) { doubtful(t, false, payment.NothingToReverse) }

// G7: 25 although we hold an approval: the money stays in suspense and a person
// decides, and a second one agrees.
func TestG7_NoOriginalButHeld(t *testing.T) {
	r := newRig(t)
	p := r.reversing()
	r.answersReversals(payment.ReversalNotFound, payment.NoOriginal)
	r.forward()
	there := r.wantStatus(p, payment.Case, payment.NotFoundButHeld)
	r.wantCases(payment.NotFoundButHeld, 1)
	if n := r.count(`SELECT count(*) FROM saf`); n != 0 {
		t.Errorf("%d queued", n)
	}
	r.holds()
	decision := payment.OperatorsDecided{Outcome: payment.Reversed, Maker: "maker", Checker: "maker", Today: there.BusinessDay}
	if _, err := r.applier.Apply(t.Context(), there, decision, r.clock.Now()); !fault.Is(err, fault.Denied) {
		t.Errorf("one person decided: %v", err)
	}
	decision.Checker, decision.Outcome = "checker", payment.Approved
	r.freeze(paymenttest.Share2)
	if _, err := r.applier.Apply(t.Context(), there, decision, r.clock.Now()); !fault.Is(err, fault.Conflict) {
		t.Errorf("a frozen account was credited: %v", err)
	}
	decision.Outcome = payment.Reversed
	_, err := r.applier.Apply(t.Context(), there, decision, r.clock.Now())
	r.must(err)
	r.wantStatus(p, payment.Reversed, payment.ByOperators)
}

// G8: 21 or 94: it has it already.
func TestG8_AlreadyReversed(t *testing.T) {
	for _, code := range []payment.Code{"21", "94"} {
		t.Run(string(code), func(t *testing.T) {
			r := newRig(t)
			p := r.reversing()
			r.net.reversing(func(ctx context.Context, x Reversal) (payment.ReversalAnswered, error) {
				_, _ = r.net.undo(ctx, x)
				return payment.ReversalAnswered{Word: payment.ReversalDone, Code: code}, nil
			})
			r.forward()
			r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
			r.holds()
		})
	}
}

// G9: a poisonous item is rejected again and again: it ends as a case, and the
// others have not waited for it.
func TestG9_PoisonItem(t *testing.T) {
	r := newRig(t)
	poison := r.reversing()
	bad := r.payment(poison).RRN
	r.net.reversing(func(ctx context.Context, x Reversal) (payment.ReversalAnswered, error) {
		if x.Intent.RRN == bad {
			return payment.ReversalAnswered{Word: payment.ReversalRefused, Code: payment.FormatError}, nil
		}
		return r.net.undo(ctx, x)
	})
	var others []*Purchase
	for range 5 {
		others = append(others, r.reversing())
	}
	r.forward()
	for _, p := range others {
		r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	}
	for range DefaultLimits.Rejects - 1 {
		r.wantStatus(poison, payment.Reversing, payment.ByTerminal)
		r.clock.Advance(testForward.Most)
		r.forward()
	}
	r.wantStatus(poison, payment.Case, payment.ReversalRejected)
	r.wantCases(payment.ReversalRejected, 1)
	r.holds()
}

// G10: 96, 91, 06: again later, and never counted as a reject.
func TestG10_TryAgainIsNoReject(t *testing.T) {
	r := newRig(t)
	p := r.reversing()
	for _, code := range []payment.Code{payment.SystemError, payment.Inoperative, "06", payment.SystemError, payment.Inoperative, "06"} {
		r.answersReversals(payment.ReversalUnclear, code)
		r.forward()
		r.clock.Advance(testForward.Most)
	}
	r.wantStatus(p, payment.Reversing, payment.ByTerminal)
	r.net.reversing(r.net.undo)
	r.forward()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

// G11: the link is down for hours: the queue grows and loses nothing, and drains
// when the link is back.
func TestG11_LinkDownForHours(t *testing.T) {
	r := newRig(t)
	var all []*Purchase
	for range 8 {
		all = append(all, r.reversing())
	}
	r.net.down.Store(true)
	for range 10 {
		r.clock.Advance(time.Hour)
		r.forward()
	}
	if n := r.count(`SELECT count(*) FROM saf WHERE tries = 0`); n != len(all) {
		t.Errorf("%d of %d queued and untried", n, len(all))
	}
	r.net.down.Store(false)
	r.forward()
	for _, p := range all {
		r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	}
	r.holds()
}

// G12: the queue is near its limit: new debits are refused, reversals are not.
func TestG12_QueueAtItsLimit(t *testing.T) {
	r := newRig(t)
	approved := r.purchase()
	r.wantCode(r.Purchase(t.Context(), approved), payment.OK)
	r.cfg.Limits.Forward = 4
	r.net.down.Store(true)
	for range 4 {
		r.reversing()
	}
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.Inoperative)
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(approved)), payment.OK)
	r.wantStatus(approved, payment.Reversing, payment.ByTerminal)
	r.net.down.Store(false)
	r.forward()
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
	r.holds()
}

// G13: two workers on two nodes: each item is claimed by one of them.
func TestG13_TwoWorkers(t *testing.T) {
	r := newRig(t)
	other, stop, stopped := r.node("node-2")
	defer func() { stop(); <-stopped }()
	for range 10 {
		r.reversing()
	}
	var both sync.WaitGroup
	both.Go(func() { forwardOnce(t.Context(), r.Switch) })
	both.Go(func() { forwardOnce(t.Context(), other) })
	both.Wait()
	if _, n := r.net.counts(); n != 10 {
		t.Errorf("%d sends for 10 items", n)
	}
	if n := r.count(`SELECT count(*) FROM saf`); n != 0 {
		t.Errorf("%d left", n)
	}
	r.holds()
}

// G14: a second reversal of what is reversed changes nothing.
func TestG14_ReversalOfAReversal(t *testing.T) {
	r := newRig(t)
	p := r.reversing()
	r.forward()
	before := r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(p)), payment.OK)
	r.forward()
	if after := r.payment(p); after.Version != before.Version {
		t.Errorf("version %d became %d", before.Version, after.Version)
	}
	r.holds()
}

// G15: a reversal of another amount is refused by the switch, and a queued one
// of another amount by the database.
func TestG15_OtherAmount(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	wrong := r.reversalOf(p)
	wrong.Amount--
	r.wantCode(r.Reverse(t.Context(), wrong), payment.InvalidAmount)
	there := r.wantStatus(p, payment.Approved, payment.ByNetwork)
	plan, err := payment.Decide(there, payment.ReversalAsked{Says: payment.Content{Amount: there.Amount}, Today: there.BusinessDay})
	r.must(err)
	plan.Amount--
	outcome, err := r.Recorder.Record(t.Context(), r.queueing(plan))
	if err != nil || outcome != recorder.Rejected {
		t.Errorf("outcome %d, %v", outcome, err)
	}
	r.wantStatus(p, payment.Approved, payment.ByNetwork)
	r.holds()
}

// G16: the clock jumps a year ahead and a year back: nothing expires, nothing
// waits for a year.
func TestG16_ClockJumps(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for name, jump := range map[string]time.Duration{"ahead": year, "back": -year} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			p := r.reversing()
			r.answersReversals(payment.ReversalUnclear, payment.SystemError)
			r.forward()
			r.clock.Advance(jump)
			r.net.reversing(r.net.undo)
			r.forward()
			r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
			r.holds()
		})
	}
}

// G17: a burst after an outage is sent at the configured rate.
func TestG17_BurstIsRateLimited(t *testing.T) {
	r := newRig(t)
	for range 12 {
		r.reversing()
	}
	r.cfg.Forward.Rate, r.cfg.Forward.Workers = 0.0001, 3
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Forward(ctx); close(done) }()
	r.eventually(func() bool { _, n := r.net.counts(); return n >= 3 })
	cancel()
	<-done
	if _, n := r.net.counts(); n != 3 {
		t.Errorf("%d sent at once, the burst allows 3", n)
	}
	r.holds()
}

// reversing is an approved payment whose reversal the terminal asked for.
func (r *rig) reversing() *Purchase {
	r.t.Helper()
	p := r.purchase()
	r.wantCode(r.Purchase(r.t.Context(), p), payment.OK)
	r.wantCode(r.Reverse(r.t.Context(), r.reversalOf(p)), payment.OK)
	r.wantStatus(p, payment.Reversing, payment.ByTerminal)
	return p
}

func (r *rig) restart() {
	r.t.Helper()
	r.stop()
	<-r.stopped
	r.Switch, r.stop, r.stopped = r.node("node-1")
}

func (r *rig) answersReversals(w payment.ReversalWord, c payment.Code) {
	r.net.reversing(func(context.Context, Reversal) (payment.ReversalAnswered, error) {
		return payment.ReversalAnswered{Word: w, Code: c}, nil
	})
}

func (n *scriptedNetwork) reversing(f func(context.Context, Reversal) (payment.ReversalAnswered, error)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.reverse = f
}

package switching

import (
	"context"
	"errors"
	"testing"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/pgproxy"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// C: dispatch. D: the response.

var errNoAnswer = fault.New(fault.Unknown, "no answer")

// unanswered debits the card, or not, and the answer never comes.
func (r *rig) unanswered(debits bool) {
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		if debits {
			_, _ = r.net.approve(ctx, d)
		}
		return payment.Answered{}, errNoAnswer
	})
}

// doubtful holds what follows when bytes may have left and no answer came: 68,
// a queued reversal that waits for the in-flight window, and the end of it.
func doubtful(t *testing.T, debits bool, end payment.Reason) {
	t.Helper()
	r := newRig(t)
	r.unanswered(debits)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OutcomeUnknown)
	r.wantStatus(p, payment.Reversing, payment.NoAnswer)
	r.forward()
	if _, n := r.net.counts(); n != 0 {
		t.Errorf("%d reversals before the in-flight window was over", n)
	}
	r.holds()
	r.afterWindow()
	r.afterWindow()
	r.wantStatus(p, payment.Reversed, end)
	r.wantCode(r.Purchase(t.Context(), p), payment.OutcomeUnknown)
	r.holds()
}

func TestC2_HalfAFrameWritten(t *testing.T) { doubtful(t, false, payment.NothingToReverse) }

func TestC3_WholeFrameWrittenThenKilled(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	there := r.intentOnly(p)
	_, _ = r.net.approve(t.Context(), Debit{Intent: there.Intent}) // the bytes arrived
	r.clock.Advance(testTimers.Switch + testTimers.Grace + 1e9)
	r.must(r.SweepOnce(t.Context(), 0))
	r.wantStatus(p, payment.Reversing, payment.Interrupted)
	r.afterWindow()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

func TestC4_PeerDeadWithoutReset(t *testing.T) { doubtful(t, true, payment.ReversalAccepted) }

func TestC6_WriteErrorAfterPartOfTheFrame(t *testing.T) { doubtful(t, false, payment.NothingToReverse) }

// C5: the link is down: certainly not sent, so declined without a reversal.
func TestC5_LinkDownAtDispatch(t *testing.T) {
	r := newRig(t)
	r.net.script(func(context.Context, Debit) (payment.Answered, error) {
		return payment.Answered{}, fault.New(fault.Unavailable, "no link")
	})
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.Inoperative)
	r.wantStatus(p, payment.Declined, payment.NotSent)
	r.afterWindow()
	if _, n := r.net.counts(); n != 0 {
		t.Errorf("%d reversals of what was never sent", n)
	}
	r.holds()
}

// C9: the reversal overtakes its original. The network has nothing at first, and
// the repetition after the window undoes the debit that came meanwhile.
func TestC9_ReversalOvertakesTheOriginal(t *testing.T) {
	r := newRig(t)
	r.unanswered(false)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OutcomeUnknown)
	r.afterWindow()
	there := r.wantStatus(p, payment.Reversing, payment.NotFoundOnce)
	_, _ = r.net.approve(t.Context(), Debit{Intent: there.Intent})
	r.afterWindow()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

func TestD1_NoResponse(t *testing.T) { doubtful(t, true, payment.ReversalAccepted) }

// race applies two events that were both decided on the same state, in the
// given order, and returns the codes they were answered with.
func (r *rig) race(p payment.Payment, first, second payment.Event) (a, b payment.Code) {
	r.t.Helper()
	v, err := r.applier.Apply(r.t.Context(), p, first, r.clock.Now())
	r.must(err)
	w, err := r.applier.Apply(r.t.Context(), p, second, r.clock.Now())
	r.must(err)
	return v.Reply, w.Reply
}

// D2: approval and timer at the same moment: exactly one wins, in both orders,
// and the loser answers what the winner decided.
func TestD2_ApprovalAgainstTimer(t *testing.T) {
	r := newRig(t)
	first, second := r.purchase(), r.purchase()
	for _, c := range []struct {
		p     *Purchase
		timer bool
		want  payment.Code
	}{{first, false, payment.OK}, {second, true, payment.OutcomeUnknown}} {
		there := r.intentOnly(c.p)
		said, _ := r.net.approve(t.Context(), Debit{Intent: there.Intent})
		var one, two payment.Event = said, noAnswer
		if c.timer {
			one, two = two, one
		}
		if a, b := r.race(there, one, two); a != c.want || b != c.want {
			t.Errorf("timer first %v: answered %s and %s, want %s", c.timer, a, b, c.want)
		}
	}
	r.wantStatus(first, payment.Approved, payment.ByNetwork)
	r.wantStatus(second, payment.Reversing, payment.LateApproval)
	r.forward()
	r.wantStatus(second, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

// D3: the approval comes after the timer: evidence, never told, and the reversal
// need not wait any more.
func TestD3_ApprovalAfterTheTimer(t *testing.T) {
	r := newRig(t)
	r.unanswered(true)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OutcomeUnknown)
	there := r.payment(p)
	r.late(there, approvalOf(there))
	r.wantStatus(p, payment.Reversing, payment.LateApproval)
	r.wantCode(r.Purchase(t.Context(), p), payment.OutcomeUnknown)
	r.forward()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

// D4: the approval comes after the reversal was accepted: evidence only. After
// 'nothing to reverse' it opens the reversal again.
func TestD4_ApprovalAfterTheReversal(t *testing.T) {
	r := newRig(t)
	r.unanswered(true)
	p := r.purchase()
	r.Purchase(t.Context(), p)
	r.afterWindow()
	there := r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.late(there, approvalOf(there))
	r.wantStatus(p, payment.Reversed, payment.LateApproval)
	r.holds()

	r.unanswered(false)
	q := r.purchase()
	r.Purchase(t.Context(), q)
	r.afterWindow()
	r.afterWindow()
	there = r.wantStatus(q, payment.Reversed, payment.NothingToReverse)
	_, _ = r.net.approve(t.Context(), Debit{Intent: there.Intent})
	r.late(there, approvalOf(there))
	r.wantStatus(q, payment.Reversing, payment.LateApproval)
	r.forward()
	r.wantStatus(q, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

// D5: a late decline does not take back a queued reversal.
func TestD5_LateDeclineKeepsTheReversal(t *testing.T) {
	r := newRig(t)
	r.unanswered(false)
	p := r.purchase()
	r.Purchase(t.Context(), p)
	r.late(r.payment(p), payment.Answered{Word: payment.SaidDeclined, Code: "51", Amount: p.Amount, Currency: true, Day: p.LocalDate})
	r.wantStatus(p, payment.Reversing, payment.LateDecline)
	r.afterWindow()
	r.afterWindow()
	r.wantStatus(p, payment.Reversed, payment.NothingToReverse)
	r.holds()
}

// D6: a second approval changes nothing.
func TestD6_DuplicateApproval(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	there := r.payment(p)
	r.late(there, approvalOf(there))
	if after := r.payment(p); after.Version != there.Version {
		t.Errorf("version %d became %d", there.Version, after.Version)
	}
	r.holds()
}

// D7: approval, then decline of the same key: the first has won.
func TestD7_ApprovalThenDecline(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	r.late(r.payment(p), payment.Answered{Word: payment.SaidDeclined, Code: "51", Day: p.LocalDate})
	r.wantStatus(p, payment.Approved, payment.ConflictingWord)
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)

	r.net.script(func(_ context.Context, d Debit) (payment.Answered, error) {
		return payment.Answered{Word: payment.SaidDeclined, Code: "51", Day: p.LocalDate}, nil
	})
	q := r.purchase()
	r.wantCode(r.Purchase(t.Context(), q), "51")
	there := r.payment(q)
	said, _ := r.net.approve(t.Context(), Debit{Intent: there.Intent})
	r.late(there, said)
	r.wantStatus(q, payment.Declined, payment.ConflictingWord)
	if n := r.count(`SELECT count(*) FROM payment_case WHERE reason = 'conflicting_word'`); n != 1 {
		t.Errorf("%d cases", n)
	}
	r.holds()
}

// D8: an answer to nothing we know.
func TestD8_AnswerToAnUnknownPayment(t *testing.T) {
	r := newRig(t)
	err := r.LateAnswer(t.Context(), 101, payment.NewRRN(testDay, 99), anApproval, agrees)
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("error %v", err)
	}
}

// scripted answers every debit with one answer, after debiting or not.
func (r *rig) answers(change func(*payment.Answered)) {
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		said, err := r.net.approve(ctx, d)
		change(&said)
		return said, err
	})
}

// D9: the answer matches the key but not the amount or the currency.
func TestD9_AmountOrCurrencyDiffers(t *testing.T) {
	for name, change := range map[string]func(*payment.Answered){
		"amount":   func(a *payment.Answered) { a.Amount-- },
		"currency": func(a *payment.Answered) { a.Currency = false },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.answers(change)
			p := r.purchase()
			r.wantCode(r.Purchase(t.Context(), p), payment.OutcomeUnknown)
			r.wantStatus(p, payment.Reversing, payment.AmountDiffers)
			r.forward()
			if sent := r.net.reversals[0].Amount; sent != p.Amount {
				t.Errorf("reversed %d, not what was asked", sent)
			}
			r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
			r.holds()
		})
	}
}

// D10: an answer that cannot be trusted is no answer.
func TestD10_UntrustedAnswer(t *testing.T) {
	r := newRig(t)
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		_, _ = r.net.approve(ctx, d)
		return payment.Answered{}, errors.Join(ErrUntrusted, errNoAnswer)
	})
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OutcomeUnknown)
	r.wantStatus(p, payment.Reversing, payment.UntrustedAnswer)
	r.afterWindow()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

// D11: a partial approval that was not asked for is reversed for its amount.
func TestD11_PartialApproval(t *testing.T) {
	r := newRig(t)
	r.answers(func(a *payment.Answered) { a.Word, a.Code, a.Amount = payment.SaidPartial, "10", 400_000 })
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.DoNotHonour)
	r.forward()
	if sent := r.net.reversals[0].Amount; sent != 400_000 {
		t.Errorf("reversed %d", sent)
	}
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

// D13: the answer was received and the process killed before its commit.
func TestD13_KilledBeforeTheCommit(t *testing.T) { TestC3_WholeFrameWrittenThenKilled(t) }

// D14: the answer comes to another node than the request went out from.
func TestD14_AnswerOnAnotherNode(t *testing.T) {
	r := newRig(t)
	other, stop, stopped := r.node("node-2")
	defer func() { stop(); <-stopped }()
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		said, _ := r.net.approve(ctx, d)
		if err := other.LateAnswer(ctx, 101, d.Intent.RRN, said, agrees); err != nil {
			t.Error(err)
		}
		return payment.Answered{}, errNoAnswer
	})
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	r.wantStatus(p, payment.Approved, payment.ByNetwork)
	r.holds()
}

// D15: the journal takes the network's day, not the clock's.
func TestD15_AnswerAfterCutOver(t *testing.T) {
	r := newRig(t)
	r.answers(func(a *payment.Answered) { a.Day = a.Day.Add(1) })
	p := r.purchase()
	a := r.Purchase(t.Context(), p)
	r.wantCode(a, payment.OK)
	if a.BusinessDay != p.LocalDate.Add(1) {
		t.Errorf("business day %s", a.BusinessDay)
	}
	if n := r.count(`SELECT count(*) FROM transfer WHERE business_day = $1`, p.LocalDate.Add(1).Time()); n != 2 {
		t.Errorf("%d transfers on the network's day", n)
	}
	if r.Today(1) != p.LocalDate.Add(1) {
		t.Errorf("current day %s", r.Today(1))
	}
	r.holds()
}

func (r *rig) late(p payment.Payment, said payment.Answered) {
	r.t.Helper()
	r.must(r.LateAnswer(r.t.Context(), 101, p.RRN, said, agrees))
}

// agrees is of an answer that differs in nothing from its debit.
func agrees(*payment.Intent) string { return "" }

func approvalOf(p payment.Payment) payment.Answered {
	return payment.Answered{Word: payment.SaidApproved, Code: payment.OK, Approval: "654321", Amount: p.Amount, Currency: true, Day: p.OpenedOn}
}

// D2, in one group: approval and timer are handed over while the lane is busy,
// so that they could be written together. They are not: one wins.
func TestD2_BothInOneGroup(t *testing.T) {
	r, proxy := newRigThrough(t)
	p := r.purchase()
	there := r.intentOnly(p)
	there.Feed = false // the outbox's key would keep the two apart
	said, _ := r.net.approve(t.Context(), Debit{Intent: there.Intent})
	proxy.Set(pgproxy.Hold)
	busy := r.purchase()
	first := make(chan Answer, 1)
	go func() { first <- r.Purchase(t.Context(), busy) }()
	r.eventually(proxy.Fired)
	var entries []*recorder.Entry
	for _, e := range []payment.Event{said, noAnswer} {
		plan, err := payment.Decide(there, e)
		r.must(err)
		entry := r.queueing(plan)
		r.must(r.rec().Submit(entry))
		entries = append(entries, entry)
	}
	close(proxy.Release)
	r.wantCode(<-first, payment.OK)
	one, err := entries[0].Wait(t.Context())
	r.must(err)
	two, err := entries[1].Wait(t.Context())
	r.must(err)
	if one != recorder.Written || two != recorder.Lost {
		t.Errorf("outcomes %d and %d", one, two)
	}
	r.wantStatus(p, payment.Approved, payment.ByNetwork)
	r.holds()
}

package switching

import (
	"context"
	"testing"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment"
)

// otherwise is of an answer that is not about the debit of the payment it names.
func otherwise(*payment.Intent) string { return "F11 F41" }

// stray gives the payment an answer that is not its own, and holds that it is refused and
// told to operators.
func (r *rig) stray(p payment.Payment, said payment.Answered) {
	r.t.Helper()
	before := r.seen.alarmed(payment.AnswerMismatch)
	if err := r.LateAnswer(r.t.Context(), 101, p.RRN, said, otherwise); !fault.Is(err, fault.Conflict) {
		r.t.Errorf("error %v", err)
	}
	if n := r.seen.alarmed(payment.AnswerMismatch); n != before+1 {
		r.t.Errorf("%d alarms, were %d", n, before)
	}
}

// evidenceOf counts the records of an answer that was not the payment's own.
func (r *rig) evidenceOf(p *Purchase) int {
	return r.count(`SELECT count(*) FROM event WHERE payment = $1 AND reason = 'answer_mismatch'`, r.key(101, p.Identity).ID)
}

// D16: an answer that names the payment by F37 and is not its own decides nothing, before
// the payment's own answer and after it, whatever the two say. It is kept beside the
// outcome, once.
func TestD16_AnswerOfAnotherKey(t *testing.T) {
	decline := payment.Answered{Word: payment.SaidDeclined, Code: "51", Day: testDay}
	for name, c := range map[string]struct {
		lie    payment.Answered
		truth  func(payment.Payment) payment.Answered
		status payment.Status
		told   payment.Code
	}{
		"a wrong 51, then the right 00": {decline, approvalOf, payment.Approved, payment.OK},
		"a wrong 00, then the right 51": {anApproval, func(payment.Payment) payment.Answered { return decline }, payment.Declined, "51"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
				p := payment.Payment{Intent: d.Intent}
				r.stray(p, c.lie)
				said := c.truth(p)
				if said.Word == payment.SaidApproved {
					return r.net.approve(ctx, d)
				}
				return said, nil
			})
			p := r.purchase()
			r.wantCode(r.Purchase(t.Context(), p), c.told)
			r.eventually(func() bool { return r.evidenceOf(p) == 1 })
			there := r.payment(p)
			if there.Status != c.status || there.Reason != payment.ByNetwork || there.Answer() != c.told || !there.Misnamed {
				t.Errorf("%s (%s), a repeat gets %s", there.Status, there.Reason, there.Answer())
			}
			r.stray(there, approvalOf(there))
			r.stray(there, decline)
			if after := r.payment(p); after.Version != there.Version {
				t.Errorf("version %d became %d", there.Version, after.Version)
			}
			r.holds()
		})
	}
}

// D16: where nothing else comes the payment is as unanswered as if nothing had come.
func TestD16_OnlyAnAnswerOfAnotherKey(t *testing.T) {
	r := newRig(t)
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		_, _ = r.net.approve(ctx, d)
		r.stray(payment.Payment{Intent: d.Intent}, payment.Answered{Word: payment.SaidDeclined, Code: "51", Day: testDay})
		return payment.Answered{}, errNoAnswer
	})
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OutcomeUnknown)
	r.wantStatus(p, payment.Reversing, payment.NoAnswer)
	r.afterWindow()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.eventually(func() bool { return r.evidenceOf(p) == 1 })
	r.holds()
}

// D16: what was never sent has no answers.
func TestD16_AnswerToATombstone(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(p)), payment.OK)
	there := r.payment(p)
	if err := r.LateAnswer(t.Context(), 101, there.RRN, anApproval, agrees); !fault.Is(err, fault.Conflict) {
		t.Errorf("error %v", err)
	}
	if after := r.payment(p); !after.Tombstone() || after.Version != there.Version || r.seen.alarmed(payment.AnswerMismatch) != 1 {
		t.Errorf("it is %s (%s), version %d", after.Status, after.Reason, after.Version)
	}
	r.holds()
}

// D17: an answer that had the key of the request and named another payment is told to the
// one that was asked about.
func TestD17_ContradictingAnswer(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	there := r.payment(p)
	if err := r.Contradicted(t.Context(), 101, there.RRN, "F37"); !fault.Is(err, fault.Conflict) {
		t.Errorf("error %v", err)
	}
	if err := r.Contradicted(t.Context(), 101, there.RRN+1, "F37"); !fault.Is(err, fault.NotFound) {
		t.Errorf("error %v", err)
	}
	if r.evidenceOf(p) != 1 || r.payment(p).Status != payment.Approved || r.seen.alarmed(payment.AnswerMismatch) != 1 {
		t.Errorf("%d records, %d alarms", r.evidenceOf(p), r.seen.alarmed(payment.AnswerMismatch))
	}
	r.holds()
}

// D18: an answer to our reversal with another key than the one that is queued ends
// nothing; the right one does.
func TestD18_AnswerToAReversalOfAnotherKey(t *testing.T) {
	r := newRig(t)
	r.unanswered(true)
	p := r.purchase()
	r.Purchase(t.Context(), p)
	there := r.wantStatus(p, payment.Reversing, payment.NoAnswer)
	var stan int
	var sent time.Time
	same := func(_ *payment.Intent, n int, at time.Time) string { stan, sent = n, at; return "" }
	r.must(r.LateReversalAnswer(t.Context(), 101, there.RRN, same))
	if stan < 1 || stan == there.RRN.STAN() || sent.Before(there.OpenedAt.Truncate(time.Second)) {
		t.Errorf("held against STAN %d at %s", stan, sent)
	}
	other := func(*payment.Intent, int, time.Time) string { return "F7" }
	if err := r.LateReversalAnswer(t.Context(), 101, there.RRN, other); !fault.Is(err, fault.Conflict) {
		t.Errorf("error %v", err)
	}
	if after := r.wantStatus(p, payment.Reversing, payment.NoAnswer); !after.Misnamed || r.seen.alarmed(payment.AnswerMismatch) != 1 {
		t.Errorf("it is not kept: %+v", after)
	}
	r.afterWindow()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	if err := r.LateReversalAnswer(t.Context(), 101, there.RRN, other); !fault.Is(err, fault.NotFound) {
		t.Errorf("after its end: %v", err)
	}
	r.holds()
}

// D19: a reversal that the network asks for by itself opens a case in every status, once,
// and what has no outcome yet is not approved any more.
func TestD19_ReversalByTheNetwork(t *testing.T) {
	r := newRig(t)
	undo := func(p payment.Payment, advice bool) payment.Code {
		return r.NetworkReversal(t.Context(), 101, p.RRN, advice, agrees).Code
	}
	approved, declined, open := r.purchase(), r.purchase(), r.purchase()
	r.wantCode(r.Purchase(t.Context(), approved), payment.OK)
	r.net.script(func(context.Context, Debit) (payment.Answered, error) {
		return payment.Answered{Word: payment.SaidDeclined, Code: "51", Day: testDay}, nil
	})
	r.wantCode(r.Purchase(t.Context(), declined), "51")
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		if code := undo(payment.Payment{Intent: d.Intent}, true); code != payment.OK {
			t.Errorf("in flight: %s", code)
		}
		return r.net.approve(ctx, d)
	})
	r.wantCode(r.Purchase(t.Context(), open), payment.OutcomeUnknown)
	r.wantStatus(open, payment.Reversing, payment.LateApproval)

	for _, p := range []*Purchase{approved, declined, open} {
		before := r.payment(p)
		for range 2 {
			if code := undo(before, true); code != payment.OK {
				t.Errorf("%s: %s", before.Status, code)
			}
		}
		if code := undo(before, false); code != payment.InvalidRequest {
			t.Errorf("a request in %s: %s", before.Status, code)
		}
		if after := r.payment(p); after.Status != before.Status || !after.Undone {
			t.Errorf("%s became %s", before.Status, after.Status)
		}
		if n := r.count(`SELECT count(*) FROM payment_case WHERE payment = $1 AND reason = 'network_reversal'`, before.ID); n != 1 {
			t.Errorf("%s: %d cases", before.Status, n)
		}
	}
	r.forward()
	r.wantStatus(open, payment.Reversed, payment.ReversalAccepted)
	if n := r.seen.alarmed(payment.NetworkReversal); n != 3 {
		t.Errorf("%d alarms", n)
	}
	r.wantCode(r.Purchase(t.Context(), approved), payment.OK)
	r.holds()
}

// D19: a reversal of what is no payment of ours, or of what was never sent, is answered
// 25, and operators are told.
func TestD19_ReversalOfNoPaymentOfOurs(t *testing.T) {
	r := newRig(t)
	p, gone := r.purchase(), r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(gone)), payment.OK)
	there, tombstone := r.payment(p), r.payment(gone)
	for name, code := range map[string]payment.Code{
		"unknown":                     r.NetworkReversal(t.Context(), 101, payment.NewRRN(testDay, 99_999_999), true, agrees).Code,
		"of another agency":           r.NetworkReversal(t.Context(), 106, there.RRN, true, agrees).Code,
		"with another terminal":       r.NetworkReversal(t.Context(), 101, there.RRN, true, otherwise).Code,
		"of what was never sent":      r.NetworkReversal(t.Context(), 101, tombstone.RRN, true, agrees).Code,
		"of nothing that can be read": r.ForeignReversal().Code,
	} {
		if code != payment.NoOriginal {
			t.Errorf("%s: %s", name, code)
		}
	}
	if n := r.seen.alarmed(payment.ForeignReversal); n != 5 {
		t.Errorf("%d alarms", n)
	}
	if n := r.count(`SELECT count(*) FROM payment_case`); n != 0 || r.payment(p).Version != there.Version {
		t.Errorf("%d cases", n)
	}
	r.holds()
}

// D19: while the database is away the network is asked to send it again.
func TestD19_WithoutADatabase(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if code := r.NetworkReversal(ctx, 101, 1, true, agrees).Code; code != payment.SystemError {
		t.Errorf("answered %s", code)
	}
}

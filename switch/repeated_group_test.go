package switching

import (
	"context"
	"testing"
	"time"

	"treasury-switch/internal/pgproxy"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// What a group writes twice if its COMMIT was done and its confirmation lost, unless the repetition knows it.

// G9: a hard reject whose record's confirmation is lost counts once.
func TestG9_ARejectCountsOnce(t *testing.T) {
	r, proxy := newRigThrough(t)
	p := r.reversing()
	r.net.reversing(func(context.Context, Reversal) (payment.ReversalAnswered, error) {
		proxy.Set(pgproxy.LoseReceipt)
		return payment.ReversalAnswered{Word: payment.ReversalRefused, Code: payment.FormatError}, nil
	})
	r.forward()
	if !proxy.Fired() {
		t.Fatal("no confirmation was lost")
	}
	if q := r.queuedReversal(p); q.Rejects != 1 || q.Tries != 1 {
		t.Errorf("%d rejects after %d tries, want one", q.Rejects, q.Tries)
	}
	r.wantStatus(p, payment.Reversing, payment.ByTerminal)
}

func (r *rig) queuedReversal(p *Purchase) Queued {
	r.t.Helper()
	q, err := QueuedReversal(r.t.Context(), r.db, r.key(101, p.Identity))
	if r.must(err); q == nil {
		r.t.Fatal("no reversal is queued")
	}
	return *q
}

// G13: the outcome of a try is not recorded over the next one: who has claimed the item meanwhile keeps it.
func TestG13_ALateOutcomeLeavesTheNextTryAlone(t *testing.T) {
	for what, task := range map[string]payment.Task{"unclear": payment.BackOff, "rejected": payment.BackOffHard} {
		t.Run(what, func(t *testing.T) {
			r := newRig(t)
			l := r.own()
			p := r.seedReversing(l)
			claim := func() DueReversal {
				now := r.clock.now()
				it, found, err := r.Store.claim(t.Context(), 101, now, now.Add(time.Hour), now.Add(-time.Second)) // Its claim is over at once.
				if r.must(err); !found {
					t.Fatal("nothing to claim")
				}
				return it
			}
			first := claim()
			claim()
			late := NewEntry(payment.Plan{Payment: p, Task: task, Tries: first.Tries}, r.clock.now())
			late.NextAt = late.At.Add(time.Hour)
			l.record(t.Context(), r.groupOf(l, late))
			if o, err := late.Wait(t.Context()); o != Written || err != nil {
				t.Errorf("outcome %d, %v", o, err)
			}
			if n := r.count(`SELECT count(*) FROM saf WHERE claimed_until IS NOT NULL AND rejects = 0 AND tries = 2`); n != 1 {
				t.Error("the claim of another worker was taken from it, or his item counted")
			}
		})
	}
}

// seedReversing records a payment that is being reversed, on a lane that the test has in its hands.
func (r *rig) seedReversing(l *lane) payment.Payment {
	r.t.Helper()
	p := r.intentEntry(l).Plan.Payment
	plan, err := payment.Decide(p, noAnswer)
	r.must(err)
	e := r.queueing(plan)
	e.NextAt = e.At.Add(-time.Second)
	l.record(r.t.Context(), r.groupOf(l, e))
	if o, err := e.Wait(r.t.Context()); o != Written || err != nil {
		r.t.Fatalf("outcome %d, %v", o, err)
	}
	return plan.Payment
}

// Whatever a plan writes is known again by its record, or written so that a repetition changes nothing: no plan may do anything else.
func TestAPlanWithoutARecordDoesNothingTwice(t *testing.T) {
	p := payment.Payment{Intent: &payment.Intent{}}
	for what, c := range map[string]struct {
		plan payment.Plan
		good bool
	}{
		"again later":                     {payment.Plan{Payment: p, Task: payment.BackOff, Tries: 1}, true},
		"again later, counted":            {payment.Plan{Payment: p, Task: payment.BackOffHard, Tries: 1}, true},
		"again, of no known try":          {payment.Plan{Payment: p, Task: payment.BackOff}, false},
		"counted, of no known try":        {payment.Plan{Payment: p, Task: payment.BackOffHard}, false},
		"a queued reversal":               {payment.Plan{Payment: p, Task: payment.QueueNow, Amount: 1}, false},
		"dequeued":                        {payment.Plan{Payment: p, Task: payment.Dequeue}, false},
		"a case":                          {payment.Plan{Payment: p, Task: payment.BackOff, Tries: 1, Case: payment.PostingFailed}, false},
		"money":                           {payment.Plan{Payment: p, Journal: &ledger.Journal{}}, false},
		"an intent":                       {payment.Plan{Payment: p, New: true}, true},
		"an intent and a queued reversal": {payment.Plan{Payment: p, New: true, Task: payment.QueueNow, Amount: 1}, false},
	} {
		if err := c.plan.Check(); (err == nil) != c.good {
			t.Errorf("%s: %v", what, err)
		}
	}
}

package recorder

import (
	"testing"
	"time"

	"treasury-switch/switch/payment"
)

// G13: the outcome of a try is not recorded over the next one: who has claimed the item meanwhile keeps it.
func TestG13_ALateOutcomeLeavesTheNextTryAlone(t *testing.T) {
	for what, task := range map[string]payment.Task{"unclear": payment.BackOff, "rejected": payment.BackOffHard} {
		t.Run(what, func(t *testing.T) {
			r := newRig(t)
			l := r.own()
			queued := r.silence(r.writes(l, r.intent()))
			queued.NextAt = queued.At.Add(-time.Second)
			p := r.writes(l, queued)
			claim := func() DueReversal {
				now := r.clock.Now()
				it, found, err := ClaimReversal(t.Context(), r.db, 101, now, now.Add(time.Hour), now.Add(-time.Second)) // Its claim is over at once.
				if r.must(err); !found {
					t.Fatal("nothing to claim")
				}
				return it
			}
			first := claim()
			claim()
			late := NewEntry(payment.Plan{Payment: p, Task: task, Tries: first.Tries}, r.clock.Now())
			late.NextAt = late.At.Add(time.Hour)
			l.record(t.Context(), groupOf(l, late))
			if o, err := late.Wait(t.Context()); o != Written || err != nil {
				t.Errorf("outcome %d, %v", o, err)
			}
			if n := r.count(`SELECT count(*) FROM saf WHERE claimed_until IS NOT NULL AND rejects = 0 AND tries = 2`); n != 1 {
				t.Error("the claim of another worker was taken from it, or his item counted")
			}
		})
	}
}

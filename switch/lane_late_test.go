package switching

import (
	"testing"
	"time"
)

// What would wait too long is turned away before anything is done for it, and what happened to money is written first.
func TestOverloadTurnsNewPaymentsAway(t *testing.T) {
	r, proxy := newRigThrough(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), OK)
	proxy.set(holdCommit)
	held := r.intentOf(r.purchase())
	r.must(r.Recorder.Submit(held))
	r.eventually(func() bool { return r.Recorder.of(101).writing() > 0 })
	r.clock.advance(DefaultPatience / 2)
	if r.Recorder.Late(101) {
		t.Error("half of the patience is too long already")
	}
	r.clock.advance(DefaultPatience)
	began := time.Now()
	r.wantCode(r.Purchase(t.Context(), r.purchase()), Inoperative)
	if took := time.Since(began); took > testTimers.SendBefore/2 {
		t.Errorf("a payment that could not be recorded in time was refused after %v", took)
	}
	r.wantCode(r.Purchase(t.Context(), p), OK) // A repeat is no new payment.
	close(proxy.release)
	if o, err := held.Wait(t.Context()); o != Written || err != nil {
		t.Errorf("the held payment: %d, %v", o, err)
	}
	r.eventually(func() bool { return !r.Recorder.Late(101) })
	r.wantCode(r.Purchase(t.Context(), r.purchase()), OK)
	r.holds()
}

// A lane that leaves new payments behind knows how long they have waited, and takes everything else before them.
func TestALaneTakesWhatIsHalfDoneFirst(t *testing.T) {
	now := time.Now()
	l := &lane{
		intents: make(chan *Entry, 3*groupLimit), others: make(chan *Entry, groupLimit), born: now, now: func() time.Time { return now },
	}
	add := func(n int, fresh bool) {
		for i := range n {
			e := &Entry{queuedAt: now.Add(-time.Second)}
			e.Plan.New, e.Plan.Payment.Intent = fresh, &Intent{Key: Key{Agency: 1, ID: [16]byte{byte(i), byte(i >> 8), byte(n)}}}
			if fresh {
				l.intents <- e
			} else {
				l.others <- e
			}
		}
	}
	add(groupLimit+100, true)
	add(200, false)
	g := l.collect(nil)
	others := 0
	for _, e := range g.entries {
		if !e.Plan.New {
			others++
		}
	}
	if len(g.entries) != groupLimit || others != 200 {
		t.Errorf("a group of %d with %d that are half done, want %d with 200", len(g.entries), others, groupLimit)
	}
	l.busy.Store(1)
	if w := l.wait(); w < time.Second {
		t.Errorf("those who were left behind have waited %v, want a second at least", w)
	}
	if l.collect(nil); l.behind.Load() != 0 {
		t.Error("nobody is left behind")
	}
}

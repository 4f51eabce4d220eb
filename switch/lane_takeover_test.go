package switching

import (
	"context"
	"testing"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/pgproxy"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/payment/paymenttest"
	"treasury-switch/switch/recorder"
)

// What a group of a lane ends in that was taken over in the middle of it.

// C8, H8, H9: a node whose lanes were taken over writes nothing on them any more, and
// goes on with others.
func TestC8_OldNodeAfterTakeover(t *testing.T) {
	r := newRig(t)
	r.usurp()
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
	if n := r.count(`SELECT count(*) FROM balance JOIN lane ON lane.id = balance.lane WHERE lane.owner = 'usurper'`); n != 0 {
		t.Errorf("%d balances of lanes that were taken away", n)
	}
	r.onlyDebit()
	r.holds()
}

// killed ends the node as a crash does: none of its lanes is given back.
func (r *rig) killed() {
	r.t.Helper()
	r.stop()
	<-r.stopped
	r.exec(`UPDATE lane SET incarnation = '00000000-0000-0000-0000-0000000000aa' WHERE id > 0`)
}

// usurp takes all lanes away, as a node does that thinks theirs has ended.
func (r *rig) usurp() {
	r.t.Helper()
	r.exec(`UPDATE lane SET epoch = epoch + 1, owner = 'usurper', incarnation = '00000000-0000-0000-0000-0000000000aa' WHERE id > 0`)
}

// takenOver breaks the next COMMIT by a rule that makes the database unreachable, takes the lanes away meanwhile, and lets it come back.
func (r *rig) takenOver(proxy *pgproxy.Proxy, rule pgproxy.Rule) (back chan struct{}) {
	proxy.Set(rule)
	back = make(chan struct{})
	go func() {
		defer close(back)
		r.eventually(proxy.Fired)
		r.eventually(func() bool { return !r.rec().Ready() })
		r.usurp()
		proxy.SetDown(false)
	}()
	return back
}

// B10: the confirmation of the intent's COMMIT is lost, and the lane is taken over before the node is back. The next lane reads the group back:
// one intent, one debit, and the terminal is told.
func TestB10_TakenOverInDoubt(t *testing.T) {
	r, proxy := newRigThrough(t)
	back := r.takenOver(proxy, pgproxy.LoseReceiptAndDown)
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
	<-back
	r.onlyDebit()
	r.holds()
}

// E10: the same for the posting, whether its COMMIT was done or never came.
func TestE10_TakenOverAtThePosting(t *testing.T) {
	for what, rule := range map[string]pgproxy.Rule{"it was posted": pgproxy.LoseReceiptAndDown, "it was not": pgproxy.CutAndDown} {
		t.Run(what, func(t *testing.T) {
			r, proxy := newRigThrough(t)
			var back chan struct{}
			r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
				back = r.takenOver(proxy, rule)
				return r.net.approve(ctx, d)
			})
			p := r.purchase()
			r.wantCode(r.Purchase(t.Context(), p), payment.OK)
			<-back
			r.wantStatus(p, payment.Approved, payment.ByNetwork)
			if n := r.balanceOf(paymenttest.Share1); n != 700_000 {
				t.Errorf("posted %d", n)
			}
			r.holds()
		})
	}
}

// E11: the epoch is ahead of what a lane knows, by the raise after a lost COMMIT whose own confirmation was lost. It is its lane all the same.
func TestE11_TheRaiseAfterALostCommit(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		proxy.LoseAnswer("SET epoch = epoch + 1 WHERE id = $1 AND incarnation")
		proxy.Set(pgproxy.LoseReceipt)
		return r.net.approve(ctx, d)
	})
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	if !proxy.Fired() || !proxy.LostAnswer() {
		t.Fatal("nothing was lost")
	}
	if n := r.count(`SELECT count(*) FROM lane WHERE id > 0`); n != 2 {
		t.Errorf("%d lanes, want the two that there were", n)
	}
	r.holds()
}

// C8: two processes that were given one name are told apart: the second takes the lanes, the first goes on with others, and neither takes
// them back by turns. A restart takes its lanes back at once.
func TestC8_TwoProcessesOfOneName(t *testing.T) {
	r := newRig(t)
	second, stop, stopped := r.node("node-1")
	for range 5 {
		for _, s := range []*Switch{r.Switch, second} {
			r.wantCode(s.Purchase(t.Context(), r.purchase()), payment.OK)
		}
	}
	epochs := r.count(`SELECT sum(epoch)::int FROM lane`)
	for range 5 {
		for _, s := range []*Switch{r.Switch, second} {
			r.wantCode(s.Purchase(t.Context(), r.purchase()), payment.OK)
		}
	}
	if n := r.count(`SELECT sum(epoch)::int FROM lane`); n != epochs {
		t.Errorf("lanes changed hands %d times between two processes that both live", n-epochs)
	}
	stop()
	<-stopped
	r.killed()
	lanes := r.count(`SELECT count(*) FROM lane`)
	r.Switch, r.stop, r.stopped = r.node("node-1")
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
	if n := r.count(`SELECT count(*) FROM lane`); n != lanes {
		t.Errorf("%d lanes after a restart under the same name, want %d", n, lanes)
	}
	r.holds()
}

// Whoever waits for an outcome may give up; the outcome keeps its place. New payments and what its caller calls droppable are left out.
func TestOutcomesAreNeverAbandoned(t *testing.T) {
	r, proxy := newRigThrough(t)
	there := map[string]payment.Payment{}
	for _, name := range []string{"outcome", "droppable"} {
		there[name] = r.intentOnly(r.purchase())
	}
	entries := map[string]*recorder.Entry{"new": r.intentOf(r.purchase())}
	for name, p := range there {
		plan, err := payment.Decide(p, noAnswer)
		r.must(err)
		entries[name] = r.queueing(plan)
		entries[name].Droppable = name == "droppable"
	}
	proxy.Set(pgproxy.Hold)
	r.must(r.rec().Submit(r.intentOf(r.purchase())))
	r.eventually(func() bool { return proxy.Fired() })
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	want := map[string]fault.Kind{"outcome": fault.Unknown, "droppable": fault.Unavailable, "new": fault.Unavailable}
	for name, e := range entries {
		r.must(r.rec().Submit(e))
		if _, err := e.Wait(ended); !fault.Is(err, want[name]) {
			t.Errorf("%s: %v, want %s", name, err, want[name])
		}
	}
	close(proxy.Release)
	limited, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	if o, err := entries["outcome"].Wait(limited); o != recorder.Written || err != nil {
		t.Errorf("the outcome: %d, %v", o, err)
	}
	if n := r.count(`SELECT count(*) FROM event`); n != 1 {
		t.Errorf("%d records, want that of the outcome", n)
	}
}

// A node that stops writes what is queued before it gives its lanes back, and refuses what comes later.
func TestAStopWritesWhatIsQueued(t *testing.T) {
	r, proxy := newRigThrough(t)
	for range 6 { // By chance a lane may take what is queued before it notices the stop.
		r.stopsWithSomethingQueued(proxy)
		r.Switch, r.stop, r.stopped = r.node("node-1")
	}
}

func (r *rig) stopsWithSomethingQueued(proxy *pgproxy.Proxy) {
	t := r.t
	t.Helper()
	plan, err := payment.Decide(r.intentOnly(r.purchase()), noAnswer)
	r.must(err)
	e := r.queueing(plan)
	proxy.Set(pgproxy.Hold)
	r.must(r.rec().Submit(r.intentOf(r.purchase())))
	r.eventually(proxy.Fired)
	r.must(r.rec().Submit(e))
	r.stop()
	proxy.Release <- struct{}{}
	<-r.stopped
	if o, err := e.Wait(t.Context()); o != recorder.Written || err != nil {
		t.Errorf("the queued outcome: %d, %v", o, err)
	}
	if n := r.count(`SELECT count(*) FROM lane WHERE incarnation IS NOT NULL`); n != 0 {
		t.Errorf("%d lanes were not given back", n)
	}
	if _, err := r.Recorder.Record(t.Context(), recorder.NewEntry(plan, r.clock.Now())); !fault.Is(err, fault.Unavailable) {
		t.Errorf("after the stop: %v", err)
	}
}

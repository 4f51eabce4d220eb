package switching

import (
	"context"
	"testing"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/pgproxy"
	"treasury-switch/switch/payment"
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

// C8: a node that was paused until a payment could not be sent any more leaves it out.
func TestC8_PausedBeyondSendBefore(t *testing.T) {
	r := newRig(t)
	l := r.own()
	l.record(t.Context(), r.groupOf(l, r.intentOf(r.purchase())))
	e := r.intentOf(r.purchase())
	g := r.groupOf(l, e)
	r.usurp()
	r.clock.advance(testTimers.SendBefore + time.Second)
	l.record(t.Context(), g)
	if _, err := e.Wait(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a payment that is too late: %v, want unavailable", err)
	}
	if n := r.count(`SELECT count(*) FROM payment`); n != 1 {
		t.Errorf("%d intents, want 1", n)
	}
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
			if n := r.balanceOf(share1); n != 700_000 {
				t.Errorf("posted %d", n)
			}
			r.holds()
		})
	}
}

// E10: somebody else decided while the lane was taken over and the posting had not come to be: he has won, and the terminal is told so.
func TestE10_DecidedByAnotherNodeMeanwhile(t *testing.T) {
	r := newRig(t)
	l := r.own()
	there := r.intentEntry(l)
	plan, err := payment.Decide(there.Plan.Payment, approvalOf(there.Plan.Payment))
	r.must(err)
	e := NewEntry(plan, r.clock.now())
	g := r.groupOf(l, e)
	r.usurp()
	other, stop, stopped := r.node("node-2")
	defer func() { stop(); <-stopped }()
	r.must(other.interrupted(t.Context(), there.Plan.Payment))
	l.record(t.Context(), g)
	if o, err := e.Wait(t.Context()); o != Lost || err != nil {
		t.Errorf("outcome %d, %v, want lost", o, err)
	}
}

// intentEntry records an intent on a lane that the test has in its hands.
func (r *rig) intentEntry(l *lane) *Entry {
	r.t.Helper()
	e := r.intentOf(r.purchase())
	l.record(r.t.Context(), r.groupOf(l, e))
	if o, err := e.Wait(r.t.Context()); o != Written || err != nil {
		r.t.Fatalf("outcome %d, %v", o, err)
	}
	return e
}

// E11: the epoch is ahead of what a lane knows, by a raise of its own whose confirmation was lost. It is its lane all the same.
func TestE11_FencedOffByItself(t *testing.T) {
	t.Run("an earlier raise", func(t *testing.T) {
		r := newRig(t)
		l := r.own()
		r.intentEntry(l)
		id := l.id
		r.exec(`UPDATE lane SET epoch = epoch + 1 WHERE id = $1`, id)
		r.intentEntry(l)
		if l.id != id {
			t.Errorf("the node left its lane %d for %d", id, l.id)
		}
	})
	t.Run("the raise after a lost COMMIT", func(t *testing.T) {
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
	})
}

// C8: two processes that were given one name are told apart: the second takes the lanes, the first goes on with others, and neither takes
// them back by turns. A restart takes its lanes back at once.
func TestC8_TwoProcessesOfOneName(t *testing.T) {
	r := newRig(t)
	twin, stop, stopped := r.node("node-1")
	for range 5 {
		for _, s := range []*Switch{r.Switch, twin} {
			r.wantCode(s.Purchase(t.Context(), r.purchase()), payment.OK)
		}
	}
	epochs := r.count(`SELECT sum(epoch)::int FROM lane`)
	for range 5 {
		for _, s := range []*Switch{r.Switch, twin} {
			r.wantCode(s.Purchase(t.Context(), r.purchase()), payment.OK)
		}
	}
	if n := r.count(`SELECT sum(epoch)::int FROM lane`); n != epochs {
		t.Errorf("lanes changed hands %d times between two processes that both live", n-epochs)
	}
	stop()
	<-stopped
	r.stop()
	<-r.stopped
	r.exec(`UPDATE lane SET incarnation = '00000000-0000-0000-0000-0000000000aa' WHERE id > 0`) // As killed: nothing is given back.
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
	entries := map[string]*Entry{"new": r.intentOf(r.purchase())}
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
	if o, err := entries["outcome"].Wait(limited); o != Written || err != nil {
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
	if o, err := e.Wait(t.Context()); o != Written || err != nil {
		t.Errorf("the queued outcome: %d, %v", o, err)
	}
	if n := r.count(`SELECT count(*) FROM lane WHERE incarnation IS NOT NULL`); n != 0 {
		t.Errorf("%d lanes were not given back", n)
	}
	if _, err := r.Recorder.Record(t.Context(), NewEntry(plan, r.clock.now())); !fault.Is(err, fault.Unavailable) {
		t.Errorf("after the stop: %v", err)
	}
}

// The stop has a bound: what a database that is away does not take is given up then.
func TestAStopHasABound(t *testing.T) {
	r, proxy := newRigThrough(t)
	p := r.intentOnly(r.purchase())
	plan, err := payment.Decide(p, noAnswer)
	r.must(err)
	r.endSoon()
	proxy.SetDown(true)
	e := r.queueing(plan)
	r.must(r.rec().Submit(e))
	r.stop()
	<-r.stopped
	if _, err := e.Wait(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("what could not be written: %v", err)
	}
}

// endSoon has a stop of the node give up early what the database does not take.
func (r *rig) endSoon() {
	for _, l := range r.rec().lanes {
		l.drainFor = 200 * time.Millisecond
	}
}

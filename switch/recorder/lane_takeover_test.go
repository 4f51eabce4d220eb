package recorder

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

// E11: the epoch is ahead of what a lane knows, by an earlier raise of its own. It is its lane all the same.
func TestE11_FencedOffByItself(t *testing.T) {
	r := newRig(t)
	l := r.own()
	r.intentEntry(l)
	id := l.id
	r.exec(`UPDATE lane SET epoch = epoch + 1 WHERE id = $1`, id)
	r.intentEntry(l)
	if l.id != id {
		t.Errorf("the node left its lane %d for %d", id, l.id)
	}
}

package recorder

import (
	"testing"
	"time"

	"treasury-switch/internal/fault"
)

// C8: a node that was paused until a payment could not be sent any more leaves it out.
func TestC8_PausedBeyondSendBefore(t *testing.T) {
	r := newRig(t)
	l := r.own()
	l.record(t.Context(), groupOf(l, r.intent()))
	e := r.intent()
	g := groupOf(l, e)
	r.usurp()
	r.clock.Advance(4 * time.Second)
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
	p := r.writes(l, r.intent())
	e := NewEntry(decided(p, approvalOf(p)), r.clock.Now())
	g := groupOf(l, e)
	r.usurp()
	other, stop, stopped := r.node("node-2")
	defer func() { stop(); <-stopped }()
	if o, err := other.Record(t.Context(), r.silence(p)); o != Written || err != nil {
		t.Fatal(o, err)
	}
	l.record(t.Context(), g)
	if o, err := e.Wait(t.Context()); o != Lost || err != nil {
		t.Errorf("outcome %d, %v, want lost", o, err)
	}
}

// The stop has a bound: what a database that is away does not take is given up then.
func TestAStopHasABound(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.drain = 200 * time.Millisecond
	r.restart()
	e := r.silence(r.recorded())
	proxy.SetDown(true)
	r.must(r.Submit(e))
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
	r.writes(l, r.intent())
	id := l.id
	r.exec(`UPDATE lane SET epoch = epoch + 1 WHERE id = $1`, id)
	r.writes(l, r.intent())
	if l.id != id {
		t.Errorf("the node left its lane %d for %d", id, l.id)
	}
}

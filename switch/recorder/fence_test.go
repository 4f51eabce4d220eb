package recorder

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/pgproxy"
)

// The usual group is one turn: its rows are there, and its fence has written the lane's row once.
func TestTheUsualGroupIsOneTurn(t *testing.T) {
	r := newRig(t)
	l := r.own()
	l.record(t.Context(), groupOf(l, r.intent())) // The lane meets its row's count of closings.
	beats := r.count(`SELECT beat::int FROM lane WHERE id = $1`, l.id)
	e := r.intent()
	g := groupOf(l, e)
	r.must(l.attempt(t.Context(), g))
	if o, err := e.Wait(t.Context()); o != Written || err != nil || g.doubtful || g.lookFirst {
		t.Errorf("outcome %d, %v, doubtful %v, look first %v", o, err, g.doubtful, g.lookFirst)
	}
	if n := r.count(`SELECT beat::int FROM lane WHERE id = $1`, l.id); n != beats+1 {
		t.Errorf("%d fences, want one", n-beats)
	}
}

// A fence that finds a closing, or another owner, ends the group before COMMIT: the next try asks, and tells the two apart.
func TestAFenceEndsTheGroupBeforeCommit(t *testing.T) {
	for what, c := range map[string]struct {
		change string
		after  remedy
	}{
		"a closing":  {`UPDATE lane SET closings = closings + 1 WHERE id = $1`, repeatable},
		"a takeover": {`UPDATE lane SET epoch = epoch + 1 WHERE id = $1`, fencedOff},
	} {
		t.Run(what, func(t *testing.T) {
			r := newRig(t)
			l := r.own()
			l.record(t.Context(), groupOf(l, r.intent()))
			there := r.count(`SELECT count(*) FROM payment`)
			_, err := r.db.Exec(t.Context(), c.change, l.id)
			r.must(err)
			g := groupOf(l, r.intent())
			if err := l.attempt(t.Context(), g); classify(err) != repeatable || g.doubtful {
				t.Errorf("first: %v, doubtful %v", err, g.doubtful)
			}
			if n := r.count(`SELECT count(*) FROM payment`); n != there {
				t.Errorf("%d rows of a group whose fence struck", n-there)
			}
			err = l.attempt(t.Context(), g)
			if c.after == fencedOff && classify(err) != fencedOff || c.after == repeatable && err != nil {
				t.Errorf("then: %v", err)
			}
		})
	}
}

// What a server still has unread of a lost connection is fenced off before the lane looks what is there: it can be written by nobody later.
func TestALostConnectionIsFencedOff(t *testing.T) {
	r, proxy := newRigThrough(t)
	l := r.own()
	l.record(t.Context(), groupOf(l, r.intent()))
	epoch := l.epoch
	proxy.Set(pgproxy.Drop)
	e := r.intent()
	l.record(context.WithoutCancel(t.Context()), groupOf(l, e))
	if o, err := e.Wait(t.Context()); o != Written || err != nil {
		t.Fatalf("outcome %d, %v", o, err)
	}
	if l.epoch != epoch+1 {
		t.Fatalf("epoch %d after a connection lost in mid-write, want %d", l.epoch, epoch+1)
	}
	var n int
	err := r.db.QueryRow(t.Context(), `UPDATE lane SET beat = beat + 1 WHERE id = $1 AND epoch = $2 RETURNING 1`, l.id, epoch).Scan(&n)
	if err != pgx.ErrNoRows {
		t.Errorf("the old connection's fence would still pass: %v", err)
	}
}

// Who gives up a group whose COMMIT may have been done is told so: "certainly not" would be a promise that nobody can keep.
func TestAGroupGivenUpInDoubtSaysSo(t *testing.T) {
	for what, c := range map[string]struct {
		rule pgproxy.Rule
		kind fault.Kind
	}{
		"COMMIT was under way":     {pgproxy.CutAndDown, fault.Unknown},
		"nothing had been written": {pgproxy.Pass, fault.Unavailable},
	} {
		t.Run(what, func(t *testing.T) {
			r, proxy := newRigThrough(t)
			l := r.own()
			l.record(t.Context(), groupOf(l, r.intent()))
			e := r.intent()
			if proxy.Set(c.rule); c.rule == pgproxy.Pass {
				proxy.SetDown(true)
				l.conn.close()
				l.conn = nil
			}
			done := make(chan struct{})
			go func() { l.record(t.Context(), groupOf(l, e)); close(done) }()
			r.eventually(l.down.Load)
			r.clock.Advance(time.Minute) // It cannot be sent any more.
			<-done
			if _, err := e.Wait(t.Context()); !fault.Is(err, c.kind) {
				t.Errorf("given up with %v, want %s", err, c.kind)
			}
			proxy.SetDown(false)
		})
	}
}

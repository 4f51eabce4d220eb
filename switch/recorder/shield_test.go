package recorder

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment"
)

// E13: a bug in the middle of a group leaves its connection in a state that nobody knows. The lane goes on on another one.
func TestE13_ABugInTheMiddleOfAGroup(t *testing.T) {
	r := newRig(t)
	l := r.own()
	l.recordNext(t.Context(), r.intent()) // The lane meets its row's count of closings.
	tell, met := l.toldTime, false
	l.toldTime = func(row [][]byte) {
		if tell(row); !met {
			met = true
			panic("made to fail")
		}
	}
	first, second := r.intent(), r.intent()
	l.lookFirst = 0
	l.recordNext(t.Context(), first)
	if _, err := first.Wait(t.Context()); !fault.Is(err, fault.Unknown) || !met {
		t.Errorf("the group that met it: %v", err)
	}
	l.recordNext(t.Context(), second)
	if o, err := second.Wait(t.Context()); o != Written || err != nil {
		t.Errorf("the next: outcome %d, %v", o, err)
	}
	if n := r.seen.alarmed(payment.BrokenOff); n != 1 {
		t.Errorf("%d alarms", n)
	}
}

// An entry that was made by hand would end its lane: it is refused.
func TestAnEntryMadeByHandIsRefused(t *testing.T) {
	r := newRig(t)
	e := r.intent()
	if _, err := r.Record(t.Context(), &Entry{Plan: e.Plan, At: e.At}); !fault.Is(err, fault.Bug) {
		t.Errorf("got %v", err)
	}
	r.pays()
}

// E13: a plan that nobody could have made is refused alone.
func TestE13_APlanThatCannotBeTaken(t *testing.T) {
	r := newRig(t)
	l := r.own()
	bad, good := NewEntry(payment.Plan{}, time.Time{}), r.intent()
	g := newGroup(l)
	for _, e := range []*Entry{bad, good} {
		l.take(g, e)
	}
	l.record(t.Context(), g)
	if o, err := bad.Wait(t.Context()); o != Rejected || err != nil {
		t.Errorf("outcome %d, %v", o, err)
	}
	if o, err := good.Wait(t.Context()); o != Written || err != nil {
		t.Errorf("outcome %d, %v", o, err)
	}
}

// The watches go on after a bug.
func TestTheWatchesOutliveABug(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen watching
		log := slog.New(slog.DiscardHandler)
		steady := func() time.Duration { return time.Hour }
		l := &lane{steady: steady}
		l.current.Store(&session{})
		l.commits.Store(1)
		commits := &commitWatch{after: time.Second, lanes: []*lane{l}, observe: &seen, log: log,
			connect: func(context.Context) (*session, error) { panic("made to fail") }}
		lanes := &laneWatch{address: "postgres://127.0.0.1:1/", lease: time.Second, observe: &seen, log: log, steady: steady, conn: &pgx.Conn{}}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go lanes.run(ctx)
		synctest.Wait()
		if n := seen.alarmed(payment.BrokenOff); n == 0 || lanes.conn != nil {
			t.Errorf("%d alarms of the watch over lanes", n)
		}
		before := seen.alarmed(payment.BrokenOff)
		go commits.run(ctx)
		time.Sleep(time.Second)
		synctest.Wait()
		if n := seen.alarmed(payment.BrokenOff) - before; n < 2 {
			t.Errorf("%d alarms of the watch over COMMIT", n)
		}
		cancel()
		synctest.Wait()
	})
}

// What the sweep and those outside ask for again if it is not recorded leaves room for what will not come again.
func TestWhatComesAgain(t *testing.T) {
	for _, e := range []payment.Event{payment.ReversalAsked{}, payment.StatusAsked{}, payment.Misaddressed{}, payment.NetworkReversed{}, payment.Silence{Reason: payment.Interrupted}} {
		if !asksAgain(e) {
			t.Errorf("%T comes again", e)
		}
	}
	for _, e := range []payment.Event{payment.Answered{}, payment.Undelivered{}, payment.LedgerRefused{}, payment.ReversalAnswered{}, payment.Silence{Reason: payment.NoAnswer}, payment.Silence{Reason: payment.UntrustedAnswer}} {
		if asksAgain(e) {
			t.Errorf("%T does not come again", e)
		}
	}
}

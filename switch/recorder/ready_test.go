package recorder

import (
	"testing"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/pgproxy"
)

// A node is not ready while a lane hangs in a group, or turns payments away, and for a moment after.
func TestANodeIsNotReadyWhileALaneHangs(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.pays()
	r.eventually(r.Ready)
	proxy.Set(pgproxy.Hold)
	held := r.intent()
	r.must(r.Submit(held))
	r.eventually(proxy.Fired)
	if err := r.Hindrance(); err != nil {
		t.Errorf("a COMMIT under way: %v", err)
	}
	r.clock.Advance(DefaultPatience + time.Millisecond)
	if r.Ready() {
		t.Error("ready while payments would be turned away")
	}
	r.clock.Advance(hungAfter)
	if err := r.Hindrance(); !fault.Is(err, fault.Unavailable) {
		t.Errorf("after %s in one group: %v", hungAfter, err)
	}
	if !r.Late(101) {
		t.Error("new payments are taken")
	}
	close(proxy.Release)
	_, err := held.Wait(t.Context())
	r.must(err)
	r.eventually(func() bool { return r.of(101).writing() == 0 })
	if r.Ready() {
		t.Error("ready at once after payments were turned away")
	}
	r.clock.Advance(shedMemory)
	r.eventually(r.Ready)
}

// While the database is away a lane grows no younger with each try, also when nothing waits in it: LaneStuck must fire.
func TestALaneWithoutADatabaseGrowsOlder(t *testing.T) {
	r, proxy := newRigThrough(t)
	proxy.SetDown(true)
	r.eventually(func() bool {
		for _, d := range r.Depths() {
			if d.Writing < 4*downBeat {
				return false
			}
		}
		return true
	})
	proxy.SetDown(false)
	r.eventually(func() bool { return r.Ready() })
	r.eventually(func() bool { return r.Depths()[0].Writing == 0 && r.Depths()[1].Writing == 0 })
}

// Each thing that keeps a lane from recording is said by itself.
func TestWhatHinders(t *testing.T) {
	now := time.Minute
	for what, c := range map[string]struct {
		hinder func(l *lane)
		says   string
	}{
		"no connection":        {func(l *lane) { l.down.Store(true) }, "lane 0 has lost its connection and is getting a new one"},
		"refused statements":   {func(l *lane) { l.refused.Store(true) }, "the database refuses the statements of lane 0"},
		"a group that hangs":   {func(l *lane) { l.trying.Store(int64(now - hungAfter - 1)) }, "lane 0 has been writing one group for 5s"},
		"payments turned away": {func(l *lane) { l.shed.Store(int64(now)) }, "lane 0 turns payments away, because those before them wait too long"},
		"a wait that is too long": {func(l *lane) {
			l.busy.Store(1)
			l.oldest.Store(1)
			l.patience = time.Second
		}, "lane 0 turns payments away, because those before them wait too long"},
	} {
		l := &lane{patience: time.Hour, steady: func() time.Duration { return now }}
		r := &Recorder{lanes: []*lane{l}}
		if err := r.Hindrance(); err != nil {
			t.Fatalf("a lane at rest: %v", err)
		}
		c.hinder(l)
		if err := r.Hindrance(); err == nil || err.Error() != c.says {
			t.Errorf("%s: %v", what, err)
		}
	}
	if (&Recorder{}).Ready() {
		t.Error("ready without a lane")
	}
}

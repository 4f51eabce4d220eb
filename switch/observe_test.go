package switching

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"treasury-switch/internal/pgproxy"
	"treasury-switch/switch/cases"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// watching remembers what an observer is told.
type watching struct {
	Silent
	mu       sync.Mutex
	groups   []recorder.GroupWritten
	failures []recorder.GroupFailure
	parts    map[Part]time.Duration
	shed     []ShedReason
	swept    []int
	cases    int
	oldest   time.Duration
	alarms   map[payment.Reason]int
	serials  int
	breaks   atomic.Bool // it has a bug that the next group meets
}

func (w *watching) Alarm(why payment.Reason) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.alarms == nil {
		w.alarms = map[payment.Reason]int{}
	}
	w.alarms[why]++
}

// alarmed is how often operators were told of a reason.
func (w *watching) alarmed(why payment.Reason) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.alarms[why]
}

func (w *watching) Group(g recorder.GroupWritten) {
	if g.Size > 0 && w.breaks.CompareAndSwap(true, false) {
		panic("made to fail")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.groups = append(w.groups, g)
}

func (w *watching) GroupFailed(why recorder.GroupFailure) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failures = append(w.failures, why)
}

func (w *watching) Spent(part Part, took time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.parts == nil {
		w.parts = map[Part]time.Duration{}
	}
	w.parts[part] += took
}

func (w *watching) Shed(why ShedReason) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shed = append(w.shed, why)
}

func (w *watching) Swept(found int, _ time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.swept = append(w.swept, found)
}

func (w *watching) Cases(open int, oldest time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cases, w.oldest = open, oldest
}

func (w *watching) Serials(taken, _ int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.serials = taken
}

// The parts of a purchase and the times of its two groups are told, and make up no more than the whole.
func TestWhereTheTimeOfAPurchaseGoes(t *testing.T) {
	r := newRig(t)
	began := time.Now()
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
	whole := time.Since(began)
	r.seen.mu.Lock()
	defer r.seen.mu.Unlock()
	sum := time.Duration(0)
	for _, part := range []Part{PartPrepare, PartIntent, PartNetwork, PartOutcome} {
		took, told := r.seen.parts[part]
		if !told || took < 0 {
			t.Errorf("%s took %v, told: %t", part, took, told)
		}
		sum += took
	}
	if sum > whole || r.seen.parts[PartIntent] == 0 || r.seen.parts[PartOutcome] == 0 {
		t.Errorf("the parts are %v, the whole is %v", r.seen.parts, whole)
	}
	plans := 0
	for _, g := range r.seen.groups {
		plans += g.Size
		if g.Size > 0 && (g.Statements <= 0 || g.Commit <= 0 || g.Waited < 0 || g.Statements+g.Commit > whole) {
			t.Errorf("group %+v", g)
		}
	}
	if plans != 2 {
		t.Errorf("%d plans in %+v", plans, r.seen.groups)
	}
	if now, limit := r.InFlight(); now != 0 || limit != DefaultLimits.InFlight {
		t.Errorf("%d of %d in flight", now, limit)
	}
}

// What is turned away is told with its reason, and while a commit hangs the lane says since when.
func TestWhatWaitsIsSeen(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.cfg.Timers.SendBefore = 150 * time.Millisecond
	proxy.Set(pgproxy.Hold)
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.Inoperative)
	lane := int(101) % len(r.rec().Depths())
	if d := r.rec().Depths()[lane]; d.Writing <= 0 || d.Limit <= 0 {
		t.Errorf("while the commit hangs: %+v", d)
	}
	close(proxy.Release)
	r.eventually(func() bool { return r.rec().Depths()[lane].Writing == 0 })
	r.cfg.Timers.SendBefore = testTimers.SendBefore
	r.cfg.Limits.Forward = 1
	r.queued.Store(1)
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.Inoperative)
	if queued, limit := r.Reversals(); queued != 1 || limit != 1 {
		t.Errorf("%d of %d reversals", queued, limit)
	}
	r.cfg.Limits.Forward = DefaultLimits.Forward
	r.inFlight = make(chan struct{}) // No place at all.
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.Inoperative)
	r.seen.mu.Lock()
	defer r.seen.mu.Unlock()
	want := []ShedReason{ShedDatabase, ShedReversals, ShedInFlight}
	if len(r.seen.shed) != len(want) || r.seen.shed[0] != want[0] || r.seen.shed[1] != want[1] || r.seen.shed[2] != want[2] {
		t.Errorf("turned away: %v, want %v", r.seen.shed, want)
	}
}

// Sweeps and cases are told as they are.
func TestSweepsAndCasesAreCounted(t *testing.T) {
	r := newRig(t)
	_, code := r.heldCase()
	r.clock.Advance(2 * time.Hour)
	r.must(r.countCases(t.Context()))
	if r.seen.cases != 1 || r.seen.oldest < 2*time.Hour || r.seen.oldest > 3*time.Hour {
		t.Errorf("%d cases, the oldest for %v", r.seen.cases, r.seen.oldest)
	}
	r.propose(code, cases.EndReversed)
	r.must(r.countCases(t.Context()))
	if r.seen.cases != 1 {
		t.Error("a case that is proposed waits no more")
	}
	r.must(r.SweepOnce(t.Context(), 0))
	if len(r.seen.swept) == 0 || r.seen.swept[len(r.seen.swept)-1] != 0 {
		t.Errorf("sweeps found %v", r.seen.swept)
	}
	if c := r.ChannelOf("10100001"); c != payment.POS {
		t.Errorf("channel %q", c)
	}
	if c := r.ChannelOf("99999999"); c != "" {
		t.Errorf("channel of an unknown terminal: %q", c)
	}
}

package switching

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// breaking hears of a group as somebody with a bug.
type breaking struct {
	*watching
	next atomic.Bool
}

func (b *breaking) Group(g GroupWritten) {
	if g.Size > 0 && b.next.CompareAndSwap(true, false) {
		panic("made to fail")
	}
	b.watching.Group(g)
}

// broken has every lane meet a bug in the group that it writes next.
func (r *rig) broken() *breaking {
	b := &breaking{watching: &r.seen}
	for _, l := range r.rec().lanes {
		l.observe = b
	}
	return b
}

// E13: a bug breaks off the recording of an approval, whose COMMIT is done. Nobody is told what is not known; the payment stands, and the
// lane goes on.
func TestE13_ABugInTheRecorder(t *testing.T) {
	r := newRig(t)
	r.must(r.OpenDay(t.Context(), r.purchase().LocalDate, ledger.Live))
	p := r.purchase()
	b := r.broken()
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		b.next.Store(true)
		return r.net.approve(ctx, d)
	})
	r.wantCode(r.Purchase(t.Context(), p), payment.InProgress)
	if n := r.seen.alarmed(payment.BrokenOff); n != 1 {
		t.Errorf("%d alarms", n)
	}
	r.net.script(r.net.approve)
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
	r.wantCode(r.Purchase(t.Context(), repeatOf(p)), payment.OK)
	r.clock.advance(testTimers.Switch + testTimers.Grace + time.Second)
	r.must(r.quickSweep(t.Context()))
	r.wantStatus(p, payment.Approved, payment.ByNetwork)
	r.holds()
}

// E13: a bug in the middle of a group leaves its connection in a state that nobody knows. The lane goes on on another one.
func TestE13_ABugInTheMiddleOfAGroup(t *testing.T) {
	r := newRig(t)
	l := r.own()
	l.recordNext(t.Context(), r.intentOf(r.purchase())) // The lane meets its row's count of closings.
	tell, met := l.toldTime, false
	l.toldTime = func(row [][]byte) {
		if tell(row); !met {
			met = true
			panic("made to fail")
		}
	}
	first, second := r.intentOf(r.purchase()), r.intentOf(r.purchase())
	l.wary = 0
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

// E13: a plan that nobody could have made is refused alone.
func TestE13_APlanThatCannotBeTaken(t *testing.T) {
	r := newRig(t)
	l := r.own()
	bad, good := NewEntry(payment.Plan{}, time.Time{}), r.intentOf(r.purchase())
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

// claimBreaks is a store with a bug that the claim of a reversal meets, so many times.
type claimBreaks struct {
	Store
	times *atomic.Int32
}

func (c claimBreaks) claim(ctx context.Context, agency int32, now, farthest, until time.Time) (DueReversal, bool, error) {
	if c.times.Add(-1) >= 0 {
		panic("made to fail")
	}
	return c.Store.claim(ctx, agency, now, farthest, until)
}

// G20: a bug in the sending of reversals is an alarm, and they are sent at the next look.
func TestG20_ABugInTheSendingOfReversals(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	var times atomic.Int32
	times.Store(2)
	r.Store = claimBreaks{r.Store, &times}
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(p)), payment.OK)
	r.cfg.Forward.Look = 10 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Forward(ctx); close(done) }()
	r.eventually(func() bool { return r.payment(p).Status == payment.Reversed })
	cancel()
	<-done
	if n := r.seen.alarmed(payment.BrokenOff); n != 2 {
		t.Errorf("%d alarms", n)
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

// claimHangs is a store that keeps no claim of a business day.
type claimHangs struct{ Store }

func (claimHangs) KeepClaim(ctx context.Context, _ ledger.Claim) error {
	<-ctx.Done()
	return errors.Join(errors.New("made to hang"), ctx.Err())
}

// D20: that the network named a far day cannot be kept. The outcome is recorded all the same.
func TestD20_AClaimThatCannotBeKept(t *testing.T) {
	r := newRig(t)
	r.days.Tables = claimHangs{r.Store}
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		said, err := r.net.approve(ctx, d)
		said.Day = testDay.Add(180)
		return said, err
	})
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OutcomeUnknown)
	r.wantStatus(p, payment.Reversing, payment.DayNotBelieved)
}

// Evidence waits for the outcome of its payment by the monotonic clock: the time that is recorded may be set.
func TestEvidenceWaitsNotForAYear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &lockedStore{tried: map[payment.Key]int{}}
		now := time.Now()
		s := &Switch{cfg: Config{Timers: testTimers}, strays: make(chan struct{}, 1), Parts: Parts{Store: store,
			Now: func() time.Time { return now }, Observe: Silent{}, Log: slog.New(slog.DiscardHandler)}}
		s.keepEvidenceLater(t.Context(), payment.Payment{Intent: &payment.Intent{Deadline: now.AddDate(1, 0, 0)}})
		time.Sleep(testTimers.Switch + 2*testTimers.Grace)
		synctest.Wait()
		if len(s.strays) != 0 {
			t.Error("it waits")
		}
	})
}

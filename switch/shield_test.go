package switching

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// E13: a bug breaks off the recording of an approval, whose COMMIT is done. Nobody is told what is not known; the payment stays, and the
// lane goes on.
func TestE13_ABugInTheRecorder(t *testing.T) {
	r := newRig(t)
	r.must(r.OpenDay(t.Context(), r.purchase().LocalDate, ledger.Live))
	p := r.purchase()
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		r.seen.breaks.Store(true)
		return r.net.approve(ctx, d)
	})
	r.wantCode(r.Purchase(t.Context(), p), payment.InProgress)
	if n := r.seen.alarmed(payment.BrokenOff); n != 1 {
		t.Errorf("%d alarms", n)
	}
	r.net.script(r.net.approve)
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
	r.wantCode(r.Purchase(t.Context(), repeatOf(p)), payment.OK)
	r.clock.Advance(testTimers.Switch + testTimers.Grace + time.Second)
	r.must(r.quickSweep(t.Context()))
	r.wantStatus(p, payment.Approved, payment.ByNetwork)
	r.holds()
}

// claimBreaks is a store with a bug that the claim of a reversal meets, so many times.
type claimBreaks struct {
	Store
	times *atomic.Int32
}

func (c claimBreaks) claim(ctx context.Context, agency int32, now, farthest, until time.Time) (recorder.DueReversal, bool, error) {
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

package switching

import (
	"context"
	"errors"
	"testing"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/payment/paymenttest"
)

// lostKeep fails to write down what is answered without its original, as a crash or a deadline does.
type lostKeep struct {
	Store
	lost bool
}

func (k *lostKeep) keepUnmatched(ctx context.Context, u unmatched) error {
	if k.lost {
		return errors.New("lost")
	}
	return k.Store.keepUnmatched(ctx, u)
}

// A17: what is said cannot be written down for its original, and is not promised. Its repeat is.
func TestA17_ReversalNotWrittenDown(t *testing.T) {
	r := newRig(t)
	r.impatient()
	store := &lostKeep{Store: r.Store, lost: true}
	r.Store = store
	p, sent := r.sale()
	p.Identity = moved(p.Identity, sent.Add(-40*time.Second))
	v := r.ownReversalOf(p, sent)
	r.wantCode(r.Reverse(t.Context(), v), payment.InProgress)
	store.lost = false
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	r.cfg.Timers.SendBefore = testTimers.SendBefore
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	r.atEnd()
	r.wantUndoneOrOwned(p)
}

// A17: the same of an inquiry.
func TestA17_InquiryNotWrittenDown(t *testing.T) {
	r := newRig(t)
	r.impatient()
	store := &lostKeep{Store: r.Store, lost: true}
	r.Store = store
	p, sent := r.sale()
	asked := &StatusInquiry{Original: p.Identity, Sent: stampOf(sent), Own: stampOf(sent.Add(30 * time.Second))}
	asked.Original.Acquirer = "581672000"
	r.wantCode(r.Status(t.Context(), asked), payment.InProgress)
	store.lost = false
	asked.Own = stampOf(sent.Add(60 * time.Second))
	r.wantCode(r.Status(t.Context(), asked), payment.NoOriginal)
	r.cfg.Timers.SendBefore = testTimers.SendBefore
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	r.atEnd()
	if got := r.payment(p); got.Status == payment.Approved {
		t.Error("told 25, and the payment is approved")
	}
}

// A17: the payment that may be meant has no outcome yet when the looking ends: it goes on.
func TestA17_WithoutAnOutcomeAtTheEnd(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.sale()
	v := r.ownReversalOf(p, sent.Add(2*time.Minute))
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	r.cfg.Timers.SendBefore = testTimers.SendBefore
	hold := make(chan struct{})
	sending := make(chan struct{})
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		close(sending)
		<-hold
		return r.net.approve(ctx, d)
	})
	r.clock.Advance(againFor - time.Second)
	told := make(chan Answer, 1)
	go func() { told <- r.Purchase(context.WithoutCancel(t.Context()), p) }()
	<-sending
	r.clock.Advance(2 * time.Second)
	if err := r.lookAgain(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("error %v", err)
	}
	close(hold)
	<-told
	r.atEnd()
	r.wantUndoneOrOwned(p)
}

// A17: the first message names no time, the second one does.
func TestA17_TheSecondMessageSaysMore(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, sent := r.sale()
	p.Identity = moved(p.Identity, sent.Add(-40*time.Second))
	v := r.ownReversalOf(p, sent)
	first := *v
	first.Sent = stampOf(sent.Add(-20 * time.Minute)) // the F7 of a wrong clock, or none
	first.Sent = ""
	r.wantCode(r.Reverse(t.Context(), &first), payment.OK)
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	r.cfg.Timers.SendBefore = testTimers.SendBefore
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	r.atEnd()
	r.wantUndoneOrOwned(p)
}

// A17: two nodes look for the same original at once.
func TestA17_TwoNodesLookAtOnce(t *testing.T) {
	r := newRig(t)
	r.impatient()
	p, _ := r.lateOriginal(40 * time.Second)
	second := r.second()
	errs := make(chan error, 2)
	r.clock.Advance(againFirst + time.Second)
	for _, n := range []*Switch{r.Switch, second} {
		go func() { errs <- n.lookAgain(context.WithoutCancel(t.Context())) }()
	}
	r.must(<-errs)
	r.must(<-errs)
	r.wantStatus(p, payment.Reversing, payment.ByTerminal)
	r.holds()
}

// A17: the day of the late original is closed when it is found: a refund is claimed.
func TestA17_LateOriginalOfAClosedDay(t *testing.T) {
	r := newRig(t)
	p, _ := r.lateOriginal(40 * time.Second)
	day := r.payment(p).BusinessDay
	r.must(r.OpenDay(t.Context(), day.Add(1), ledger.Live))
	r.must(ledger.CloseDay(t.Context(), r.db, ledger.Live, day, r.clock.Now()))
	r.looksAgain(againFirst)
	r.atEnd()
	r.wantUndoneOrOwned(p)
}

// A17: an account of the late original is frozen when it is found.
func TestA17_LateOriginalOfAFrozenAccount(t *testing.T) {
	r := newRig(t)
	p, _ := r.lateOriginal(40 * time.Second)
	r.freeze(paymenttest.Share1)
	r.clock.Advance(againFirst)
	r.must(r.lookAgain(t.Context()))
	r.wantUndoneOrOwned(p)
}

// A17: one terminal says so much of what is not there that nobody could look for all of it. Beyond a bound nothing is promised to it, and others' originals
// are found as ever, also while all turns of looking are taken.
func TestA17_ATerminalThatFloods(t *testing.T) {
	r := newRig(t)
	r.exec(`INSERT INTO unmatched SELECT 101, current_date, gen_random_uuid(), '10100002', lpad((i % 1000000)::text, 6, '0'), '120000', current_date,
		$2, $2, 1000000, NULL, $1::timestamptz, $1::timestamptz + interval '5 seconds' FROM generate_series(1, $3::int) i`,
		r.clock.Now(), stampOf(r.clock.Now()), unmatchedMost)
	p, _ := r.lateOriginal(40 * time.Second)
	r.impatient()
	other, sent := r.sale()
	other.Terminal = "10100002"
	r.wantCode(r.Reverse(t.Context(), r.ownReversalOf(other, sent)), payment.InProgress)
	for range lookUps {
		r.looking <- struct{}{}
	}
	r.looksAgain(againFirst)
	r.wantStatus(p, payment.Reversing, payment.ByTerminal)
	for range lookUps {
		<-r.looking
	}
	r.atEnd()
	if n := r.unmatchedRows(); n != 0 {
		t.Errorf("%d are still looked for", n)
	}
	r.wantCode(r.Reverse(t.Context(), r.ownReversalOf(other, sent)), payment.OK)
}

// A17: a terminal has one payment looked for at a time.
func TestA17_OneLookForEachTerminal(t *testing.T) {
	r := newRig(t)
	p, sent := r.paidSale()
	v := r.ownReversalOf(p, sent)
	r.lookingFor.Store(p.Terminal, true)
	r.wantCode(r.Reverse(t.Context(), v), payment.InProgress)
	r.lookingFor.Delete(p.Terminal)
	r.wantCode(r.Reverse(t.Context(), v), payment.OK)
	r.wantStatus(p, payment.Reversing, payment.ByTerminal)
}

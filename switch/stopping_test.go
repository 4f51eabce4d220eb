package switching

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// isClosed reports whether the event that a channel signals has happened.
func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// TestWorkInHand: more may come while a stop waits, and is waited for.
func TestWorkInHand(t *testing.T) {
	var w inHand
	if !isClosed(w.nothing()) {
		t.Error("there is work before any has begun")
	}
	w.begin()
	first := w.nothing()
	w.begin()
	w.end()
	if isClosed(first) || isClosed(w.nothing()) {
		t.Error("the rest is not waited for")
	}
	w.end()
	if !isClosed(first) || !isClosed(w.nothing()) {
		t.Error("nothing is in hand, and still waited for")
	}
	w.begin()
	if isClosed(w.nothing()) {
		t.Error("what came later is not waited for")
	}
}

// stillOpen makes a payment whose outcome the node could not record: it looks after it, and nothing is in hand.
func (r *rig) stillOpen() (*Purchase, payment.Payment) {
	r.t.Helper()
	p := r.purchase()
	there := r.intentOnly(p)
	e := recorder.NewEntry(payment.Plan{}, time.Time{})
	e.Settle(recorder.Written, nil)
	r.unended.add(there.Key, promised{there.Deadline.Add(r.cfg.Timers.Grace), e})
	return p, there
}

// C13: a node that stops with nothing in hand hands over what it could not record.
func TestC13_NothingInHandAndAPaymentOpen(t *testing.T) {
	r := newRig(t)
	_, there := r.stillOpen()
	r.must(r.Drain(t.Context()))
	if n := r.count(`SELECT count(*) FROM open_payment WHERE payment = $1`, there.ID); n != 1 {
		t.Error("it is not handed over")
	}
}

// cannotLeave is a store that takes no open payments.
type cannotLeave struct{ Store }

func (cannotLeave) addOpen(context.Context, map[payment.Key]time.Time) error {
	return errors.New("made to fail")
}

// C13: the hand-over fails. The node ends as one that has crashed: its payments are searched for.
func TestC13_HandOverFails(t *testing.T) {
	r := newRig(t)
	r.endSoon()
	p, _ := r.stillOpen()
	r.Store = cannotLeave{r.Store}
	if r.Drain(t.Context()) == nil || r.seen.alarms[payment.NotEnded] != 1 {
		t.Error("nobody is told")
	}
	r.stop()
	<-r.stopped
	other := r.second()
	r.clock.Advance(testTimers.Switch + testTimers.Grace + time.Second)
	r.must(other.quickSweep(t.Context()))
	r.must(other.searchEnded(t.Context()))
	r.wantStatus(p, payment.Reversing, payment.Interrupted)
}

// C13: the hand-over fails while a payment is in flight, and another node's search has gone past that payment meanwhile.
func TestC13_HandOverFailsInFlight(t *testing.T) {
	r := newRig(t)
	r.endSoon()
	p := r.purchase()
	sent, over := make(chan struct{}), make(chan struct{})
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		_, _ = r.net.approve(ctx, d)
		close(sent)
		<-over
		return payment.Answered{}, errNoAnswer
	})
	told := make(chan Answer, 1)
	go func() { told <- r.Purchase(t.Context(), p) }()
	<-sent
	r.Store = cannotLeave{r.Store}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r.Drain(ctx) == nil {
		t.Error("nobody is told")
	}
	r.stop()
	<-r.stopped
	other := r.second()
	r.must(other.Store.mark(t.Context(), atOnce, r.clock.Now()))
	r.clock.Advance(testTimers.Switch + testTimers.Grace + time.Second)
	r.must(other.searchEnded(t.Context()))
	r.wantStatus(p, payment.Reversing, payment.Interrupted)
	close(over)
	if a := <-told; a.Code == payment.OK {
		t.Error("told approved")
	}
	r.eventually(func() bool { n, _ := r.InFlight(); return n == 0 })
}

// nothingThere is a store without payments.
type nothingThere struct{ Store }

func (nothingThere) PaymentByRRN(context.Context, int32, payment.RRN) (payment.Payment, error) {
	return payment.Payment{}, errors.New("made to fail")
}

// C13: answers of the network come while a node stops, again and again.
func TestC13_AnswersWhileItStops(t *testing.T) {
	s := &Switch{cfg: Config{Timers: testTimers}, Parts: Parts{Store: nothingThere{}, Now: time.Now}}
	var answers sync.WaitGroup
	for range 4 {
		answers.Go(func() {
			for range 50_000 {
				_ = s.LateAnswer(t.Context(), 1, 1, payment.Answered{}, nil)
			}
		})
	}
	over := make(chan struct{})
	go func() { answers.Wait(); close(over) }()
	for !isClosed(over) {
		if err := s.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// An orderly stop that leaves nothing has nobody search.
func TestC13_AnOrderlyStopIsNoEnd(t *testing.T) {
	r := newRig(t)
	r.must(r.Drain(t.Context()))
	r.stop()
	<-r.stopped
	if n := r.count(`SELECT count(*) FROM lane WHERE abandoned_at IS NOT NULL OR id > 0 AND incarnation IS NOT NULL`); n != 0 {
		t.Errorf("%d lanes count as those of a node that has crashed", n)
	}
}

// TestPaymentsOfThisNode: one whose intent is still being written is not looked for, and a try that left nothing forgets no earlier one.
func TestPaymentsOfThisNode(t *testing.T) {
	var l unended
	due := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	k, e := payment.Key{Agency: 1}, recorder.NewEntry(payment.Plan{}, time.Time{})
	first := promised{due, e}
	if before := l.add(k, first); before.intent != nil {
		t.Error("there was none before")
	}
	if keys := l.late(due.Add(time.Second)); len(keys) != 0 {
		t.Error("it is late while its intent is being written")
	}
	e.Settle(recorder.Written, nil)
	if keys := l.late(due.Add(time.Second)); len(keys) != 1 {
		t.Error("it is not late")
	}
	if keys := l.late(due); len(keys) != 0 {
		t.Error("it is late before its time")
	}
	again := recorder.NewEntry(payment.Plan{}, time.Time{})
	l.restore(k, l.add(k, promised{due.Add(time.Hour), again}))
	if at := l.all()[k]; !at.Equal(due) {
		t.Errorf("the earlier try is due at %s", at)
	}
	l.restore(k, promised{})
	if len(l.all()) != 0 {
		t.Error("a first try that left nothing is remembered")
	}
}

// buggyStore is a store with a bug that one payment meets.
type buggyStore struct {
	Store
	by payment.Key
}

func (b buggyStore) Payment(ctx context.Context, k payment.Key) (payment.Payment, error) {
	if k == b.by {
		panic("made to fail")
	}
	return b.Store.Payment(ctx, k)
}

// C12: a bug that one open payment meets keeps no other from its end, and no node from living.
func TestC12_ABugInTheSweep(t *testing.T) {
	r := newRig(t)
	_, stuck := r.stillOpen()
	p, _ := r.stillOpen()
	r.Store = buggyStore{r.Store, stuck.Key}
	r.clock.Advance(testTimers.Switch + testTimers.Grace + time.Second)
	r.complain(t.Context(), "not ended", r.quickSweep)
	r.wantStatus(p, payment.Reversing, payment.Interrupted)
	if r.seen.alarms[payment.BrokenOff] != 1 {
		t.Errorf("alarms %v", r.seen.alarms)
	}
	r.complain(t.Context(), "a job", func(context.Context) error { panic("made to fail") })
	if r.seen.alarms[payment.BrokenOff] != 2 {
		t.Errorf("alarms %v", r.seen.alarms)
	}
}

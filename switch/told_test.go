package switching

import (
	"context"
	"errors"
	"testing"
	"time"

	"treasury-switch/internal/pgproxy"
	"treasury-switch/internal/testdb"
	"treasury-switch/ledger"
	"treasury-switch/registry"
	"treasury-switch/switch/payment"
)

// repeatOf is the same request as a 0201.
func repeatOf(p *Purchase) *Purchase {
	again := *p
	again.Repeat = true
	return &again
}

// second is another node, which reaches the database whatever becomes of the first one's proxy.
func (r *rig) second() *Switch {
	r.t.Helper()
	address := r.address
	r.address = testdb.URL(r.t)
	other, stop, stopped := r.node("node-2")
	r.address = address
	r.t.Cleanup(func() { stop(); <-stopped })
	return other
}

func (r *rig) status(s *Switch, p *Purchase) Answer {
	return s.Status(r.t.Context(), &StatusInquiry{Original: p.Identity})
}

// E2, while its node is cut off: the approval is durable and its own node does not know it yet; another node has told it meanwhile. However
// late the first one learns of it, it stays.
func TestE2_ToldByAnotherNodeMeanwhile(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.cfg.Timers.Switch = 700 * time.Millisecond
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		proxy.Set(pgproxy.LoseReceiptAndDown)
		return r.net.approve(ctx, d)
	})
	other := r.second()
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.InProgress)
	r.wantCode(other.Purchase(t.Context(), repeatOf(p)), payment.OK)
	r.wantCode(r.status(other, p), payment.OK)
	proxy.SetDown(false)
	r.must(r.Drain(t.Context()))
	r.clock.Advance(testTimers.Switch + testTimers.Grace + time.Second)
	r.must(r.quickSweep(t.Context()))
	r.wantStatus(p, payment.Approved, payment.ByNetwork)
	r.wantCode(r.Purchase(t.Context(), repeatOf(p)), payment.OK)
	r.holds()
}

// D1, while the lane is stalled: the silence cannot be recorded, so the terminal is told 09 and not 68. An approval that comes then, at
// another node, meets PENDING: before the payment's deadline it decides, after it the payment is reversed.
func TestD1_SilenceThatCannotBeRecorded(t *testing.T) {
	for name, c := range map[string]struct {
		inTime bool
		want   payment.Status
		word   payment.Code
	}{
		"an approval before the deadline": {true, payment.Approved, payment.OK},
		"an approval after the deadline":  {false, payment.Reversing, payment.OutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			r, proxy := newRigThrough(t)
			other := r.second()
			r.cfg.Timers.Network, r.cfg.Timers.Switch = 300*time.Millisecond, 700*time.Millisecond
			p := r.purchase()
			late := func() {
				there := r.payment(p)
				r.must(other.LateAnswer(t.Context(), 101, there.RRN, approvalOf(there), agrees))
			}
			r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
				_, _ = r.net.approve(ctx, d)
				proxy.SetDown(true)
				if c.inTime {
					late()
				}
				<-ctx.Done()
				return payment.Answered{}, ctx.Err()
			})
			r.wantCode(r.Purchase(t.Context(), p), payment.InProgress)
			if !c.inTime {
				r.wantCode(r.status(other, p), payment.InProgress)
				late()
			}
			r.wantCode(r.status(other, p), c.word)
			proxy.SetDown(false)
			r.must(r.Drain(t.Context()))
			if got := r.payment(p); got.Status != c.want {
				t.Errorf("once the silence is recorded too, the payment is %s (%s), want %s", got.Status, got.Reason, c.want)
			}
			r.wantCode(r.Purchase(t.Context(), repeatOf(p)), c.word)
			r.holds()
		})
	}
}

// unreadable is a store whose payments cannot be read.
type unreadable struct{ Store }

func (unreadable) Payment(context.Context, payment.Key) (payment.Payment, error) {
	return payment.Payment{}, errors.New("the database is away")
}

// D1, after losing: the silence loses to another record, and what won cannot be read. Nothing final is told, and the node goes on to look
// after the payment.
func TestD1_LosesAndCannotReadWhoWon(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		there := r.payment(p)
		r.must(r.LateAnswer(t.Context(), 101, there.RRN, approvalOf(there), agrees)) // the answer, on another node's link
		_, _ = r.net.approve(ctx, d)
		r.applier.Reads = unreadable{r.Store}
		return payment.Answered{}, errors.New("the link broke")
	})
	r.wantCode(r.Purchase(t.Context(), p), payment.InProgress)
	r.applier.Reads = r.Store
	r.clock.Advance(testTimers.Switch + testTimers.Grace + time.Second)
	if n := len(r.unended.late(r.Now())); n != 1 {
		t.Errorf("%d open payments, want 1", n)
	}
	r.must(r.quickSweep(t.Context()))
	r.wantStatus(p, payment.Approved, payment.ByNetwork)
	r.wantCode(r.Purchase(t.Context(), repeatOf(p)), payment.OK)
	r.holds()
}

// A6, of a terminal that was frozen or closed meanwhile: its repeat gets the answer of its original. Only a request that is new is refused.
func TestA6_RepeatOfATerminalThatIsNotOpen(t *testing.T) {
	for _, state := range []ledger.State{ledger.Frozen, ledger.Closed} {
		t.Run(string(state), func(t *testing.T) {
			r := newRig(t)
			p := r.purchase()
			r.wantCode(r.Purchase(t.Context(), p), payment.OK)
			other := r.second()
			d := r.directory()
			terminal, _ := d.Terminal(p.Terminal)
			terminal.State = state
			agency, _ := d.Agency(101)
			frozen := registry.NewDirectory([]registry.Agency{agency}, []registry.Terminal{terminal}, nil, nil)
			other.Directory = func() *registry.Directory { return frozen }
			r.wantCode(other.Purchase(t.Context(), repeatOf(p)), payment.OK)
			doubled := *p
			r.wantCode(other.Purchase(t.Context(), &doubled), payment.OK)
			r.wantCode(other.Purchase(t.Context(), r.purchase()), payment.UnknownTerminal)
			r.onlyDebit()
		})
	}
}

// A5, attached to a doubled 0200 that is turned away: the original exists, and the repeat is told so.
func TestA5_AttachedToADoubleThatIsTurnedAway(t *testing.T) {
	r := newRig(t)
	approved, lost := r.purchase(), r.purchase()
	r.wantCode(r.Purchase(t.Context(), approved), payment.OK)
	other := r.second()
	terminal, _ := other.Directory().Terminal(approved.Terminal)
	for p, want := range map[*Purchase]payment.Code{approved: payment.OK, lost: payment.InProgress} {
		key, print := other.key(101, p.Identity), other.fingerprint(p)
		double, first := other.flights.join(key, p.Identity, print)
		if !first {
			t.Fatal("somebody else works on it")
		}
		double.answer, double.unrecorded = other.turnAway(p, ShedLate), true
		other.flights.finish(key, double)
		r.wantCode(double.answer, payment.Inoperative)
		r.wantCode(other.attach(t.Context(), double, terminal, repeatOf(p), key, print, other.received()), want)
	}
}

// F4, while the original is being recorded: 09, whoever is asked. 25 would have the terminal charge again.
func TestF4_StatusWhileTheOriginalIsBeingRecorded(t *testing.T) {
	r := newRig(t)
	other := r.second()
	tx, err := r.owner.Begin(t.Context())
	r.must(err)
	_, err = tx.Exec(t.Context(), `LOCK TABLE payment IN SHARE MODE`)
	r.must(err)
	p := r.purchase()
	answers := make(chan Answer, 2)
	go func() { answers <- r.Purchase(t.Context(), p) }()
	r.eventually(func() bool { return r.flights.of(r.key(101, p.Identity)) != nil })
	r.wantCode(r.status(r.Switch, p), payment.InProgress)
	go func() { answers <- r.status(other, p) }()
	r.must(tx.Rollback(t.Context()))
	for range 2 {
		if a := <-answers; a.Code != payment.OK && a.Code != payment.InProgress {
			t.Errorf("told %s", a.Code)
		}
	}
	r.wantStatus(p, payment.Approved, payment.ByNetwork)
	r.wantCode(r.status(other, p), payment.OK)
}

// F4, of a payment that no node has received: 25, and it stays 25. The original that comes after all is declined and never sent; a reversal
// of it has nothing to undo.
func TestF4_WhatWasToldUnknownStaysUnknown(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.status(r.Switch, p), payment.NoOriginal)
	r.wantStatus(p, payment.Declined, payment.AskedFirst)
	r.wantCode(r.Purchase(t.Context(), p), payment.InvalidRequest)
	r.wantCode(r.Purchase(t.Context(), repeatOf(p)), payment.InvalidRequest)
	r.wantCode(r.status(r.Switch, p), payment.NoOriginal)
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(p)), payment.OK)
	if r.net.sent != 0 {
		t.Errorf("%d debits were sent", r.net.sent)
	}
	r.holds()
}

// F4 with the database away: 25 is not told before its tombstone is durable, and a reversal that is not recorded is not refused.
func TestF4_NotKnownWithoutTheDatabase(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.cfg.Timers.Network, r.cfg.Timers.Switch, r.cfg.Timers.SendBefore = 900*time.Millisecond, time.Second, 100*time.Millisecond
	p := r.purchase()
	proxy.SetDown(true)
	r.wantCode(r.status(r.Switch, p), payment.InProgress)
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(p)), payment.InProgress)
	proxy.SetDown(false)
	r.eventually(func() bool { return r.rec().Ready() })
	r.wantCode(r.status(r.Switch, p), payment.NoOriginal)
}

// A bug after the intent is durable tells nobody anything: 09, an alarm, and the sweep ends the payment. Before that nothing can have been
// done: 96, but of a repeat.
func TestABugInTheMiddleOfAPayment(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		_, _ = r.net.approve(ctx, d)
		panic("a bug")
	})
	r.wantCode(r.Purchase(t.Context(), p), payment.InProgress)
	r.wantCode(r.status(r.Switch, p), payment.InProgress)
	r.clock.Advance(testTimers.Switch + testTimers.Grace + time.Second)
	r.must(r.quickSweep(t.Context()))
	r.wantStatus(p, payment.Reversing, payment.Interrupted)
	r.wantCode(r.Purchase(t.Context(), repeatOf(p)), payment.OutcomeUnknown)
	if n := r.seen.alarmed(payment.BrokenOff); n != 1 {
		t.Errorf("%d alarms, want 1", n)
	}
	set := r.Tariffs
	r.Tariffs = nil
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.SystemError)
	r.wantCode(r.Purchase(t.Context(), repeatOf(r.purchase())), payment.InProgress)
	r.Tariffs = set
	if n, _ := r.InFlight(); n != 0 {
		t.Errorf("%d purchases are in flight for ever", n)
	}
	r.must(r.Drain(t.Context()))
	r.holdsAgainstNetwork()
}

// F2, of a terminal that was closed meanwhile: what it did while it was open is undone and asked for as before.
func TestF2_TerminalClosedMeanwhile(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	d := r.directory()
	terminal, _ := d.Terminal(p.Terminal)
	terminal.State = ledger.Closed
	agency, _ := d.Agency(101)
	closed := registry.NewDirectory([]registry.Agency{agency}, []registry.Terminal{terminal}, nil, nil)
	r.Directory = func() *registry.Directory { return closed }
	r.wantCode(r.status(r.Switch, p), payment.OK)
	advice := r.reversalOf(p)
	advice.Advice = true
	r.wantCode(r.Reverse(t.Context(), advice), payment.OK)
	r.wantStatus(p, payment.Reversing, payment.ByTerminal)
	r.holds()
}

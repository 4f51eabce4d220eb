package switching

import (
	"context"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/pgproxy"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/payment/paymenttest"
	"treasury-switch/switch/recorder"
)

// E: posting. F: the answer to the terminal.

// E1: the confirmation of the posting's COMMIT is lost. The terminal is told
// approved only once the repetition has found it durable.
func TestE1_PostingConfirmationLost(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		proxy.Set(pgproxy.LoseReceipt)
		return r.net.approve(ctx, d)
	})
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	if !proxy.Fired() {
		t.Fatal("no confirmation was lost")
	}
	if r.balanceOf(paymenttest.Share1) != 700_000 {
		t.Errorf("posted %d", r.balanceOf(paymenttest.Share1))
	}
	r.holds()
}

// E1, second half: the posting never arrived; the repetition writes it.
func TestE1_PostingNeverArrived(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		proxy.Set(pgproxy.Drop)
		return r.net.approve(ctx, d)
	})
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	if r.balanceOf(paymenttest.Share1) != 700_000 {
		t.Errorf("posted %d", r.balanceOf(paymenttest.Share1))
	}
	r.holds()
}

// E2: posted, and killed before the terminal was answered. The retry gets the
// stored approval; or the terminal reverses, with a contra journal.
func TestE2_KilledBeforeTheAnswer(t *testing.T) {
	r := newRig(t)
	p, q := r.purchase(), r.purchase()
	a := r.Purchase(t.Context(), p) // the answer is lost with the process
	r.Purchase(t.Context(), q)
	r.stop()
	<-r.stopped
	r.Switch, r.stop, r.stopped = r.node("node-1")
	b := r.Purchase(t.Context(), p)
	r.wantCode(b, payment.OK)
	if b.RRN != a.RRN || b.Approval != a.Approval || b.BusinessDay != a.BusinessDay || len(b.Lines) != len(a.Lines) {
		t.Errorf("answered %+v, then %+v", a, b)
	}
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(q)), payment.OK)
	r.forward()
	r.wantStatus(q, payment.Reversed, payment.ReversalAccepted)
	if sent, _ := r.net.counts(); sent != 2 {
		t.Errorf("%d debits sent", sent)
	}
	r.holds()
}

// E3: the ledger refuses the posting: never approved, reversed, and a case.
func TestE3_BeneficiaryFrozenMeanwhile(t *testing.T) {
	r := newRig(t)
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		r.freeze(paymenttest.Share2)
		return r.net.approve(ctx, d)
	})
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OutcomeUnknown)
	r.wantStatus(p, payment.Reversing, payment.PostingFailed)
	r.wantCases(payment.PostingFailed, 1)
	r.forward()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

// E3: a constraint of the database refuses one plan of a group. Its neighbours
// are unaffected.
func TestE3_NeighboursOfAFailingPlan(t *testing.T) {
	r := newRig(t)
	var plans []*recorder.Entry
	var poison *recorder.Entry
	for i := range 40 {
		p := r.purchase()
		there := r.intentOnly(p)
		plan, err := payment.Decide(there, approvalOf(there))
		r.must(err)
		e := recorder.NewEntry(plan, r.clock.Now())
		if i == 17 {
			poison = e
			e.Plan.Record.BusinessDay = 0 // an approval without a day: the CHECK refuses it
		}
		plans = append(plans, e)
	}
	for _, e := range plans {
		r.must(r.rec().Submit(e))
	}
	for i, e := range plans {
		outcome, err := e.Wait(t.Context())
		r.must(err)
		if want := map[bool]recorder.Outcome{true: recorder.Rejected, false: recorder.Written}[e == poison]; outcome != want {
			t.Errorf("plan %d: outcome %d, want %d", i, outcome, want)
		}
	}
	if n := r.balanceOf(paymenttest.Share1); n != 39*700_000 {
		t.Errorf("beneficiary has %d", n)
	}
}

// E3 on the whole path: the constraint refuses the approval itself.
func TestE3_ConstraintRefusesTheApproval(t *testing.T) {
	r := newRig(t)
	r.exec(`ALTER TABLE transfer ADD CONSTRAINT poison_ck CHECK (amount <> 300000)`)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OutcomeUnknown)
	r.wantStatus(p, payment.Reversing, payment.PostingFailed)
	r.forward()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

// E4: the database dies between the network's approval and the posting. Nothing is durable at the switch timer, so the terminal is told 09;
// when the database is back, the approval remains, and whoever asks is told so.
func TestE4_DatabaseDiesBeforeThePosting(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.cfg.Timers.Switch = 700 * time.Millisecond
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		proxy.SetDown(true)
		return r.net.approve(ctx, d)
	})
	p := r.purchase()
	a := r.Purchase(t.Context(), p)
	r.wantCode(a, payment.InProgress)
	if a.Tracking == "" || a.RRN == 0 {
		t.Error("09 for a payment whose intent is durable names it")
	}
	proxy.SetDown(false)
	r.must(r.Drain(t.Context()))
	r.wantStatus(p, payment.Approved, payment.ByNetwork)
	r.wantCode(r.Status(t.Context(), &StatusInquiry{Original: p.Identity}), payment.OK)
	r.holds()
}

// E4, the other way: the node never gets to record the approval. The payment is swept, and from then on it is 68.
func TestE4_NeverRecordedIsReversed(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.endSoon()
	other := r.second()
	r.cfg.Timers.Switch = 700 * time.Millisecond
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		proxy.SetDown(true)
		return r.net.approve(ctx, d)
	})
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.InProgress)
	r.stop() // The node ends with the approval in its queue.
	<-r.stopped
	r.wantCode(other.Status(t.Context(), &StatusInquiry{Original: p.Identity}), payment.InProgress)
	r.clock.Advance(testTimers.Switch + testTimers.Grace + time.Second)
	r.must(other.SweepOnce(t.Context(), 0))
	r.wantStatus(p, payment.Reversing, payment.Interrupted)
	r.wantCode(other.Status(t.Context(), &StatusInquiry{Original: p.Identity}), payment.OutcomeUnknown)
	r.clock.Advance(testTimers.SendBefore + testTimers.InFlight + time.Second)
	forwardOnce(t.Context(), other)
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

// E4, late: the posting becomes durable after the terminal was answered. It was told 09, which promises nothing, and lateness never undoes an
// approval: another node may have told it meanwhile.
func TestE4_LatenessNeverUndoesAnApproval(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.cfg.Timers.Switch = 400 * time.Millisecond
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		proxy.Set(pgproxy.Hold)
		return r.net.approve(ctx, d)
	})
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.InProgress)
	close(proxy.Release)
	r.must(r.Drain(t.Context()))
	r.wantStatus(p, payment.Approved, payment.ByNetwork)
	r.wantCode(r.Purchase(t.Context(), repeatOf(p)), payment.OK)
	r.holds()
}

// E5: a warning between COMMIT and its confirmation (the wait for a standby was
// cancelled) is no confirmation: it is asked again, on a new connection.
func TestE5_WarningInsteadOfAConfirmation(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		proxy.Set(pgproxy.WarnReceipt)
		return r.net.approve(ctx, d)
	})
	before := r.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_start > now()`)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	if !proxy.Fired() || before != 0 {
		t.Fatal("no warning was sent")
	}
	if beats := r.count(`SELECT sum(beat)::int FROM lane`); beats < 3 {
		t.Errorf("%d groups: the doubtful one was not followed by another write", beats)
	}
	r.holds()
}

// E8: a hot row is locked for longer than a statement may wait. The group is
// repeated within the budget.
func TestE8_LockTimeoutIsRepeated(t *testing.T) {
	r := newRig(t)
	r.failing("balance", "55P03", 3)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	r.holds()
}

// E9: outcome, journal and outbox are one transaction: none without the others.
func TestE9_OutboxIsInTheSameTransaction(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.cfg.Timers.Switch = 700 * time.Millisecond
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		proxy.Set(pgproxy.CutAndDown)
		return r.net.approve(ctx, d)
	})
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.InProgress)
	for _, table := range []string{"event", "transfer", "outbox", "balance"} {
		if n := r.count(`SELECT count(*) FROM ` + table); n != 0 {
			t.Errorf("%d rows in %s of a transaction that was killed", n, table)
		}
	}
}

// F1 and F5: the answer was written and the terminal's link cut: the retry gets
// the stored answer, and nothing is reversed on its own.
func TestF1_AnswerLostOnTheWay(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	a := r.Purchase(t.Context(), p)
	r.afterWindow()
	b := r.Purchase(t.Context(), p)
	r.wantCode(b, payment.OK)
	if a.RRN != b.RRN {
		t.Errorf("RRN %s, then %s", a.RRN, b.RRN)
	}
	r.holds()
}

func TestF5_NoAutomaticReversalAfterApproval(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	r.clock.Advance(24 * time.Hour)
	r.must(r.SweepOnce(t.Context(), 0))
	r.forward()
	r.wantStatus(p, payment.Approved, payment.ByNetwork)
	r.holds()
}

// F2: the chip declined after the approval: the terminal's advice reverses.
func TestF2_ChipDeclines(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	advice := r.reversalOf(p)
	advice.Advice = true
	r.wantCode(r.Reverse(t.Context(), advice), payment.OK)
	r.wantStatus(p, payment.Reversing, payment.ByTerminal)
	if suspended := r.balanceOf(ledger.House(101, ledger.Live, ledger.Suspense)); suspended != 1_000_000 {
		t.Errorf("suspense has %d while the reversal is under way", suspended)
	}
	r.forward()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

// F3: the terminal never comes back: the debit remains posted.
func TestF3_TerminalNeverComesBack(t *testing.T) { TestF5_NoAutomaticReversalAfterApproval(t) }

// F4: the terminal died before it printed, and asks for the status when it is up.
func TestF4_StatusOfTheLastTransaction(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	a := r.Purchase(t.Context(), p)
	s := r.Status(t.Context(), &StatusInquiry{Original: p.Identity})
	if s.Code != payment.OK || s.RRN != a.RRN || s.Amount != a.Amount || s.Tracking != a.Tracking {
		t.Errorf("status %+v of %+v", s, a)
	}
	r.wantCode(r.Status(t.Context(), &StatusInquiry{Original: r.purchase().Identity}), payment.NoOriginal)
}

// F6: the terminal reverses after its day was settled: 77 to a request; an advice
// is accepted and opens a refund claim. No card reversal leaves.
func TestF6_ReversalAfterSettlement(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	day := r.payment(p).BusinessDay
	r.must(r.OpenDay(t.Context(), day.Add(1), ledger.Live))
	r.must(ledger.CloseDay(t.Context(), r.db, ledger.Live, day, r.clock.Now()))
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(p)), payment.DaySettled)
	advice := r.reversalOf(p)
	advice.Advice = true
	for range 2 {
		r.wantCode(r.Reverse(t.Context(), advice), payment.OK)
	}
	r.wantStatus(p, payment.Approved, payment.RefundClaimed)
	r.wantCases(payment.RefundClaimed, 1)
	r.afterWindow()
	if _, n := r.net.counts(); n != 0 {
		t.Errorf("%d reversals sent", n)
	}
	r.holds()
}

// While its day is open, a late reversal is dated by the current day.
func TestLateReversalIsDatedByTheCurrentDay(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	day := r.payment(p).BusinessDay
	r.must(r.OpenDay(t.Context(), day.Add(1), ledger.Live))
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(p)), payment.OK)
	r.forward()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	for d, want := range map[calendar.Date]int{day: 2, day.Add(1): 3} {
		if n := r.count(`SELECT count(*) FROM transfer WHERE business_day = $1`, d.Time()); n != want {
			t.Errorf("%d transfers on %s, want %d", n, d, want)
		}
	}
	r.holds()
}

// An approval that the network dates on a closed day is reversed, with a case.
func TestApprovalForAClosedDayIsACase(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.must(r.OpenDay(t.Context(), p.LocalDate, ledger.Live))
	r.must(ledger.CloseDay(t.Context(), r.db, ledger.Live, p.LocalDate, r.clock.Now()))
	r.wantCode(r.Purchase(t.Context(), p), payment.OutcomeUnknown)
	r.wantStatus(p, payment.Reversing, payment.DayClosed)
	r.wantCases(payment.DayClosed, 1)
	r.forward()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

func (r *rig) wantCases(why payment.Reason, want int) {
	r.t.Helper()
	if n := r.count(`SELECT count(*) FROM payment_case WHERE reason = $1`, string(why)); n != want {
		r.t.Errorf("%d cases of %s, want %d", n, why, want)
	}
}

// A reversal that was decided while the payment's day was open is not written
// after the day was closed: it is decided again, on what is now true.
func TestF6_DayClosesUnderTheReversal(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	there := r.payment(p)
	r.must(r.OpenDay(t.Context(), there.BusinessDay.Add(1), ledger.Live))
	r.must(ledger.CloseDay(t.Context(), r.db, ledger.Live, there.BusinessDay, r.clock.Now()))
	v, err := r.applier.Apply(t.Context(), there, payment.ReversalAsked{Says: payment.Content{Amount: p.Amount}, Today: r.Today(ledger.Live)}, r.clock.Now())
	r.must(err)
	if v.Reply != payment.DaySettled {
		t.Errorf("answered %s", v.Reply)
	}
	r.wantStatus(p, payment.Approved, payment.ByNetwork)
	r.holds()
}

// A plan that the table of states does not know never reaches the database.
func TestPlanOutsideTheTableIsRejected(t *testing.T) {
	r := newRig(t)
	there := r.intentOnly(r.purchase())
	plan, err := payment.Decide(there, approvalOf(there))
	r.must(err)
	plan.Record.Was = payment.Reversed
	outcome, err := r.Recorder.Record(t.Context(), recorder.NewEntry(plan, r.clock.Now()))
	if err != nil || outcome != recorder.Rejected {
		t.Errorf("outcome %d, %v", outcome, err)
	}
}

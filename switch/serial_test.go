package switching

import (
	"context"
	"strings"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// useUp takes every serial number of today that is left.
func (r *rig) useUp() {
	r.t.Helper()
	r.exec(`INSERT INTO number_block (day, first, size, agency, node, taken_at)
		SELECT $1::date, next, 100000000 - next, 106, 'other', now()
		  FROM (SELECT coalesce(max(first + size), 1) AS next FROM number_block WHERE day = $1::date) AS left_over`,
		calendar.DateOf(r.clock.Now()).Time())
}

// G19: the serial numbers of the day are used up. New payments are refused; what is under way is reversed as ever, and a reversal before
// its original leaves its tombstone.
func TestG19_SerialsOfTheDayUsedUp(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	r.useUp()
	r.restart() // a node that has no numbers left of those that it took
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.Inoperative)
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(p)), payment.OK)
	r.wantStatus(p, payment.Reversing, payment.ByTerminal)
	unknown := r.purchase()
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(unknown)), payment.OK)
	there := r.wantStatus(unknown, payment.Declined, payment.ReversedFirst)
	unknown.Repeat = true
	r.wantCode(r.Purchase(t.Context(), unknown), payment.InvalidRequest)
	r.forward()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.holds()
	found, err := payment.LoadByTracking(t.Context(), r.db, string(there.Tracking()), r.clock.Now())
	if err != nil || found.Key != there.Key {
		t.Errorf("the tombstone's tracking code %s: %v", there.Tracking(), err)
	}
	if r.seen.shed[len(r.seen.shed)-1] != ShedSerials {
		t.Errorf("turned away for %v", r.seen.shed)
	}
}

// The last numbers of a day are given out, however many are asked for at once.
func TestTheLastSerialsAreGivenOut(t *testing.T) {
	r := newRig(t)
	day, now := calendar.DateOf(r.clock.Now()), r.clock.Now()
	r.exec(`INSERT INTO number_block (day, first, size, agency, node, taken_at) VALUES ($1::date, 1, 99999996, 106, 'other', now())`, day.Time())
	n := payment.NewNumbers(r.db, "node")
	for _, want := range []int32{99_999_997, 99_999_998, 99_999_999} {
		if got, err := n.Next(t.Context(), 101, day, now); err != nil || got != want {
			t.Fatalf("serial %d, %v, want %d", got, err, want)
		}
	}
	if _, err := n.Next(t.Context(), 101, day, now); !fault.Is(err, fault.Unavailable) {
		t.Errorf("one more than there are: %v", err)
	}
}

// Two reversals of one agency that are queued in the same second have different trace numbers, also where their payments have the same
// number on different days.
func TestReversalsOfASecondHaveDifferentTraceNumbers(t *testing.T) {
	r := newRig(t)
	first, second := r.reversing(), r.purchase()
	r.exec(`UPDATE saf SET transmission = $1`, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	r.wantCode(r.Purchase(t.Context(), second), payment.OK)
	there := r.payment(second)
	one, two := r.queuedStan(first), 0
	plan, err := payment.Decide(there, payment.ReversalAsked{Says: payment.Content{Amount: there.Amount}, Today: there.BusinessDay})
	r.must(err)
	e := recorder.NewEntry(plan, time.Date(2026, 1, 1, 0, 0, 0, 999_999_000, time.UTC))
	e.STAN = one
	outcome, err := r.Switch.Recorder.Record(t.Context(), e)
	if err != nil || outcome != recorder.Written {
		t.Fatalf("outcome %d, %v", outcome, err)
	}
	if two = r.queuedStan(second); two == one {
		t.Errorf("both have %06d", one)
	}
	r.forward()
	r.wantStatus(second, payment.Reversed, payment.ReversalAccepted)
	r.holds()
}

// Two nodes queue reversals of one agency in the same second and look for a free number at the same moment: the one that comes second
// waits for the first and takes the next.
func TestReversalsOfTwoNodesHaveDifferentTraceNumbers(t *testing.T) {
	r := newRig(t)
	first, second := r.reversing(), r.purchase()
	r.wantCode(r.Purchase(t.Context(), second), payment.OK)
	there, at := r.payment(second), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	plan, err := payment.Decide(there, payment.ReversalAsked{Says: payment.Content{Amount: there.Amount}, Today: there.BusinessDay})
	r.must(err)
	tx, err := r.owner.Begin(t.Context())
	r.must(err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	_, err = tx.Exec(t.Context(), `UPDATE saf SET transmission = $1, stan = 4711 WHERE payment = $2`, at, r.payment(first).ID)
	r.must(err)
	e := recorder.NewEntry(plan, at)
	e.STAN = 4711
	done := make(chan recorder.Outcome, 1)
	go func() { outcome, _ := r.Switch.Recorder.Record(t.Context(), e); done <- outcome }()
	r.eventually(func() bool {
		return r.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) > 0
	})
	r.must(tx.Commit(t.Context()))
	if outcome := <-done; outcome != recorder.Written {
		t.Fatalf("outcome %d", outcome)
	}
	if one, two := r.queuedStan(first), r.queuedStan(second); one != 4711 || two != 4712 {
		t.Errorf("trace numbers %d and %d", one, two)
	}
}

func (r *rig) queuedStan(p *Purchase) int {
	r.t.Helper()
	there := r.payment(p)
	return r.count(`SELECT stan FROM saf WHERE agency = $1 AND payment = $2`, there.Agency, there.ID)
}

// Two tombstones may have one number. A person who asks for it is told so, and not shown one of them.
func TestANumberOfTwoTombstones(t *testing.T) {
	r := newRig(t)
	first, second := r.purchase(), r.purchase()
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(first)), payment.OK)
	code := string(r.payment(first).Tracking())
	if p, err := payment.LoadByTracking(t.Context(), r.db, code, r.clock.Now()); err != nil || p.ID != r.payment(first).ID {
		t.Fatalf("one: %v", err)
	}
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(second)), payment.OK)
	r.exec(`ALTER TABLE payment DISABLE TRIGGER USER`)
	r.exec(`UPDATE payment SET rrn = $1 WHERE id = $2`, int64(r.payment(first).RRN), r.payment(second).ID)
	_, err := payment.LoadByTracking(t.Context(), r.db, code, r.clock.Now())
	wantKind(t, "a number of two", err, fault.Conflict)
	for _, p := range []*Purchase{first, second} {
		if name := "agency 101, terminal " + p.Terminal + ", STAN " + p.STAN; !strings.Contains(err.Error(), name) {
			t.Errorf("%q is not in %v", name, err)
		}
	}
}

// However many numbers were taken, it is one look to see how many.
func TestSerialsTakenAreWatched(t *testing.T) {
	r := newRig(t)
	r.must(r.watchSerials(t.Context()))
	if r.seen.serials != 0 {
		t.Errorf("%d taken before the first", r.seen.serials)
	}
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
	r.must(r.watchSerials(t.Context()))
	if block := r.count(`SELECT size FROM number_block`); r.seen.serials != block {
		t.Errorf("%d taken, want %d", r.seen.serials, block)
	}
	r.useUp()
	r.must(r.watchSerials(t.Context()))
	if r.seen.serials != payment.SerialsPerDay-1 {
		t.Errorf("%d taken of %d", r.seen.serials, payment.SerialsPerDay-1)
	}
}

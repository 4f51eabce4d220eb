package switching

import (
	"context"
	"testing"

	"treasury-switch/switch/payment"
)

// holding has another connection keep what a statement locks, until release.
func (r *rig) holding(sql string, p payment.Payment) (release func()) {
	r.t.Helper()
	tx, err := r.owner.Begin(r.t.Context())
	r.must(err)
	held, err := tx.Exec(r.t.Context(), sql, p.Agency, p.OpenedOn.Time(), p.ID)
	r.must(err)
	if held.RowsAffected() != 1 {
		r.t.Fatalf("%d rows are locked", held.RowsAffected())
	}
	return func() { r.t.Helper(); r.must(tx.Rollback(context.WithoutCancel(r.t.Context()))) }
}

// What somebody holds whose own record of a payment, or whose reversal of it, is not committed: PostgreSQL has all others wait for it.
const (
	holdRecord = `INSERT INTO event (agency, opened_on, payment, version, plan_id, at, was, status, reason, actor, network, told, approval)
		VALUES ($1, $2, $3, 1, 1, now(), 'PENDING', 'REVERSING', 'interrupted', '', '', '', '')`
	holdReversal = `INSERT INTO saf (agency, opened_on, payment, book, stan, transmission, amount, tries, rejects, next_at, queued_at)
		SELECT agency, opened_on, id, book, 1, now(), amount, 0, 0, now(), now() FROM payment WHERE agency = $1 AND opened_on = $2 AND id = $3`
)

// C12: another connection keeps a lock that the end of one payment has to wait for. Whoever ends payments passes it over and tells operators;
// the others are ended meanwhile, and it is ended once nobody holds the lock.
func TestC12_ARowIsLocked(t *testing.T) {
	sweep := func(r *rig, _ []payment.Payment) error { return r.SweepOnce(r.t.Context(), 0) }
	list := func(r *rig, open []payment.Payment) error {
		for _, p := range open {
			r.left(p)
		}
		if r.endOpen(r.t.Context()) == nil {
			r.t.Error("nobody hears of it")
		}
		return nil
	}
	start := func(r *rig, _ []payment.Payment) error {
		r.Recover(r.t.Context())
		return r.searchEnded(r.t.Context())
	}
	for what, c := range map[string]struct {
		lock string
		end  func(*rig, []payment.Payment) error
	}{
		"its record, a sweep": {holdRecord, sweep}, "its reversal, a sweep": {holdReversal, sweep},
		"its record, of those left": {holdRecord, list}, "its record, a start": {holdRecord, start},
	} {
		t.Run(what, func(t *testing.T) {
			r := newRig(t)
			r.clock.Advance(-testTimers.Switch - testTimers.Grace)
			locked, one, another := r.purchase(), r.purchase(), r.purchase()
			open := []payment.Payment{r.intentOnly(one), r.intentOnly(locked), r.intentOnly(another)}
			r.clock.Advance(testTimers.Switch + testTimers.Grace)
			release := r.holding(c.lock, open[1])
			r.must(c.end(r, open))
			for _, p := range []*Purchase{one, another} {
				r.eventually(func() bool { return r.payment(p).Status == payment.Reversing })
			}
			r.wantStatus(locked, payment.Pending, "")
			if r.seen.alarmed(payment.NotEnded) == 0 {
				t.Error("operators are not told")
			}
			if n := r.count(`SELECT count(*) FROM open_payment WHERE payment = $1`, open[1].ID); n != 1 {
				t.Error("it is not left to be tried again")
			}
			release()
			r.clock.Advance(leftPause)
			r.must(r.quickSweep(t.Context()))
			r.wantStatus(locked, payment.Reversing, payment.Interrupted)
			if n := r.count(`SELECT count(*) FROM open_payment`); n != 0 {
				t.Errorf("%d payments are open still", n)
			}
			r.holds()
		})
	}
}

// left writes a payment down as open and due.
func (r *rig) left(p payment.Payment) {
	r.t.Helper()
	r.exec(`INSERT INTO open_payment (agency, opened_on, payment, due_at) VALUES ($1, $2, $3, $4)`, p.Agency, p.OpenedOn.Time(), p.ID, r.clock.Now())
}

// C12: somebody reads one payment FOR UPDATE, and its row in the list of those that are left. All of them are ended, and those that nobody holds
// are struck out at once.
func TestC12_ARowOfTheListIsLocked(t *testing.T) {
	r := newRig(t)
	r.clock.Advance(-testTimers.Switch - testTimers.Grace)
	locked, other := r.purchase(), r.purchase()
	open := []payment.Payment{r.intentOnly(locked), r.intentOnly(other)}
	r.clock.Advance(testTimers.Switch + testTimers.Grace)
	for _, p := range open {
		r.left(p)
	}
	row := r.holding(`SELECT FROM payment WHERE agency = $1 AND opened_on = $2 AND id = $3 FOR UPDATE`, open[0])
	listed := r.holding(`SELECT FROM open_payment WHERE agency = $1 AND opened_on = $2 AND payment = $3 FOR UPDATE`, open[0])
	if err := r.endOpen(t.Context()); err != nil {
		t.Errorf("a round: %v", err)
	}
	for _, p := range []*Purchase{locked, other} {
		r.wantStatus(p, payment.Reversing, payment.Interrupted)
	}
	if n := r.count(`SELECT count(*) FROM open_payment WHERE payment <> $1`, open[0].ID); n != 0 {
		t.Error("the other one is not struck out")
	}
	row()
	listed()
	r.must(r.endOpen(t.Context()))
	if n := r.count(`SELECT count(*) FROM open_payment`); n != 0 {
		t.Errorf("%d payments are open still", n)
	}
	r.holds()
}

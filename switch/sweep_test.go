package switching

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/postgres"
	"treasury-switch/switch/payment"
)

// refusing makes the database refuse every record of a payment, as a constraint does.
func (r *rig) refusing(p payment.Payment) (allow func()) {
	r.t.Helper()
	r.exec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF NEW.payment = '` + fmt.Sprintf("%x", p.ID) + `'::uuid THEN RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation'; END IF;
		RETURN NEW; END $$`)
	r.exec(`CREATE TRIGGER refuse BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION refuse()`)
	return func() { r.exec(`DROP TRIGGER refuse ON event`) }
}

func (r *rig) mark() (until time.Time) {
	r.t.Helper()
	r.must(r.owner.QueryRow(r.t.Context(), `SELECT swept_until FROM sweep_mark WHERE id = 1`).Scan(&until))
	return until
}

// I4: a node's clock was wrong for a moment and the mark of the searches went ahead. It is not believed, and goes back to where the
// database's clock is.
func TestI4_AMarkAheadOfNowIsNotBelieved(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"two days": 48 * time.Hour, "a year": 365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.clock.Advance(-time.Minute)
			p := r.purchase()
			r.intentOnly(p)
			for id := range 3 {
				r.exec(`INSERT INTO sweep_mark VALUES ($1, $2)`, id+1, time.Now().Add(ahead))
			}
			r.clock.Advance(time.Minute)
			r.must(r.SweepOnce(t.Context(), 0))
			r.wantStatus(p, payment.Reversing, payment.Interrupted)
			if m := r.mark(); m.After(time.Now()) {
				t.Errorf("the mark is at %v", m)
			}
			r.must(r.searchAgain(t.Context()))
			if n := r.count(`SELECT count(*) FROM sweep_mark WHERE swept_until > now()`); n != 0 {
				t.Errorf("%d marks are ahead", n)
			}
		})
	}
}

// I4: a node whose clock is ahead moves no mark ahead of the database's clock.
func TestI4_AClockAheadMovesNoMarkAhead(t *testing.T) {
	r := newRig(t)
	r.clock.Advance(48 * time.Hour)
	r.must(r.SweepOnce(t.Context(), 0))
	r.must(r.searchEnded(t.Context()))
	if m := r.mark(); m.After(time.Now()) {
		t.Errorf("the mark is at %v", m)
	}
}

// C12: one payment without an outcome cannot be given one. The others are, the node starts, operators are told, and it is tried again
// until it can.
func TestC12_OnePaymentCannotBeEnded(t *testing.T) {
	r := newRig(t)
	r.clock.Advance(-time.Minute)
	stuck := r.purchase()
	allow := r.refusing(r.intentOnly(stuck))
	var others []*Purchase
	for range 3 {
		others = append(others, r.purchase())
		r.intentOnly(others[len(others)-1])
	}
	r.clock.Advance(time.Minute)
	r.Recover(t.Context())
	for _, p := range others {
		r.wantStatus(p, payment.Reversing, payment.Interrupted)
	}
	if got := r.payment(stuck).Status; got != payment.Pending || r.seen.alarms[payment.NotEnded] == 0 {
		t.Errorf("it is %s, alarms %v", got, r.seen.alarms)
	}
	r.must(r.SweepOnce(t.Context(), time.Hour)) // It is not found again and again.
	r.clock.Advance(leftPause)
	if err := r.quickSweep(t.Context()); err == nil || r.seen.alarms[payment.NotEnded] < 2 {
		t.Errorf("it was not tried again: %v, alarms %v", err, r.seen.alarms)
	}
	if n := r.count(`SELECT count(*) FROM open_payment WHERE due_at > $1`, r.clock.Now()); n != 1 {
		t.Error("it is in the way of others that are due")
	}
	allow()
	r.clock.Advance(leftPause)
	r.must(r.quickSweep(t.Context()))
	r.wantStatus(stuck, payment.Reversing, payment.Interrupted)
	if n := r.count(`SELECT count(*) FROM open_payment`); n != 0 {
		t.Errorf("%d payments are open still", n)
	}
	r.holds()
}

// C11: a node stops in order while the outcome of a payment cannot be recorded. It hands the payment over, so another one ends it as soon as it
// is due, however far the others have searched.
func TestC13_StopsInOrderWithAPaymentOpen(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.endSoon()
	r.cfg.Timers.Switch = 300 * time.Millisecond
	p := r.purchase()
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		proxy.SetDown(true) // The answer cannot be recorded.
		return r.net.approve(ctx, d)
	})
	if a := r.Purchase(t.Context(), p); a.Code == payment.OK {
		t.Fatal("told approved")
	}
	stopping, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_ = r.Drain(stopping)
	r.stop()
	<-r.stopped
	proxy.SetDown(false)
	r.exec(`UPDATE lane SET incarnation = NULL, abandoned_at = NULL`) // as if they had been given back
	other, stop, stopped := r.node("node-2")
	defer func() { stop(); <-stopped }()
	r.must(other.quickSweep(t.Context()))
	if got := r.payment(p).Status; got != payment.Pending {
		t.Fatalf("it is %s before it is due", got)
	}
	r.exec(`INSERT INTO sweep_mark VALUES (1, now()), (2, now()), (3, now()) ON CONFLICT (id) DO UPDATE SET swept_until = now()`)
	r.clock.Advance(testTimers.Switch + testTimers.Grace + time.Second)
	r.must(other.quickSweep(t.Context()))
	r.wantStatus(p, payment.Reversing, payment.Interrupted)
	r.Switch = other
	r.afterWindow()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	if n := r.count(`SELECT count(*) FROM open_payment`); n != 0 {
		t.Errorf("%d payments are open still", n)
	}
	r.holds()
}

// What a crash left is recorded in groups, and not one COMMIT each, so that a start does not take long.
func TestPaymentsInDoubtAreEndedInGroups(t *testing.T) {
	r := newRig(t)
	r.clock.Advance(-time.Minute)
	const n = 300
	var all sync.WaitGroup
	for range n {
		p := r.purchase()
		all.Go(func() { r.intentOnly(p) })
	}
	all.Wait()
	r.clock.Advance(time.Minute)
	before := len(r.seen.groups)
	r.must(r.SweepOnce(t.Context(), 0))
	if left := r.count(`SELECT count(*) FROM event WHERE reason = 'interrupted'`); left != n {
		t.Errorf("%d of %d reversed", left, n)
	}
	written := 0
	for _, g := range r.seen.groups[before:] {
		if g.Size > 0 {
			written++
		}
	}
	if written > n/10 {
		t.Errorf("%d groups for %d payments", written, n)
	}
	if told := r.seen.swept[len(r.seen.swept)-1]; told != n {
		t.Errorf("%d were told of", told)
	}
	r.holds()
}

// laggard is a database in which the search through what is an hour old never comes to an end.
type laggard struct {
	postgres.Querier
	searching chan struct{}
}

func (l *laggard) Query(ctx context.Context, sql string, parameters ...any) (pgx.Rows, error) {
	if strings.Contains(sql, "payments_without_outcome") && parameters[1].(time.Time).Before(time.Now().Add(-30*time.Minute)) {
		close(l.searching)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return l.Querier.Query(ctx, sql, parameters...)
}

// However long a search through the past takes, the sweep of every few seconds goes on.
func TestASearchOfThePastDelaysNoSweep(t *testing.T) {
	r := newRig(t)
	r.must(r.SweepOnce(t.Context(), 0))
	l := &laggard{Querier: r.db, searching: make(chan struct{})}
	r.Store = NewStore(l)
	r.cfg.Sweep.Every, r.cfg.Sweep.Again = 10*time.Millisecond, time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	r.cfg.Sweep.Again = time.Minute // looked for every second
	go func() { r.Sweep(ctx); close(done) }()
	<-l.searching
	told := func() int { r.seen.mu.Lock(); defer r.seen.mu.Unlock(); return len(r.seen.swept) }
	before := told()
	r.eventually(func() bool { return told() > before+3 })
	cancel()
	<-done
}

// A search reads the payments of its stretch, and where the history begins is found without reading it.
func TestSearchesReadTheirStretch(t *testing.T) {
	t.Parallel()
	runtime, _ := shortPast.lived(t)
	from := shortPast.day.Begins().Add(6 * time.Hour)
	wantReads(t, runtime, 2_000, selectWithoutOutcome, from, from.Add(time.Hour), sweepBatch)
	wantReads(t, runtime, 0, `SELECT FROM sweep_mark WHERE swept_until < now()`)
	scanned, _ := reads(t, runtime, `SELECT history_begins()`)
	if scanned > 1 {
		t.Errorf("it reads %d payments to find where the history begins", scanned)
	}
	begins, err := NewStore(runtime).swept(t.Context(), dayAfter)
	if err != nil || begins.After(shortPast.day.Add(-1).Begins()) || begins.Before(shortPast.day.Add(-300).Begins()) {
		t.Errorf("the history begins %v, %v", begins, err)
	}
}

// A connection that has searched a month while it was empty, and known to be, reads it by its indexes when it has filled up since.
func TestASearchBelievesNothingOfAnEmptyMonth(t *testing.T) {
	r := newRig(t)
	r.exec(`ANALYZE payment, event, open_payment`)
	conn, err := r.db.Acquire(t.Context())
	r.must(err)
	defer conn.Release()
	now := r.clock.Now()
	for range 10 { // more often than PostgreSQL plans a statement anew
		_, err := NewStore(conn).withoutOutcome(t.Context(), now.Add(-time.Hour), now.Add(time.Hour))
		r.must(err)
	}
	const n = 2_000
	r.inDoubt(n)
	r.must(r.Store.summarise(t.Context()))
	wantReads(t, conn, 2*n, selectWithoutOutcome, now.Add(-time.Hour), now.Add(time.Hour), sweepBatch)
	found, err := NewStore(conn).withoutOutcome(t.Context(), now.Add(-time.Hour), now.Add(time.Hour))
	if err != nil || len(found) != n {
		t.Errorf("%d payments found, %v", len(found), err)
	}
}

// lockedTables is a store whose tables somebody locks, so that no partition can be made.
type lockedTables struct{ Store }

func (lockedTables) makePartitions(context.Context, time.Time) error { return errNoAnswer }

// C12: partitions of months that are far off cannot be made while somebody locks the table. That keeps no node from starting, as long as the
// next days have theirs.
func TestC12_PartitionsThatCanWait(t *testing.T) {
	r := newRig(t)
	r.Store = lockedTables{r.Store}
	r.must(r.Prepare(t.Context()))
	next := r.clock.Now().AddDate(0, 0, partitionsAhead)
	r.exec(`DROP TABLE ` + next.Format("event_y2006m01"))
	if err := r.Prepare(t.Context()); err == nil {
		t.Error("the next days have no partition")
	}
	r.Store = r.Store.(lockedTables).Store
	r.must(r.Prepare(t.Context()))
	if there, err := r.Store.partitioned(t.Context(), r.clock.Now(), next); err != nil || !there {
		t.Errorf("the partition was not made: %v", err)
	}
}

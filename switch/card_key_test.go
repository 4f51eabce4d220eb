package switching

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
	"treasury-switch/switch/cases"
	"treasury-switch/switch/payment"
)

// longAgo sets the clock back, so that what happens now is of a day that is past by the database's clock. It returns that day.
func (r *rig) longAgo() calendar.Date {
	r.clock.Advance(-10 * 24 * time.Hour)
	return calendar.DateOf(r.clock.Now())
}

// wantKey goes through the old keys and holds whether the card number of a payment can be read after that.
func (r *rig) wantKey(p *Purchase, alive bool) {
	r.t.Helper()
	there := r.payment(p)
	r.must(r.DestroyOldKeys(r.t.Context()))
	if _, err := r.cardOf(r.t.Context(), &there); (err == nil) != alive {
		r.t.Fatalf("card number of the payment, which is %s: %v", there.Status, err)
	}
}

func (r *rig) close(day calendar.Date) {
	r.t.Helper()
	r.must(ledger.CloseDay(r.t.Context(), r.db, ledger.Live, day, r.clock.Now()))
}

// The key of a day is destroyed when no payment of that day can need its card
// number any more, and not before.
func TestCardKeysAreDestroyed(t *testing.T) {
	r := newRig(t)
	recent := r.purchase()
	r.wantCode(r.Purchase(t.Context(), recent), payment.OK)
	r.close(calendar.DateOf(r.clock.Now()))
	day := r.longAgo()
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	r.wantKey(p, true) // its business day is open: the terminal may still reverse it
	r.close(day)
	r.wantKey(p, false)
	r.wantKey(recent, true) // its day is not long enough past
	if n := r.count(`SELECT count(*) FROM payment WHERE sealed_pan IS NOT NULL`); n != 2 {
		t.Error("a row was touched")
	}
}

// I4: a node whose clock is ahead, by days or a year, takes the key of no day that is still to come or hardly past.
func TestI4_AClockAheadDestroysNoKey(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"three days": 72 * time.Hour, "a year": 365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			p := r.purchase()
			r.wantCode(r.Purchase(t.Context(), p), payment.OK)
			r.close(calendar.DateOf(r.clock.Now()))
			r.clock.Advance(ahead)
			r.wantKey(p, true)
			today := calendar.DateOf(time.Now())
			if n := r.count(`SELECT count(*) FROM pan_key WHERE wrapped IS NOT NULL AND day IN ($1, $2)`, today.Time(), today.Add(1).Time()); n != 2 {
				t.Errorf("%d of the keys of today and tomorrow live", n)
			}
		})
	}
}

// A payment that is pending, being reversed or a case keeps the key of its day, until it is none of that.
func TestAPaymentInDoubtKeepsItsKey(t *testing.T) {
	for name, c := range map[string]struct {
		begin func(*rig) *Purchase
		end   func(*rig, *Purchase)
	}{
		"pending": {func(r *rig) *Purchase {
			p := r.purchase()
			r.intentOnly(p)
			return p
		}, func(r *rig, _ *Purchase) {
			r.clock.Advance(time.Minute)
			r.must(r.SweepOnce(r.t.Context(), 240*time.Hour))
			r.afterWindow()
			r.afterWindow()
		}},
		"being reversed": {func(r *rig) *Purchase {
			r.net.down.Store(true)
			return r.reversing()
		}, func(r *rig, _ *Purchase) {
			r.net.down.Store(false)
			r.forward()
		}},
		"a case": {func(r *rig) *Purchase {
			p, _ := r.heldCase()
			return p
		}, func(r *rig, p *Purchase) {
			r.propose(r.tracking(p), cases.EndReversed)
			_, err := r.decider().Decide(r.t.Context(), r.by("checker"), r.tracking(p), "")
			r.must(err)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			day := r.longAgo()
			p := c.begin(r)
			r.must(r.OpenDay(t.Context(), day, ledger.Live))
			r.must(r.OpenDay(t.Context(), day.Add(1), ledger.Live))
			r.close(day)
			r.wantKey(p, true)
			c.end(r, p)
			r.wantKey(p, false)
		})
	}
}

// What was gone through and is reversed again after all keeps its key.
func TestAPaymentThatIsReversedAgainKeepsItsKey(t *testing.T) {
	r := newRig(t)
	day := r.longAgo()
	r.unanswered(false)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OutcomeUnknown)
	r.afterWindow()
	r.afterWindow()
	there := r.wantStatus(p, payment.Reversed, payment.NothingToReverse)
	r.clock.Advance(time.Hour)
	r.net.script(r.net.approve)
	last := r.purchase()
	r.wantCode(r.Purchase(t.Context(), last), payment.OK)
	r.wantKey(p, true) // of the last one the business day is open; the first is gone through
	said, err := r.net.approve(t.Context(), Debit{Intent: there.Intent})
	r.must(err)
	r.late(there, said)
	r.wantStatus(p, payment.Reversing, payment.LateApproval)
	r.close(day)
	r.wantKey(p, true)
	r.exec(`UPDATE pan_key_search SET done_until = now()`)
	wantKind(t, "destroy the key of a payment that is being reversed", r.Vault.DestroyDay(t.Context(), there.KeyDay), fault.Conflict)
	r.forward()
	r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	r.wantKey(p, false)
}

// slowKeys is a database in which going through more than a limit takes too long, and through one day nothing works.
type slowKeys struct {
	postgres.Querier
	limit  time.Duration
	broken time.Time
	looks  int
}

func (d *slowKeys) Query(ctx context.Context, sql string, parameters ...any) (pgx.Rows, error) {
	if strings.Contains(sql, "pan_key_needed") {
		d.looks++
		from, to := parameters[1].(time.Time), parameters[2].(time.Time)
		switch {
		case parameters[0].(time.Time).Equal(d.broken):
			return nil, errors.New("broken")
		case to.Sub(from) > d.limit:
			return nil, &pgconn.PgError{Code: postgres.QueryCanceled}
		}
	}
	return d.Querier.Query(ctx, sql, parameters...)
}

// A day of many payments is gone through in stretches that the database has time for, and from where it was left off. What fails on one day
// keeps no other waiting, and operators are told.
func TestCardKeysOfBusyDays(t *testing.T) {
	r := newRig(t)
	var payments []*Purchase
	for range 3 {
		day := r.longAgo()
		p := r.purchase()
		r.wantCode(r.Purchase(t.Context(), p), payment.OK)
		r.close(day)
		payments = append(payments, p)
		r.clock.Advance(11 * 24 * time.Hour)
	}
	broken := r.payment(payments[0]).KeyDay
	db := &slowKeys{Querier: r.db, limit: 20 * time.Minute, broken: broken.Time()}
	r.Store = NewStore(db)
	if err := r.DestroyOldKeys(t.Context()); err == nil || r.seen.alarms[payment.KeyKept] == 0 {
		t.Errorf("one day is broken: %v, alarms %v", err, r.seen.alarms)
	}
	if n := r.count(`SELECT count(*) FROM pan_key WHERE wrapped IS NULL`); n != 2 {
		t.Errorf("%d keys are destroyed, want 2", n)
	}
	if db.looks < 100 {
		t.Errorf("%d looks at two days of which %v can be looked at at once", db.looks, db.limit)
	}
	db.broken, db.looks, db.limit = time.Time{}, 0, 24*time.Hour
	r.exec(`UPDATE pan_key_search SET done_until = done_until + interval '23 hours' WHERE day = $1`, broken.Time())
	r.must(r.DestroyOldKeys(t.Context()))
	if n := r.count(`SELECT count(*) FROM pan_key WHERE wrapped IS NULL`); n != 3 || db.looks > 10 {
		t.Errorf("%d keys are destroyed after %d more looks", n, db.looks)
	}
}

// Two nodes that go through the same day do not do it twice.
func TestOneNodeGoesThroughADay(t *testing.T) {
	r := newRig(t)
	store, day := NewStore(r.db), calendar.DateOf(time.Now()).Add(-10)
	from, err := store.keySearched(t.Context(), day)
	r.must(err)
	if !from.Equal(day.Begins()) {
		t.Errorf("it begins at %v", from)
	}
	r.must(store.keyMark(t.Context(), day, from, from.Add(time.Hour)))
	if err := store.keyMark(t.Context(), day, from, from.Add(time.Minute)); !errors.Is(err, errElsewhere) {
		t.Errorf("the mark was moved back: %v", err)
	}
	if until, err := store.keySearched(t.Context(), day); err != nil || !until.Equal(from.Add(time.Hour)) {
		t.Errorf("the mark is at %v, %v", until, err)
	}
}

// Going through a day reads the payments of a stretch, and asking for what is awaited reads what is open.
func TestCardKeySearchReadsItsStretch(t *testing.T) {
	t.Parallel()
	runtime, _ := shortPast.lived(t)
	from := shortPast.day.Begins().Add(6 * time.Hour)
	if err := NewStore(runtime).needsKey(t.Context(), shortPast.day, from, from.Add(time.Hour)); err != nil {
		t.Errorf("a day whose payments are at rest: %v", err)
	}
	before := from.AddDate(0, 0, -1)
	if err := NewStore(runtime).needsKey(t.Context(), shortPast.day.Add(-1), before, before.Add(2*time.Hour)); !errors.Is(err, errKeyNeeded) {
		t.Errorf("a stretch with a case: %v", err)
	}
	if awaited, err := NewStore(runtime).keyAwaited(t.Context(), shortPast.day.Add(-1)); err != nil || !awaited {
		t.Errorf("the day of the open cases: %v, %v", awaited, err)
	}
	wantReads(t, runtime, 3_000, `SELECT pan_key_needed($1, $2, $3)`, shortPast.day.Time(), from, from.Add(time.Hour))
	wantReads(t, runtime, 3*shortPast.open, `SELECT pan_key_awaited($1)`, shortPast.day.Time())
}

package switching

import (
	"context"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/registry"
	"treasury-switch/switch/payment"
)

// farDays are days that a broken clock or a mistyped date of the network makes of today.
var farDays = map[string]int{"half a year ahead": 180, "four weeks back": -28, "six days ahead": 6, "six days back": -6}

// wantDays holds that no other business days are there than one, and that it is the current one for a node that has just looked.
func (r *rig) wantDays(day calendar.Date) {
	r.t.Helper()
	r.must(r.days.Refresh(r.t.Context()))
	if n := r.count(`SELECT count(*) FROM business_day`); n != 1 || r.Today(ledger.Live) != day {
		r.t.Errorf("%d business days, %s is current, want %s", n, r.Today(ledger.Live), day)
	}
}

// D20: the network approves for a business day that is far from Tehran's date. It is reversed with a case, the day is evidence, and neither
// it nor the current day of any node moves.
func TestD20_ADayThatIsNotBelieved(t *testing.T) {
	for name, away := range farDays {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			good := r.purchase()
			r.wantCode(r.Purchase(t.Context(), good), payment.OK)
			day := r.payment(good).BusinessDay
			r.answers(func(a *payment.Answered) { a.Day = a.Day.Add(away) })
			p := r.purchase()
			a := r.Purchase(t.Context(), p)
			r.wantCode(a, payment.OutcomeUnknown)
			there := r.wantStatus(p, payment.Reversing, payment.DayNotBelieved)
			if a.BusinessDay != day || there.Held != p.Amount {
				t.Errorf("the answer is dated %s; held %d", a.BusinessDay, there.Held)
			}
			r.wantCases(payment.DayNotBelieved, 1)
			r.wantDays(day)
			history, err := payment.History(t.Context(), r.db, there.Key)
			if err != nil || history[0].BusinessDay != day.Add(away) {
				t.Errorf("the record does not keep the day: %v, %v", history, err)
			}
			claims, err := ledger.Claims(t.Context(), r.db, ledger.Live, 10)
			if err != nil || len(claims) != 1 || claims[0].Day != day.Add(away) || claims[0].Source != ledger.ByAnswer {
				t.Errorf("claims %+v, %v", claims, err)
			}
			if r.seen.alarmed(payment.DayNotBelieved) != 1 {
				t.Errorf("%d alarms", r.seen.alarmed(payment.DayNotBelieved))
			}
			r.forward()
			r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
			r.wantDays(day)
			r.net.script(r.net.approve)
			r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
			r.holds()
		})
	}
}

// D20: what declines is declined, whatever day it names; that day dates nothing.
func TestD20_ADeclineOfADayThatIsNotBelieved(t *testing.T) {
	r := newRig(t)
	day := calendar.DateOf(r.clock.Now())
	r.must(r.OpenDay(t.Context(), day, ledger.Live))
	r.net.script(func(context.Context, Debit) (payment.Answered, error) {
		return payment.Answered{Word: payment.SaidDeclined, Code: "51", Day: day.Add(180)}, nil
	})
	p := r.purchase()
	if a := r.Purchase(t.Context(), p); a.Code != "51" || a.BusinessDay != day {
		t.Errorf("answer %s of %s", a.Code, a.BusinessDay)
	}
	r.wantStatus(p, payment.Declined, payment.ByNetwork)
	if r.seen.alarmed(payment.DayNotBelieved) != 1 {
		t.Errorf("%d alarms", r.seen.alarmed(payment.DayNotBelieved))
	}
	r.wantDays(day)
	r.holds()
}

// D20: a reversal's journal is dated by the current day, whatever the answer to the reversal names.
func TestD20_AReversalIsDatedByTheCurrentDay(t *testing.T) {
	for name, away := range farDays {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			p := r.reversing()
			day := r.payment(p).BusinessDay
			r.net.reversing(func(ctx context.Context, x Reversal) (payment.ReversalAnswered, error) {
				said, err := r.net.undo(ctx, x)
				said.Day = day.Add(away)
				return said, err
			})
			r.forward()
			there := r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
			if n := r.count(`SELECT count(*) FROM transfer WHERE journal = $1 AND business_day <> $2`, there.ID, day.Time()); n != 0 {
				t.Errorf("%d transfers of another day", n)
			}
			r.wantDays(day)
			r.holds()
		})
	}
}

// D20: the answer to a reversal may be the first message of the next business day.
func TestD20_AReversalOpensTheNextDay(t *testing.T) {
	r := newRig(t)
	p := r.reversing()
	next := r.payment(p).BusinessDay.Add(1)
	r.net.reversing(func(ctx context.Context, x Reversal) (payment.ReversalAnswered, error) {
		said, err := r.net.undo(ctx, x)
		said.Day = next
		return said, err
	})
	r.forward()
	there := r.wantStatus(p, payment.Reversed, payment.ReversalAccepted)
	if n := r.count(`SELECT count(*) FROM transfer WHERE journal = $1 AND business_day = $2`, there.ID, next.Time()); n == 0 {
		t.Error("the reversal is not dated by the day that the network names")
	}
	if r.Today(ledger.Live) != next {
		t.Errorf("%s is current", r.Today(ledger.Live))
	}
	r.holds()
}

// D21: a cut-over to a day that is far from Tehran's date opens nothing, on no node, and lets nobody close today.
func TestD21_ACutOverThatIsNotBelieved(t *testing.T) {
	for name, away := range farDays {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			day := calendar.DateOf(r.clock.Now())
			r.must(r.OpenDay(t.Context(), day, ledger.Live))
			wantKind(t, "cut-over", r.OpenDay(t.Context(), day.Add(away), ledger.Live), fault.Conflict)
			if r.seen.alarmed(payment.DayNotBelieved) != 1 {
				t.Errorf("%d alarms", r.seen.alarmed(payment.DayNotBelieved))
			}
			r.wantDays(day)
			claims, err := ledger.Claims(t.Context(), r.db, ledger.Live, 10)
			if err != nil || len(claims) != 1 || claims[0].Day != day.Add(away) || claims[0].Source != ledger.ByCutOver {
				t.Errorf("claims %+v, %v", claims, err)
			}
		})
	}
}

// D21: after an outage the day jumps forward as far as Tehran's date has gone on, and a few days more.
func TestD21_TheDayJumpsForwardAfterAnOutage(t *testing.T) {
	r := newRig(t)
	long := r.longAgo()
	r.must(r.OpenDay(t.Context(), long, ledger.Live))
	r.clock.Advance(10 * 24 * time.Hour)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	now := calendar.DateOf(r.clock.Now())
	if r.Today(ledger.Live) != now {
		t.Errorf("%s is current", r.Today(ledger.Live))
	}
	r.must(r.OpenDay(t.Context(), now.Add(ledger.DefaultReach), ledger.Live))
	if r.Today(ledger.Live) != now.Add(ledger.DefaultReach) {
		t.Errorf("%s is current", r.Today(ledger.Live))
	}
	r.holds()
}

// D21: a far day that is open all the same, from a time when it was believed, is current for nobody.
func TestD21_AFarDayThatIsOpenIsNotCurrent(t *testing.T) {
	r := newRig(t)
	day := calendar.DateOf(r.clock.Now())
	r.must(r.OpenDay(t.Context(), day, ledger.Live))
	r.must(ledger.OpenDay(t.Context(), r.owner, ledger.Live, day.Add(180), ledger.ByAnswer, r.clock.Now()))
	r.must(r.days.Refresh(t.Context()))
	if got := r.Today(ledger.Live); got != day {
		t.Errorf("%s is current", got)
	}
	if got, err := ledger.CurrentDay(t.Context(), r.db, ledger.Live, ledger.DefaultReach); err != nil || got != day {
		t.Errorf("%s is current, %v", got, err)
	}
}

// D21: two persons approve a far day that the network has named. It is believed from then on, and open once the network names it again.
func TestD21_TwoPersonsApproveAFarDay(t *testing.T) {
	r := newRig(t)
	near := calendar.DateOf(r.clock.Now())
	day := near.Add(180)
	r.must(r.OpenDay(t.Context(), near, ledger.Live))
	_, err := registry.ProposeDay(t.Context(), r.db, r.by("maker"), ledger.Live, day)
	wantKind(t, "a day that nobody has named", err, fault.Conflict)
	wantKind(t, "a cut-over to it", r.OpenDay(t.Context(), day, ledger.Live), fault.Conflict)
	asked, err := registry.ProposeDay(t.Context(), r.db, r.by("maker"), ledger.Live, day)
	r.must(err)
	_, err = registry.Approve(t.Context(), r.db, r.by("maker"), asked.ID)
	wantKind(t, "one person", err, fault.Denied)
	_, err = registry.Approve(t.Context(), r.db, r.by("checker"), asked.ID)
	r.must(err)
	r.must(r.days.Refresh(t.Context()))
	if got := r.Today(ledger.Live); got != near {
		t.Errorf("%s is current before the network names it again", got)
	}
	wantKind(t, "close a day that is not open", ledger.CloseDay(t.Context(), r.db, ledger.Live, day, r.clock.Now()), fault.NotFound)
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
	r.answers(func(a *payment.Answered) { a.Day = day })
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	if got := r.wantStatus(p, payment.Approved, payment.ByNetwork).BusinessDay; got != day {
		t.Errorf("posted on %s", got)
	}
	r.must(r.days.Refresh(t.Context()))
	if got := r.Today(ledger.Live); got != day {
		t.Errorf("%s is current after the network has named it", got)
	}
	_, err = registry.ProposeDay(t.Context(), r.db, r.by("maker"), ledger.Live, day)
	wantKind(t, "open it again", err, fault.Conflict)
	for _, sql := range []string{
		`INSERT INTO business_day (book, day, state, source, opened_at) VALUES (1, '2030-01-01', 'open', 'operators', now())`,
		`INSERT INTO business_day (book, day, state, source, opened_at, approval) VALUES (1, '2030-01-01', 'open', 'answer', now(), 'A-1')`,
		`INSERT INTO business_day (book, day, state, source, opened_at, approval) VALUES (1, '2030-01-01', 'open', 'operators', now(), 'A-2')`,
		`INSERT INTO business_day (book, day, state, source, opened_at) VALUES (1, '2030-01-01', 'awaited', 'answer', now())`,
		`UPDATE business_day SET approval = NULL`,
		`DELETE FROM business_day_claim`,
	} {
		if _, err := r.db.Exec(t.Context(), sql); err == nil {
			t.Errorf("the program may %s", sql)
		}
	}
	r.holds()
}

// A day is believed up to the reach, and not one more.
func TestBelievableDays(t *testing.T) {
	for away, want := range map[int]bool{-6: false, -5: true, 0: true, 5: true, 6: false, 180: false} {
		if got := ledger.Believable(testDay.Add(away), testDay, 5); got != want {
			t.Errorf("%d days away: %v", away, got)
		}
	}
}

package switching

import (
	"fmt"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/pgproxy"
	"treasury-switch/switch/payment"
)

// halfYearOff is a request of a terminal whose clock is half a year off, received on the last day on which its date is completed with one
// year; after so many days it is the next one.
func (r *rig) halfYearOff() *Purchase {
	r.t.Helper()
	p, now := r.purchase(), calendar.DateOf(r.clock.Now())
	for away := -184; away <= -180; away++ {
		p.LocalDate = now.Add(away)
		if _, soon := calendar.OtherYear(r.asReceived(p, 1), now.Add(1), 1); soon && r.asReceived(p, 0) == p.LocalDate {
			return p
		}
	}
	r.t.Fatal("no date flips tonight")
	return nil
}

// asReceived is the date of a request with the year that the terminal's channel gives it if it comes so many days later.
func (r *rig) asReceived(p *Purchase, later int) calendar.Date {
	r.t.Helper()
	_, month, day := p.LocalDate.Gregorian()
	mmdd := time.Date(2000, month, day, 0, 0, 0, 0, time.UTC).Format("0102")
	date, err := calendar.Nearest(mmdd, calendar.DateOf(r.clock.Now()).Add(later))
	r.must(err)
	return date
}

// sentAgain is the same message as it is received now, with another year if that has changed.
func (r *rig) sentAgain(p *Purchase) *Purchase {
	again := *p
	again.LocalDate = r.asReceived(p, 0)
	if again.LocalDate == p.LocalDate {
		r.t.Fatal("the year has not changed")
	}
	return &again
}

// A18: F13's year changes at midnight between a request and what comes after it. It is the same payment: one debit, the stored answer, and
// it can be asked for and reversed.
func TestA18_TheYearOfF13Flips(t *testing.T) {
	for _, days := range []int{1, 30} {
		t.Run(fmt.Sprintf("%d days later", days), func(t *testing.T) {
			r := newRig(t)
			p := r.halfYearOff()
			r.wantCode(r.Purchase(t.Context(), p), payment.OK)
			r.clock.Advance(time.Duration(days) * 24 * time.Hour)
			again := r.sentAgain(p)
			for _, repeat := range []bool{true, false} {
				again.Repeat = repeat
				r.wantCode(r.Purchase(t.Context(), again), payment.OK)
			}
			other := *again
			other.Content.Text += "X"
			r.wantCode(r.Purchase(t.Context(), &other), payment.Duplicate)
			r.onlyDebit()
			r.wantCode(r.status(r.Switch, again), payment.OK)
			r.wantCode(r.Reverse(t.Context(), r.reversalOf(again)), payment.OK)
			r.wantStatus(p, payment.Reversing, payment.ByTerminal)
			if n := r.count(`SELECT count(*) FROM payment`); n != 1 {
				t.Errorf("%d payments", n)
			}
			r.forward()
			r.holds()
		})
	}
}

// A18: the year changes while the request is being recorded: its repeat attaches to it, and gets its answer.
func TestA18_TheYearOfF13FlipsInFlight(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.clock.Advance(calendar.DateOf(r.clock.Now()).Add(1).Begins().Sub(r.clock.Now()) - 500*time.Millisecond)
	p := r.halfYearOff()
	proxy.Set(pgproxy.Hold)
	first, second := make(chan Answer, 1), make(chan Answer, 1)
	go func() { first <- r.Purchase(t.Context(), p) }()
	r.eventually(proxy.Fired)
	r.clock.Advance(time.Second)
	again := r.sentAgain(p)
	again.Repeat = true
	go func() { second <- r.Purchase(t.Context(), again) }()
	close(proxy.Release)
	r.wantCode(<-first, payment.OK)
	r.wantCode(<-second, payment.OK)
	r.onlyDebit()
	r.holds()
}

// A18: in the first seconds after the midnight at which its year changes, a request that is found under neither year may have an original that
// another node is just recording: 09. After that it is new.
func TestA18_RightAfterTheFlipNothingIsKnown(t *testing.T) {
	r := newRig(t)
	p := r.halfYearOff()
	r.clock.Advance(calendar.DateOf(r.clock.Now()).Add(1).Begins().Sub(r.clock.Now()) + time.Second)
	again := r.sentAgain(p)
	usual := r.purchase()
	r.wantCode(r.Purchase(t.Context(), usual), payment.OK)
	r.wantCode(r.Purchase(t.Context(), again), payment.InProgress)
	r.wantCode(r.status(r.Switch, again), payment.InProgress)
	r.wantCode(r.Reverse(t.Context(), r.reversalOf(again)), payment.InProgress)
	if n := r.count(`SELECT count(*) FROM payment`); n != 1 {
		t.Errorf("%d payments", n)
	}
	r.clock.Advance(testTimers.Switch)
	r.wantCode(r.Purchase(t.Context(), again), payment.OK)
	r.holds()
}

// A18: what cannot be read is not known. A request whose year is beyond doubt is not looked for.
func TestA18_WithoutADatabaseNothingIsKnown(t *testing.T) {
	r := newRig(t)
	p := r.halfYearOff()
	r.clock.Advance(36 * time.Hour)
	again := r.sentAgain(p)
	r.Store = unreadable{r.Store}
	r.wantCode(r.Purchase(t.Context(), again), payment.InProgress)
	if in, known := r.inItsYear(t.Context(), 101, r.purchase().Identity, r.received()); !known || in.LocalDate != r.purchase().LocalDate {
		t.Error("a request of today was looked for")
	}
}

// A18: a payment of the same identity a year ago is another one.
func TestA18_AYearAgoIsAnotherPayment(t *testing.T) {
	r := newRig(t)
	p := r.halfYearOff()
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	r.clock.Advance(36 * time.Hour)
	again := r.sentAgain(p)
	r.exec(`UPDATE payment SET opened_at = opened_at - interval '60 days'`)
	r.wantCode(r.Purchase(t.Context(), again), payment.OK)
	if sent, _ := r.net.counts(); sent != 2 {
		t.Errorf("%d debits", sent)
	}
}

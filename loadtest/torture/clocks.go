package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/iso"
	"treasury-switch/simulator"
)

// Scenarios of wrong clocks and impossible business days: neither is believed.
func clocks() []scenario {
	return []scenario{
		{name: "two-days-ahead", clock: true, play: func(ctx context.Context, f *field) error { return sweepsAhead(ctx, f, 48*time.Hour) },
			what: "C sweeps with a clock two days ahead and ends; later A dies in the middle of payments, and B must find them."},
		{name: "a-year-ahead", clock: true, play: func(ctx context.Context, f *field) error { return sweepsAhead(ctx, f, 365*24*time.Hour) },
			what: "The same with a clock that is a year ahead."},
		{name: "three-days-ahead", clock: true, play: destroysKeys,
			what: "C is three days ahead: the card keys of today and tomorrow must survive."},
		{name: "45-seconds-ahead", clock: true, play: sweepsTheLiving,
			what: "C is 45 seconds ahead: it must not reverse what A is just doing."},
		{name: "half-a-year-off", clock: true, play: halfAYearOff,
			what: "A terminal's date is half a year off, and C is a day ahead of A: a repeat at C is the same payment."},
		{name: "settlement-day-half-a-year-ahead", play: farDay, cases: true,
			what: "An answer of the network names a settlement day half a year ahead, one a day four weeks back: no day opens or closes by it."},
	}
}

// set starts C with a wrong clock and waits until it has swept.
func (f *field) set(ctx context.Context, ahead time.Duration) error {
	c := f.C()
	if err := c.stop(ctx); err != nil {
		return err
	}
	c.ahead = ahead
	if err := c.start(ctx); err != nil {
		if ctx.Err() != nil {
			return err
		}
		return wrong("a node %s ahead does not start: %v", ahead, err)
	}
	f.note("C runs %s ahead", ahead)
	first := c.metric(ctx, sweepMetric)
	return f.reach(ctx, "C has swept", func() (bool, error) { return c.metric(ctx, sweepMetric) > first, nil })
}

// sweepMetric is the time at which a node ended its last sweep.
const sweepMetric = "treasury_sweep_completed_timestamp_seconds"

func sweepsAhead(ctx context.Context, f *field, ahead time.Duration) error {
	if err := f.set(ctx, ahead); err != nil {
		return err
	}
	if err := f.C().stop(ctx); err != nil {
		return err
	}
	f.note("C has ended; A is killed in the middle of payments")
	f.network.keep(simulator.Purchases)
	sales := f.sell(ctx, f.A(), f.tills(101, 3)...)
	if err := f.debited(ctx, 3); err != nil {
		return err
	}
	f.A().kill()
	f.network.open()
	told(sales)
	return must(ctx, f.settled(ctx, f.Quiet+timerSwitch+timerGrace))
}

func destroysKeys(ctx context.Context, f *field) error {
	// The second sweep ends long after the housekeeping that a node begins with.
	if err := f.set(ctx, 72*time.Hour); err != nil {
		return err
	}
	n, err := f.books.destroyed(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		return wrong("a node that is three days ahead has destroyed %d card keys of today and coming days", n)
	}
	t := f.till(101, 0)
	if code := t.pay(ctx, f.A(), t.purchase()); code != iso.RC00Approved {
		return wrong("A tells %s to a good card", code)
	}
	return nil
}

func sweepsTheLiving(ctx context.Context, f *field) error {
	slow := simulator.Faults{Delay: 100, DelayMS: 1200, On: simulator.Purchases}
	if err := f.network.SetFaults(slow); err != nil {
		return err
	}
	f.note("the network takes %d ms for each answer", slow.DelayMS)
	codes := make(chan iso.Code, 1000)
	paying, stop := context.WithCancel(ctx)
	defer stop()
	for _, t := range f.tills(101, 6) {
		f.running.Go(func() {
			for paying.Err() == nil {
				codes <- t.pay(ctx, f.A(), t.purchase())
			}
		})
	}
	err := f.set(ctx, 45*time.Second)
	stop()
	f.running.Wait()
	close(codes)
	for code := range codes {
		if code != iso.RC00Approved {
			return errors.Join(err, wrong("the network answers in time, and A tells %s", code))
		}
	}
	return err
}

// halfAYearOff finds a terminal's date whose year depends on the day of receipt, and sends the repeat to C.
func halfAYearOff(ctx context.Context, f *field) error {
	if err := f.set(ctx, 24*time.Hour); err != nil {
		return err
	}
	today := calendar.DateOf(time.Now())
	date := ""
	for d := range 366 {
		mmdd := today.Add(d).Time().Format("0102")
		now, err := calendar.Nearest(mmdd, today)
		if err != nil {
			continue
		}
		if tomorrow, err := calendar.Nearest(mmdd, today.Add(1)); err == nil && tomorrow != now {
			date = mmdd
		}
	}
	if date == "" {
		return fmt.Errorf("%w: no date changes its year tomorrow", errMissed)
	}
	t := f.till(101, 0)
	m := t.purchase()
	m.Set(iso.FieldLocalDate, date)
	f.note("the terminal's date is %s", date)
	if code := t.pay(ctx, f.A(), m); code != iso.RC00Approved {
		return fmt.Errorf("%w: A tells %s", errMissed, code)
	}
	if code := t.repeat(ctx, f.C(), m); code != iso.RC00Approved {
		return wrong("the repeat at C is told %s, the payment was approved", code)
	}
	return nil
}

// mostAhead is how many days a genuine business day may differ from the calendar.
const mostAhead = 7

func farDay(ctx context.Context, f *field) error {
	t := f.till(101, 0)
	if code := t.pay(ctx, f.A(), t.purchase()); code != iso.RC00Approved {
		return fmt.Errorf("%w: A tells %s", errMissed, code)
	}
	far := f.network.Day().Add(180).Time().Format("0102") // It is changed only while no answer is under way.
	f.network.tell(simulator.Purchases, func(answer *iso.Message, send func(*iso.Message)) bool {
		lie := answer.Clone()
		lie.Set(iso.FieldSettlement, far)
		send(lie)
		return true
	})
	m := t.purchase()
	f.note("one answer says %s in F15", far)
	t.pay(ctx, f.A(), m)
	far = f.network.Day().Add(-28).Time().Format("0102")
	m = t.purchase()
	f.note("one answer says %s in F15", far)
	t.pay(ctx, f.A(), m)
	f.network.tell(simulator.Purchases, nil)
	other := f.till(102, 0)
	next := other.purchase()
	if code := other.pay(ctx, f.B(), next); code != iso.RC00Approved {
		return wrong("B tells %s to a good card", code)
	}
	other.reverse(ctx, f.C(), next)
	if err := f.settled(ctx, f.Quiet); err != nil {
		return must(ctx, err)
	}
	return f.daysAreNear(ctx)
}

// daysAreNear checks that no day beyond the calendar is open or posted to, and that today cannot be closed.
func (f *field) daysAreNear(ctx context.Context) error {
	for table, column := range map[string]string{"business_day": "day", "transfer": "business_day"} {
		days, err := f.books.farthest(ctx, column, table)
		if err != nil {
			return err
		}
		if days > mostAhead {
			return wrong("%s has a day that is %d days from the calendar's", table, days)
		}
	}
	closed, text, err := f.operate(ctx, f.address, "day", "close", f.network.Day().String(), "--as=maker")
	switch {
	case err != nil:
		return err
	case closed:
		return wrong("today could be closed: %s", text)
	case !strings.Contains(text, "can be closed"): // The refusal names the time from which it can be closed.
		return wrong("that today is not over is not why it cannot be closed: %s", text)
	}
	return nil
}

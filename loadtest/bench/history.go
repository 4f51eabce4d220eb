package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/postgres"
	"treasury-switch/switch/payment"
)

// Days of the history, the newest being the day before yesterday: the network's day may be ahead of the calendar, and
// today's must stay open.
const (
	historyDays = 90
	newestBack  = 2
)

// fillBalances computes missing balances of days from their transfers, on lane 0, which is the ledger's own, and closes
// the days.
const (
	fillBalances = `
		INSERT INTO balance (agency, account, business_day, lane, debit, credit)
		SELECT agency, account, business_day, 0, sum(debit), sum(credit) FROM account_line l
		 WHERE NOT EXISTS (SELECT FROM balance b WHERE b.business_day = l.business_day)
		 GROUP BY agency, account, business_day`
	closeDays = `
		INSERT INTO business_day (book, day, state, source, opened_at, closed_at)
		SELECT DISTINCT book, business_day, 'closed', 'history', business_day::timestamptz, business_day + interval '1 day' FROM transfer
		ON CONFLICT DO NOTHING`
)

// fillHistory copies the payments of a sample into past days until there are enough, and computes the balances they
// share. Everything satisfies the constraints and indexes that exist.
func fillHistory(ctx context.Context, address string, groups []batch, payments, connections int, say func(string, ...any)) error {
	today := calendar.DateOf(time.Now())
	var next, copied atomic.Int64
	var running sync.WaitGroup
	failures := make(chan error, connections)
	connections = min(connections, len(groups))
	for i := range connections {
		mine := groups[i*len(groups)/connections : (i+1)*len(groups)/connections]
		running.Go(func() {
			failures <- fillDays(ctx, address, mine, today, func() bool { return next.Add(1) <= int64(payments/copyGroup) }, &copied)
		})
	}
	done := make(chan struct{})
	go func() { running.Wait(); close(done) }()
	tellProgress(done, func() { say("history: %s of %s payments", figure(float64(copied.Load())), figure(float64(payments))) })
	for range connections {
		if err := <-failures; err != nil {
			return err
		}
	}
	return settleHistory(ctx, address, say)
}

// fillDays copies groups into the days from the newest to the oldest, then again from the newest, with higher numbers.
func fillDays(ctx context.Context, address string, groups []batch, today calendar.Date, more func() bool, copied *atomic.Int64) error {
	conn, err := postgres.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	back := make([]int, len(groups)) // the day that a group has reached
	for n := 0; more(); n++ {
		g := n % len(groups)
		to := nextBack(back[g])
		s := shift{days: int32(back[g] - to), base: dayBase(today, to) - dayBase(today, back[g])}
		if to == newestBack {
			s.spans = 1
		}
		back[g] = to
		groups[g].renew(s)
		if err := groups[g].write(ctx, conn); err != nil {
			return fmt.Errorf("fill the history: %w", err)
		}
		copied.Add(int64(groups[g].payments))
	}
	return nil
}

// nextBack is how many days back the next group goes.
func nextBack(back int) int {
	if back < newestBack || back >= newestBack+historyDays-1 {
		return newestBack
	}
	return back + 1
}

// dayBase is the reference number before a day's first: payment numbers begin with the day.
func dayBase(today calendar.Date, back int) int64 {
	return int64(payment.NewRRN(today.Add(-back), 0))
}

// settleHistory computes the balances and closes the days.
func settleHistory(ctx context.Context, address string, say func(string, ...any)) error {
	conn, err := postgres.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, statement := range []struct{ says, sql string }{
		{"reckoning balances", fillBalances}, {"closing its days", closeDays},
	} {
		say("history: %s", statement.says)
		if _, err := conn.Exec(ctx, statement.sql); err != nil {
			return fmt.Errorf("fill the history (%s): %w", statement.says, err)
		}
	}
	return nil
}

// progressEvery is how often a long step reports its progress.
const progressEvery = 10 * time.Second

func tellProgress(done <-chan struct{}, tell func()) {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			tell()
		case <-done:
			tell()
			return
		}
	}
}

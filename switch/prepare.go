package switching

import (
	"context"
	"fmt"
	"sync"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/switch/payment"
)

// Partitions reach as far as a terminal's date without a year can lie: half a
// year to both sides.
const (
	monthsBehind = 7
	monthsKept   = 15
)

// partitionsAhead is for how many days there must be partitions for a node to start.
const partitionsAhead = 7

// partitionedTables are those with a partition a month.
var partitionedTables = []string{"payment", "event", "transfer"}

// Prepare makes what traffic of the coming days needs: partitions, day keys, the
// current business days. It is called before traffic and then every hour.
func (s *Switch) Prepare(ctx context.Context) error {
	today := calendar.DateOf(s.Now())
	from := s.Now().AddDate(0, -monthsBehind, 0)
	if err := s.makePartitions(ctx, from); err != nil {
		return err
	}
	for _, day := range []calendar.Date{today, today.Add(1)} {
		if err := s.Vault.Prepare(ctx, day); err != nil {
			return fmt.Errorf("make the card key of %s: %w", day, err)
		}
	}
	return s.days.Refresh(ctx)
}

// makePartitions makes the months ahead. While the next days have theirs, one that cannot be made, because somebody locks the table, keeps no node
// from starting: it is tried again every hour.
func (s *Switch) makePartitions(ctx context.Context, from time.Time) error {
	err := s.Store.makePartitions(ctx, from)
	if err == nil {
		return nil
	}
	reach, failed := s.Store.partitioned(ctx, s.Now(), s.Now().AddDate(0, 0, partitionsAhead))
	if failed != nil || !reach {
		return err
	}
	s.Log.Error("partitions of the coming months not made, it is tried again", "error", err)
	return nil
}

// partitioned reports whether every partitioned table has its months of two days.
func (t tables) partitioned(ctx context.Context, days ...time.Time) (all bool, err error) {
	err = t.db.QueryRow(ctx, `
		SELECT bool_and(to_regclass(format('public.%I', name || to_char(day, '"_y"YYYY"m"MM'))) IS NOT NULL)
		  FROM unnest($1::text[]) AS name, unnest($2::date[]) AS day`, partitionedTables, days).Scan(&all)
	return all, err
}

// makePartitions makes the months of the tables that are partitioned, from a day on.
func (t tables) makePartitions(ctx context.Context, from time.Time) error {
	for _, table := range partitionedTables {
		if _, err := t.db.Exec(ctx, `SELECT ensure_month_partitions($1, $2::date, $3)`, table, from, monthsKept); err != nil {
			return fmt.Errorf("make the partitions of %s: %w", table, err)
		}
	}
	return nil
}

// Housekeep prepares the coming days and destroys the keys of past ones every hour, and every minute counts cases and serial numbers and
// forgets the keys that another node has destroyed, until ctx ends. Going through the payments of past days can take long, and keeps nothing
// else waiting.
func (s *Switch) Housekeep(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	job := func(every time.Duration, first bool, what string, do func(context.Context) error) {
		running.Go(func() { s.repeatedly(ctx, every, first, what, do) })
	}
	job(time.Hour, false, "the coming days are not prepared", s.Prepare)
	job(time.Hour, true, "old card keys not destroyed", s.DestroyOldKeys)
	job(time.Minute, true, "cases not counted", s.countCases)
	job(time.Minute, true, "serial numbers not counted", s.watchSerials)
	job(time.Minute, false, "card keys not refreshed", s.Vault.Refresh)
}

// countCases tells those who watch how many cases wait for persons, and drops the rows of those that wait no more.
func (s *Switch) countCases(ctx context.Context) error {
	if err := s.Store.dropAnswered(ctx); err != nil {
		return err
	}
	open, oldest, err := s.Store.openCases(ctx)
	if err != nil {
		return err
	}
	var age time.Duration
	if !oldest.IsZero() {
		age = max(0, s.Now().Sub(oldest))
	}
	s.Observe.Cases(open, age)
	return nil
}

// watchSerials tells how many of today's serial numbers are taken: when there are none left, payments are refused until midnight.
func (s *Switch) watchSerials(ctx context.Context) error {
	taken, err := s.Store.serialsTaken(ctx, calendar.DateOf(s.Now()))
	if err != nil {
		return err
	}
	s.Observe.Serials(taken, payment.SerialsPerDay-1)
	return nil
}

// repeatedly does a job again and again until ctx ends, the first time at once if it is to.
func (s *Switch) repeatedly(ctx context.Context, every time.Duration, first bool, what string, job func(context.Context) error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	if first {
		s.complain(ctx, what, job)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.complain(ctx, what, job)
		}
	}
}

// complain logs what a job could not do; the next round tries again.
func (s *Switch) complain(ctx context.Context, what string, job func(context.Context) error) {
	if err := s.shielded(what, func() error { return job(ctx) }); err != nil && ctx.Err() == nil {
		s.Log.Error(what, "error", err)
	}
}

package switching

import (
	"context"
	"fmt"
	"sync"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/switch/payment"
)

// Partitions cover every date that a terminal's date without a year can mean: half a year to both sides.
const (
	monthsBehind = 7
	monthsKept   = 15
)

// partitionsAhead is for how many days partitions must exist before a node starts.
const partitionsAhead = 7

// partitionedTables have one partition per month.
var partitionedTables = []string{"payment", "event", "transfer"}

// Prepare creates what the coming days need: partitions, day keys, the current business days. It runs before traffic
// and then every hour.
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

// makePartitions creates the coming months. As long as the next days have their partitions, a month that cannot be
// created because somebody locks the table does not keep a node from starting: it is tried again every hour.
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

// partitioned reports whether every partitioned table has the months of these days.
func (t tables) partitioned(ctx context.Context, days ...time.Time) (all bool, err error) {
	err = t.db.QueryRow(ctx, `
		SELECT bool_and(to_regclass(format('public.%I', name || to_char(day, '"_y"YYYY"m"MM'))) IS NOT NULL)
		  FROM unnest($1::text[]) AS name, unnest($2::date[]) AS day`, partitionedTables, days).Scan(&all)
	return all, err
}

// makePartitions creates the months of the partitioned tables from a day on.
func (t tables) makePartitions(ctx context.Context, from time.Time) error {
	for _, table := range partitionedTables {
		if _, err := t.db.Exec(ctx, `SELECT ensure_month_partitions($1, $2::date, $3)`, table, from, monthsKept); err != nil {
			return fmt.Errorf("make the partitions of %s: %w", table, err)
		}
	}
	return nil
}

// Housekeep prepares the coming days and destroys the keys of past ones every hour; every minute it counts cases and
// serial numbers and forgets keys that another node has destroyed. It runs until ctx ends. The search through past
// days can take long, and delays nothing else.
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

// countCases reports how many cases wait for a person, and deletes the rows of answered ones.
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

// watchSerials reports how many of today's serial numbers are taken: once all are, payments are refused until
// midnight.
func (s *Switch) watchSerials(ctx context.Context) error {
	taken, err := s.Store.serialsTaken(ctx, calendar.DateOf(s.Now()))
	if err != nil {
		return err
	}
	s.Observe.Serials(taken, payment.SerialsPerDay-1)
	return nil
}

// repeatedly runs a job periodically until ctx ends, at once if first is set.
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

// complain logs a job's failure; the next round tries again.
func (s *Switch) complain(ctx context.Context, what string, job func(context.Context) error) {
	if err := s.shielded(what, func() error { return job(ctx) }); err != nil && ctx.Err() == nil {
		s.Log.Error(what, "error", err)
	}
}

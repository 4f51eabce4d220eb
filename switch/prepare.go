package switching

import (
	"context"
	"fmt"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/ledger"
)

// Partitions reach as far as a terminal's date without a year can lie: half a
// year to both sides.
const (
	monthsBehind = 7
	monthsKept   = 15
)

// Prepare makes what traffic of the coming days needs: partitions, day keys, the
// current business days. It is called before traffic and then every hour.
func (s *Switch) Prepare(ctx context.Context) error {
	today := calendar.DateOf(s.Now())
	from := s.Now().AddDate(0, -monthsBehind, 0)
	if err := s.Store.makePartitions(ctx, from); err != nil {
		return err
	}
	for _, day := range []calendar.Date{today, today.Add(1)} {
		if err := s.Vault.Prepare(ctx, day); err != nil {
			return fmt.Errorf("make the card key of %s: %w", day, err)
		}
	}
	return s.RefreshDays(ctx)
}

// makePartitions makes the months of the tables that are partitioned, from a day on.
func (t tables) makePartitions(ctx context.Context, from time.Time) error {
	for _, table := range []string{"payment", "event", "transfer"} {
		if _, err := t.db.Exec(ctx, `SELECT ensure_month_partitions($1, $2::date, $3)`, table, from, monthsKept); err != nil {
			return fmt.Errorf("make the partitions of %s: %w", table, err)
		}
	}
	return nil
}

// Housekeep prepares the coming days and destroys the keys of past ones every
// hour, and every minute counts cases and serial numbers and forgets the keys that another node
// has destroyed, until ctx ends.
func (s *Switch) Housekeep(ctx context.Context) {
	hourly, minutely := time.NewTicker(time.Hour), time.NewTicker(time.Minute)
	defer hourly.Stop()
	defer minutely.Stop()
	s.complain(ctx, "cases not counted", s.countCases)
	s.complain(ctx, "serial numbers not counted", s.watchSerials)
	s.complain(ctx, "old card keys not destroyed", s.DestroyOldKeys)
	for {
		select {
		case <-ctx.Done():
			return
		case <-minutely.C:
			s.complain(ctx, "cases not counted", s.countCases)
			s.complain(ctx, "serial numbers not counted", s.watchSerials)
			s.complain(ctx, "card keys not refreshed", s.Vault.Refresh)
		case <-hourly.C:
			s.complain(ctx, "the coming days are not prepared", s.Prepare)
			s.complain(ctx, "old card keys not destroyed", s.DestroyOldKeys)
		}
	}
}

// complain logs what a job could not do; the next round tries again.
func (s *Switch) complain(ctx context.Context, what string, job func(context.Context) error) {
	if err := job(ctx); err != nil && ctx.Err() == nil {
		s.Log.Error(what, "error", err)
	}
}

// DestroyOldKeys destroys the card key of every day on which no payment can need
// its card number any more: its business days are closed, and none of its
// payments is pending, being reversed, or a case. That shreds the card numbers
// of the day without touching a row.
func (s *Switch) DestroyOldKeys(ctx context.Context) error {
	days, err := s.Vault.Days(ctx)
	if err != nil {
		return err
	}
	for _, d := range days {
		if !d.Live() || d.Date.Add(2) > calendar.DateOf(s.Now()) {
			continue
		}
		needed, err := s.Store.needsKey(ctx, d.Date)
		if err != nil {
			return err
		}
		if needed {
			continue
		}
		if err := s.Vault.DestroyDay(ctx, d.Date); err != nil {
			return err
		}
		s.Log.Info("card key destroyed", "day", d.Date.String())
	}
	return nil
}

// needsKey reports whether a reversal of a payment with that key day is still
// possible: a payment that may be debited and is not finally undone, and whose
// business day, if it has one, is open.
func (t tables) needsKey(ctx context.Context, day calendar.Date) (needed bool, err error) {
	err = t.db.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT 1 FROM payment p
			  LEFT JOIN LATERAL (
				SELECT status, reason, version FROM event e
				 WHERE e.agency = p.agency AND e.opened_on = p.opened_on AND e.payment = p.id
				 ORDER BY version DESC LIMIT 1) last ON true
			 WHERE p.key_day = $1 AND p.opened_at >= $2 AND p.opened_at < $3
			   AND (last.status IS NULL OR last.status IN ('REVERSING', 'CASE')
			        OR last.status = 'APPROVED' AND EXISTS (
						SELECT 1 FROM event a JOIN business_day b ON b.book = p.book AND b.day = a.business_day
						 WHERE a.agency = p.agency AND a.opened_on = p.opened_on AND a.payment = p.id
						   AND a.status = 'APPROVED' AND a.was <> 'APPROVED' AND b.state = $4)))`,
		day.Time(), day.Begins(), day.Add(1).Begins(), string(ledger.DayOpen)).Scan(&needed)
	return needed, err
}

package pan

import (
	"context"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
)

// Day is the state of one day's key.
type Day struct {
	Date        calendar.Date
	CreatedAt   time.Time
	DestroyedAt time.Time // zero while the key lives
}

// Live reports whether card numbers of the day can still be read.
func (d Day) Live() bool { return d.DestroyedAt.IsZero() }

// DestroyDay removes the key of a day: every card number sealed on it is unreadable from now on, here at once and on other nodes
// after their next Refresh. It cannot be undone, so the database has the last word, by its own clock and rows: fault.Conflict says why the
// day's key must stay. The caller has gone through the day's payments (pan_key_search). A day destroyed before is no error and keeps its first
// time; a day that never had a key is fault.NotFound.
func (v *Vault) DestroyDay(ctx context.Context, day calendar.Date) error {
	release, err := v.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	refused, err := destroyKey(ctx, v.db, day)
	if err != nil {
		return err
	}
	if refused != "" {
		return fault.New(fault.Conflict, "the key of day %s stays: %s", day, refused)
	}
	row, found, err := selectKey(ctx, v.db, daily, day)
	switch {
	case err != nil:
		return err
	case !found:
		return fault.New(fault.NotFound, "destroy the key of day %s: there is none", day)
	case row.Wrapped != nil:
		return fault.New(fault.Bug, "the key of day %s was destroyed and is there", day)
	}
	v.days.Store(v.days.Load().without(day))
	return nil
}

// Past lists the days whose key lives and is old enough, by the database's clock, that its destruction may be thought of, the oldest
// first.
func (v *Vault) Past(ctx context.Context) ([]calendar.Date, error) { return selectPast(ctx, v.db) }

// Days lists the keys of all days, the latest first, destroyed ones included.
func (v *Vault) Days(ctx context.Context) ([]Day, error) {
	rows, err := selectDays(ctx, v.db)
	if err != nil {
		return nil, err
	}
	days := make([]Day, len(rows))
	for i, row := range rows {
		days[i] = Day{Date: calendar.FromDB(row.Day), CreatedAt: row.CreatedAt}
		if row.DestroyedAt != nil {
			days[i].DestroyedAt = *row.DestroyedAt
		}
	}
	return days, nil
}

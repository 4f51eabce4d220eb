package switching

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment"
)

// Reasons to stop searching a day's payments early.
var (
	errKeyNeeded = errors.New("a payment needs its card number")
	errElsewhere = errors.New("another node goes through this day")
)

// DestroyOldKeys destroys the card key of each day on which no payment can need its card number any more: its
// business days are closed, and none of its payments is pending, being reversed, or a case. This shreds the day's
// card numbers without touching a row.
//
// The database's clock decides which days are past, and the database checks its own conditions before it destroys a
// key. The payments of a day are searched in stretches with a stored mark, so that a busy day is finished in the end
// whatever the statement timeout. A failure on one day does not hold up the others.
func (s *Switch) DestroyOldKeys(ctx context.Context) error {
	days, err := s.Vault.Past(ctx)
	if err != nil {
		return err
	}
	var failures []error
	for _, day := range days {
		if err := s.destroyKey(ctx, day); err != nil {
			failures = append(failures, fmt.Errorf("card key of %s: %w", day, err))
		}
	}
	if len(failures) > 0 && ctx.Err() == nil {
		s.Observe.Alarm(payment.KeyKept)
	}
	return errors.Join(failures...)
}

// destroyKey continues the search through the payments of a day, and destroys the key once the search has reached its
// end.
func (s *Switch) destroyKey(ctx context.Context, day calendar.Date) error {
	awaited, err := s.Store.keyAwaited(ctx, day)
	if err != nil || awaited {
		return err
	}
	from, err := s.Store.keySearched(ctx, day)
	if err != nil {
		return err
	}
	if err := s.Store.summarise(ctx); err != nil {
		return err
	}
	err = stretches(ctx, from, day.Add(1).Begins(), 1,
		func(from, to time.Time) error { return s.Store.needsKey(ctx, day, from, to) },
		func(from, to time.Time) error { return s.Store.keyMark(ctx, day, from, to) })
	switch {
	case errors.Is(err, errKeyNeeded), errors.Is(err, errElsewhere):
		return nil
	case err != nil:
		return err
	}
	switch err := s.Vault.DestroyDay(ctx, day); {
	case fault.Is(err, fault.Conflict): // a payment of the day has come to need it meanwhile
		s.Log.Info("card key not destroyed yet", "day", day.String(), "why", err)
	case err != nil:
		return err
	default:
		s.Log.Info("card key destroyed", "day", day.String())
	}
	return nil
}

// keyAwaited reports whether a queued reversal, an open case or an open payment needs the card key of a day.
func (t tables) keyAwaited(ctx context.Context, day calendar.Date) (awaited bool, err error) {
	err = t.db.QueryRow(ctx, `SELECT pan_key_awaited($1)`, day.Time()).Scan(&awaited)
	return awaited, err
}

// keySearched returns the time up to which no payment of a day needs its card key, at first the beginning of the day.
// Before the first mark is written every lane's row is locked once, as when a day is closed: all groups in progress
// have then ended, so no payment of the day can become visible behind the mark.
func (t tables) keySearched(ctx context.Context, day calendar.Date) (until time.Time, err error) {
	const known = `SELECT done_until FROM pan_key_search WHERE day = $1`
	err = t.db.QueryRow(ctx, known, day.Time()).Scan(&until)
	if !errors.Is(err, pgx.ErrNoRows) {
		return until, err
	}
	_, err = t.db.Exec(ctx, `
		WITH held AS MATERIALIZED (SELECT id FROM lane ORDER BY id FOR UPDATE)
		INSERT INTO pan_key_search (day, done_until) SELECT $1, $2 FROM (SELECT count(*) FROM held) AS every_lane
		ON CONFLICT (day) DO NOTHING`, day.Time(), day.Begins())
	if err != nil {
		return until, fmt.Errorf("wait for the lanes before the payments of a day are searched: %w", err)
	}
	err = t.db.QueryRow(ctx, known, day.Time()).Scan(&until)
	return until, err
}

// keyMark advances the mark of a day's search; errElsewhere if another node has moved it since this search began.
func (t tables) keyMark(ctx context.Context, day calendar.Date, from, to time.Time) error {
	var moved time.Time
	err := t.db.QueryRow(ctx, `UPDATE pan_key_search SET done_until = $3 WHERE day = $1 AND done_until = $2 RETURNING done_until`,
		day.Time(), from, to).Scan(&moved)
	if errors.Is(err, pgx.ErrNoRows) {
		return errElsewhere
	}
	return err
}

// needsKey returns errKeyNeeded if a payment of the stretch may still be reversed with the card key of the day.
func (t tables) needsKey(ctx context.Context, day calendar.Date, from, to time.Time) error {
	rows, err := t.db.Query(ctx, `SELECT pan_key_needed($1, $2, $3)`, day.Time(), from, to)
	if err != nil {
		return err
	}
	needed, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	if err == nil && needed {
		err = errKeyNeeded
	}
	return err
}

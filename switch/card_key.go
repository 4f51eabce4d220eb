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

// Why the search of a day's payments ends before the day does.
var (
	errKeyNeeded = errors.New("a payment needs its card number")
	errElsewhere = errors.New("another node goes through this day")
)

// DestroyOldKeys destroys the card key of every day on which no payment can need its card number any more: its business days are closed, and
// none of its payments is pending, being reversed, or a case. That shreds the card numbers of the day without touching a row.
//
// Which days are past is for the database's clock to say, and it is the database that destroys, on conditions of its own. The payments of a
// day are gone through stretch by stretch with a mark that stays, so that a busy day is done in the end, whatever a statement may
// take. What fails on one day keeps no other waiting.
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

// destroyKey goes on through the payments of a day, and destroys its key when it has come to the end.
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
	case fault.Is(err, fault.Conflict): // something has come up meanwhile
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

// keySearched is up to when the payments of a day are known not to need its card key; at first it is the day's beginning. Before that is
// written down every lane's row is locked once, as by whoever closes a day: groups that were being written then have ended, so no payment of the
// day can become visible behind the mark.
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

// keyMark moves the mark of a day's search on; errElsewhere if it is not where the search began: another node moves it too.
func (t tables) keyMark(ctx context.Context, day calendar.Date, from, to time.Time) error {
	var moved time.Time
	err := t.db.QueryRow(ctx, `UPDATE pan_key_search SET done_until = $3 WHERE day = $1 AND done_until = $2 RETURNING done_until`,
		day.Time(), from, to).Scan(&moved)
	if errors.Is(err, pgx.ErrNoRows) {
		return errElsewhere
	}
	return err
}

// needsKey is errKeyNeeded if a payment of a stretch of time may be reversed yet with the card key of a day.
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

package switching

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
)

// A search reads a stretch of time after the other, because each of its statements has a limit in time, and the payments of a busy hour
// are more than one statement can look at. How long a stretch is follows from how long the last one took.
const (
	firstStretch = 30 * time.Second
	leastStretch = time.Second
	quickSearch  = 500 * time.Millisecond
	slowSearch   = 2 * time.Second
)

// nextStretch is the length of the next stretch after one of a length that took so long.
func nextStretch(length, took time.Duration) time.Duration {
	switch {
	case took < quickSearch:
		return 2 * length
	case took > slowSearch:
		return max(leastStretch, length/2)
	}
	return length
}

// SweepOnce reverses every payment without an outcome whose deadline and grace
// have passed, beginning so far behind the mark up to which all is known.
func (s *Switch) SweepOnce(ctx context.Context, back time.Duration) error {
	until := s.outcomesUntil()
	from, err := s.Store.swept(ctx)
	if err != nil {
		return err
	}
	if err := s.Store.summarise(ctx); err != nil {
		return err
	}
	found, length := 0, firstStretch
	for from = from.Add(-back); from.Before(until); {
		to, began := from.Add(length), time.Now()
		if to.After(until) {
			to = until
		}
		n, err := s.sweepStretch(ctx, from, to)
		took := time.Since(began)
		switch {
		case tooLong(err) && length > leastStretch:
			length = max(leastStretch, min(length, to.Sub(from))/4)
			continue
		case err != nil:
			return err
		}
		found, from, length = found+n, to, nextStretch(length, took)
		if err := s.Store.mark(ctx, to); err != nil {
			return err
		}
	}
	s.Observe.Swept(found)
	return nil
}

// sweepStretch reverses the payments without an outcome of a stretch of time, and says how many there were.
func (s *Switch) sweepStretch(ctx context.Context, from, to time.Time) (found int, err error) {
	for {
		keys, err := s.Store.withoutOutcome(ctx, from, to)
		if err != nil {
			return found, err
		}
		for _, k := range keys {
			p, err := s.Store.Payment(ctx, k)
			if err != nil {
				return found, err
			}
			if err := s.interrupted(ctx, p); err != nil {
				return found, err
			}
		}
		if found += len(keys); len(keys) < sweepBatch {
			return found, nil
		}
	}
}

// summarise lets the index on the time of receipt know of the newest payments, so that a search does not read them all.
func (t tables) summarise(ctx context.Context) error {
	if _, err := t.db.Exec(ctx, `SELECT summarise_payments()`); err != nil {
		return fmt.Errorf("summarise the new payments: %w", err)
	}
	return nil
}

func (t tables) withoutOutcome(ctx context.Context, from, until time.Time) ([]Key, error) {
	rows, err := t.db.Query(ctx, `
		SELECT agency, opened_on, id FROM payments_without_outcome($1, $2, $3) LIMIT $3`, from, until, sweepBatch)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Key, error) {
		var k Key
		var day time.Time
		err := row.Scan(&k.Agency, &day, &k.ID)
		k.OpenedOn = calendar.FromDB(day)
		return k, err
	})
}

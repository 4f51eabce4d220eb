package switching

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/await"
	"treasury-switch/internal/postgres"
	"treasury-switch/switch/payment"
)

// A search reads one stretch of time after another, because statements are limited in time and a busy hour can be
// more than one statement can read. The length of a stretch follows from how long the last one took.
const (
	firstStretch = 30 * time.Second
	leastStretch = time.Second
	quickSearch  = 500 * time.Millisecond
	slowSearch   = 2 * time.Second
)

// nextStretch returns the length of the next stretch.
func nextStretch(length, took time.Duration) time.Duration {
	switch {
	case took < quickSearch:
		return 2 * length
	case took > slowSearch:
		return max(leastStretch, length/2)
	}
	return length
}

// stretches walks through a time in stretches of a length that suits the database: one that times out is tried again
// shorter. look does the work, done stores that it is done. After each stretch it pauses for a multiple of the time
// that the stretch took. Stretches done before an error stay done.
func stretches(ctx context.Context, from, until time.Time, pauses time.Duration, look, done func(from, to time.Time) error) error {
	for length := firstStretch; from.Before(until); {
		if err := ctx.Err(); err != nil {
			return err
		}
		to, began := from.Add(length.Truncate(time.Millisecond)), time.Now() // the database's precision
		if to.After(until) {
			to = until
		}
		err := look(from, to)
		took := time.Since(began)
		switch {
		case postgres.State(err) == postgres.QueryCanceled && length > leastStretch:
			length = max(leastStretch, min(length, to.Sub(from))/4)
			continue
		case err != nil:
			return err
		}
		if err := done(from, to); err != nil {
			return err
		}
		from, length = to, nextStretch(length, took)
		await.Pause(ctx.Done(), took*pauses)
	}
	return nil
}

// SweepOnce reverses every payment without an outcome whose deadline and grace have passed. It begins at the mark, or
// that far behind it.
func (s *Switch) SweepOnce(ctx context.Context, back time.Duration) error {
	err := s.search(ctx, atOnce, back, s.outcomesUntil(), 0)
	if err == nil {
		s.Observe.Swept(int(s.found.Swap(0)), s.Now())
	}
	return err
}

// searchAgain repeats the searches of an hour and of a day ago, for rows that became visible since. It pauses after
// each stretch for as long as that took, so that it uses half of a connection at most.
func (s *Switch) searchAgain(ctx context.Context) error {
	late := s.cfg.Sweep.Again
	return errors.Join(
		s.search(ctx, again, 0, s.outcomesUntil().Add(-late), 1),
		s.search(ctx, dayAfter, 0, s.outcomesUntil().Add(-24*late), 1))
}

// search runs a pass from its mark on, or from that far behind it, and advances the mark. It pauses after each
// stretch for a multiple of the time that it took.
func (s *Switch) search(ctx context.Context, p pass, back time.Duration, until time.Time, pauses time.Duration) error {
	from, err := s.Store.swept(ctx, p)
	if err != nil {
		return err
	}
	if from = from.Add(-back); !from.Before(until) {
		return nil
	}
	if err := s.Store.summarise(ctx); err != nil {
		return err
	}
	return stretches(ctx, from, until, pauses,
		func(from, to time.Time) error { return s.sweepStretch(ctx, from, to) },
		func(_, to time.Time) error { return s.Store.mark(ctx, p, to) })
}

// sweepStretch reverses the payments of a stretch that have no outcome. One that cannot be ended delays no other: it
// becomes an open payment that every node tries to end.
func (s *Switch) sweepStretch(ctx context.Context, from, to time.Time) error {
	for {
		found, err := s.Store.withoutOutcome(ctx, from, to)
		if err != nil {
			return err
		}
		if err := s.endAll(ctx, found); err != nil {
			return err
		}
		s.found.Add(int64(len(found)))
		if len(found) < sweepBatch {
			return nil
		}
	}
}

// summarise updates the BRIN index on the time of receipt, so that a search does not read all of the newest payments.
func (t tables) summarise(ctx context.Context) error {
	if _, err := t.db.Exec(ctx, `SELECT summarise_payments()`); err != nil {
		return fmt.Errorf("summarise the new payments: %w", err)
	}
	return nil
}

const selectWithoutOutcome = `SELECT ` + payment.Columns + ` FROM payments_without_outcome($1, $2, $3) LIMIT $3`

// withoutOutcome reads the payments of a stretch that have no record, except those that are known to be open.
func (t tables) withoutOutcome(ctx context.Context, from, until time.Time) ([]payment.Payment, error) {
	rows, err := t.db.Query(ctx, selectWithoutOutcome, from, until, sweepBatch)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (payment.Payment, error) {
		i, err := payment.ScanIntent(row)
		return payment.Fold(i, nil), err
	})
}

package switching

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
)

// Bounds of sweeping. The quick sweep looks at payments since the mark; the
// deep one goes back a day behind it, for rows that a long COMMIT made visible
// late.
const (
	sweepEvery = 5 * time.Second
	deepEvery  = 10 * time.Minute
	deepBack   = 24 * time.Hour
	sweepBatch = 500
	sweepMark  = 1
)

// Sweep finds payments whose process died before it recorded an outcome, and
// queues their reversal. Any node may do it: one winner decides. It runs until
// ctx ends, at once at the start.
func (s *Switch) Sweep(ctx context.Context) {
	quick, deep := time.NewTicker(sweepEvery), time.NewTicker(deepEvery)
	defer quick.Stop()
	defer deep.Stop()
	back := deepBack
	for {
		s.complain(ctx, "payments without outcome not swept", func(ctx context.Context) error { return s.SweepOnce(ctx, back) })
		s.complain(ctx, "business days not refreshed", s.RefreshDays)
		select {
		case <-ctx.Done():
			return
		case <-quick.C:
			back = 0
		case <-deep.C:
			back = deepBack
		}
	}
}

// SweepOnce reverses every payment without an outcome whose deadline and grace
// have passed, beginning so far behind the mark up to which all is known.
func (s *Switch) SweepOnce(ctx context.Context, back time.Duration) error {
	until := s.Now().Add(-s.cfg.Timers.Switch - s.cfg.Timers.Grace)
	from, err := s.swept(ctx)
	if err != nil {
		return err
	}
	for found := 0; ; {
		keys, err := s.withoutOutcome(ctx, from.Add(-back), until)
		if err != nil {
			return err
		}
		for _, k := range keys {
			p, err := Load(ctx, s.DB, k)
			if err != nil {
				return err
			}
			if _, err := s.apply(ctx, p, Silence{Reason: Interrupted, Today: s.Today(p.Book)}, time.Time{}); err != nil {
				return err
			}
		}
		found += len(keys)
		if len(keys) < sweepBatch {
			s.Observe.Swept(found)
			return s.mark(ctx, until)
		}
	}
}

func (s *Switch) withoutOutcome(ctx context.Context, from, until time.Time) ([]Key, error) {
	rows, err := s.DB.Query(ctx, `
		SELECT agency, opened_on, id FROM payment p
		 WHERE opened_at >= $1 AND opened_at < $2
		   AND NOT EXISTS (SELECT 1 FROM event e
		                    WHERE e.agency = p.agency AND e.opened_on = p.opened_on AND e.payment = p.id)
		 LIMIT $3`, from, until, sweepBatch)
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

// swept is the mark up to which every payment has an outcome; the beginning of
// all payments if nobody has swept yet.
func (s *Switch) swept(ctx context.Context) (time.Time, error) {
	var until *time.Time
	err := s.DB.QueryRow(ctx, `SELECT max(swept_until) FROM sweep_mark WHERE id = $1`, sweepMark).Scan(&until)
	if err != nil || until == nil {
		return time.Unix(0, 0), err
	}
	return *until, nil
}

func (s *Switch) mark(ctx context.Context, until time.Time) error {
	_, err := s.DB.Exec(ctx, `
		INSERT INTO sweep_mark (id, swept_until) VALUES ($1, $2)
		ON CONFLICT (id) DO UPDATE SET swept_until = greatest(sweep_mark.swept_until, excluded.swept_until)`,
		sweepMark, until)
	return err
}

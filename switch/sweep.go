package switching

import (
	"context"
	"time"
)

// Bounds of sweeping. Every node looks after its own payments. The tables are
// searched for those of a node that has ended, from the mark on; and soon after a
// start and every hour from a day behind it, for rows that a long COMMIT made visible
// late. The mark of a time in which nobody ended stays behind by markSlack, which is
// many times what a living node takes to bring a payment that is due to its end, and
// little enough that a start after a busy time has not much to search.
const (
	sweepEvery = 5 * time.Second
	deepFirst  = time.Minute // after the start of a node
	deepEvery  = time.Hour
	deepBack   = 24 * time.Hour
	markSlack  = 2 * time.Minute
	nodeSkew   = time.Minute // by which the clocks of two nodes may differ
	sweepBatch = 500
	sweepMark  = 1
)

// Sweep finds payments whose process died before it recorded an outcome, and
// queues their reversal. Any node may do it: one winner decides. It runs until
// ctx ends. What an earlier life of this node left behind is searched for by
// SweepOnce, before the first payment is taken.
func (s *Switch) Sweep(ctx context.Context) {
	quick, deep := time.NewTicker(sweepEvery), time.NewTicker(deepFirst)
	defer quick.Stop()
	defer deep.Stop()
	for {
		job := s.quickSweep
		select {
		case <-ctx.Done():
			return
		case <-quick.C:
		case <-deep.C:
			deep.Reset(deepEvery)
			job = func(ctx context.Context) error { return s.SweepOnce(ctx, deepBack) }
		}
		s.complain(ctx, "payments without outcome not swept", job)
		s.complain(ctx, "business days not refreshed", s.RefreshDays)
	}
}

// quickSweep ends this node's own payments, and searches the tables for those of a
// node that has ended: this one's earlier life, whoever had a lane that was taken
// over, or whose lease has run out.
func (s *Switch) quickSweep(ctx context.Context) error {
	found, err := s.tieLoose(ctx)
	if err != nil {
		return err
	}
	if n := s.Recorder.Takeovers(); n != s.takeovers {
		s.takeovers, s.searchFor = n, s.Now().Add(nodeSkew)
	}
	from, err := s.Store.swept(ctx)
	if err != nil {
		return err
	}
	if err := s.Recorder.Watching(); err != nil {
		return err
	}
	ended, err := s.Store.nodeEnded(ctx, from)
	if err != nil {
		return err
	}
	if ended || from.Before(s.searchFor) {
		return s.SweepOnce(ctx, 0)
	}
	s.Observe.Swept(found)
	return s.Store.mark(ctx, s.outcomesUntil().Add(-markSlack))
}

// outcomesUntil is the time before which every payment should have an outcome.
func (s *Switch) outcomesUntil() time.Time {
	return s.Now().Add(-s.cfg.Timers.Switch - s.cfg.Timers.Grace)
}

// nodeEnded reports whether a process has ended without giving a lane back, and the mark
// has not yet passed what it may have left.
func (t tables) nodeEnded(ctx context.Context, from time.Time) (ended bool, err error) {
	err = t.db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM lane WHERE id > 0 AND abandoned_at > $1)`, from.Add(-nodeSkew)).Scan(&ended)
	return ended, err
}

// swept is the mark up to which every payment has an outcome; the first payment if
// nobody has swept yet, and the beginning of time if there is none.
func (t tables) swept(ctx context.Context) (time.Time, error) {
	var until *time.Time
	err := t.db.QueryRow(ctx, `
		SELECT coalesce((SELECT max(swept_until) FROM sweep_mark WHERE id = $1), (SELECT min(opened_at) FROM payment))`, sweepMark).Scan(&until)
	if err != nil || until == nil {
		return time.Unix(0, 0), err
	}
	return *until, nil
}

func (t tables) mark(ctx context.Context, until time.Time) error {
	_, err := t.db.Exec(ctx, `
		INSERT INTO sweep_mark (id, swept_until) VALUES ($1, $2)
		ON CONFLICT (id) DO UPDATE SET swept_until = greatest(sweep_mark.swept_until, excluded.swept_until)`,
		sweepMark, until)
	return err
}

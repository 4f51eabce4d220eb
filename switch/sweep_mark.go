package switching

import (
	"context"
	"time"
)

// pass is one of the times that the history is gone over, and the number of its mark: up to when every payment was found to have an
// outcome by it. All nodes share the marks.
type pass int16

// The passes. The first is at the heels of what is due. A row that a long COMMIT made visible only when the first pass was over is found by
// the second, an hour later, or by the third, after a day.
const (
	atOnce   pass = 1
	again    pass = 2
	dayAfter pass = 3
)

// aDay is what a pass whose mark is unset begins with, because a search must not begin with years. Only the third goes over all of them.
const aDay = 24 * time.Hour

// swept is the mark of a pass, by the database's clock: one that is ahead of it was set by a clock that was wrong, and believing it would
// blind every search until then. It counts as unset.
func (t tables) swept(ctx context.Context, p pass) (time.Time, error) {
	var until *time.Time
	err := t.db.QueryRow(ctx, `
		SELECT coalesce((SELECT swept_until FROM sweep_mark WHERE id = $1 AND swept_until <= now()),
		                CASE WHEN $1 = $2 THEN coalesce(history_begins(), now()) ELSE now() - $3::interval END)`,
		int16(p), int16(dayAfter), aDay).Scan(&until)
	if err != nil {
		return time.Time{}, err
	}
	return *until, nil
}

// mark moves the mark of a pass on, never back and never ahead of the database's clock.
func (t tables) mark(ctx context.Context, p pass, until time.Time) error {
	_, err := t.db.Exec(ctx, `
		INSERT INTO sweep_mark AS m (id, swept_until) VALUES ($1, least($2, now()))
		ON CONFLICT (id) DO UPDATE SET swept_until =
			CASE WHEN m.swept_until > now() THEN excluded.swept_until ELSE greatest(m.swept_until, excluded.swept_until) END`,
		int16(p), until)
	return err
}

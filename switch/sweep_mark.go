package switching

import (
	"context"
	"time"
)

// pass identifies one of the repeated searches of the history, and its mark: the time up to which it has found every
// payment to have an outcome. All nodes share the marks.
type pass int16

// The passes. The first follows closely behind what is due. A row that a long COMMIT made visible only after that is
// found by the second, an hour later, or by the third, after a day.
const (
	atOnce   pass = 1
	again    pass = 2
	dayAfter pass = 3
)

// aDay is where a pass without a mark begins, so that no search begins with years of history; only the third pass
// covers all of it.
const aDay = 24 * time.Hour

// swept returns the mark of a pass. A mark ahead of the database's clock was set under a wrong clock and would blind
// every search until then: it counts as unset.
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

// mark advances the mark of a pass, never back and never ahead of the database's clock.
func (t tables) mark(ctx context.Context, p pass, until time.Time) error {
	_, err := t.db.Exec(ctx, `
		INSERT INTO sweep_mark AS m (id, swept_until) VALUES ($1, least($2, now()))
		ON CONFLICT (id) DO UPDATE SET swept_until =
			CASE WHEN m.swept_until > now() THEN excluded.swept_until ELSE greatest(m.swept_until, excluded.swept_until) END`,
		int16(p), until)
	return err
}

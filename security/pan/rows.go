package pan

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
)

// DB is what the vault needs of a database; *pgxpool.Pool is one. Statements
// must commit by themselves: a key inside an open transaction could vanish.
type DB interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// keyRow is one row of pan_key. Wrapped is nil when the key was destroyed.
type keyRow struct {
	Day         time.Time
	Wrapped     []byte
	MasterID    []byte
	CreatedAt   time.Time
	DestroyedAt *time.Time
}

// maxDays bounds a listing: more than a century of days.
const maxDays = 40_000

// selectKey reads one key; found is false where there is no row.
func selectKey(ctx context.Context, db DB, p purpose, day calendar.Date) (row keyRow, found bool, err error) {
	rows, _ := db.Query(ctx, `SELECT day, wrapped, master_id, created_at, destroyed_at
		FROM pan_key WHERE purpose = $1 AND day = $2`, string(p), day.Time())
	row, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[keyRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return keyRow{}, false, nil
	}
	if err != nil {
		return keyRow{}, false, fault.New(fault.Unavailable, "read pan key %s of day %s: %w", p, day, err)
	}
	return row, true, nil
}

// offerKey inserts a wrapped key unless the row exists, and reads the row that
// is stored. An existing row is rewritten unchanged instead of only read: that
// makes the commit wait for the synchronous standby, so nobody seals under a
// key that a failover could still lose.
func offerKey(ctx context.Context, db DB, p purpose, day calendar.Date, wrapped, masterID []byte) (keyRow, error) {
	rows, _ := db.Query(ctx, `INSERT INTO pan_key AS stored (purpose, day, wrapped, master_id, created_at)
		VALUES ($1, $2, $3, $4, now())
		ON CONFLICT (purpose, day) DO UPDATE SET destroyed_at = stored.destroyed_at
		RETURNING day, wrapped, master_id, created_at, destroyed_at`,
		string(p), day.Time(), wrapped, masterID)
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[keyRow])
	if err != nil {
		return keyRow{}, fault.New(fault.Unavailable, "write pan key %s of day %s: %w", p, day, err)
	}
	return row, nil
}

// selectLatest reads the live keys of the latest days, the latest first.
func selectLatest(ctx context.Context, db DB, limit int) ([]keyRow, error) {
	rows, _ := db.Query(ctx, `SELECT day, wrapped, master_id, created_at, destroyed_at
		FROM pan_key WHERE purpose = $1 AND wrapped IS NOT NULL ORDER BY day DESC LIMIT $2`, string(daily), limit)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[keyRow])
	if err != nil {
		return nil, fault.New(fault.Unavailable, "read the latest pan keys: %w", err)
	}
	return found, nil
}

// selectDays reads every day's row without its key.
func selectDays(ctx context.Context, db DB) ([]keyRow, error) {
	rows, _ := db.Query(ctx, `SELECT day, NULL::bytea AS wrapped, master_id, created_at, destroyed_at
		FROM pan_key WHERE purpose = $1 ORDER BY day DESC LIMIT $2`, string(daily), maxDays)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[keyRow])
	if err != nil {
		return nil, fault.New(fault.Unavailable, "list pan keys: %w", err)
	}
	return found, nil
}

// selectDestroyed tells which of the days have lost their key.
func selectDestroyed(ctx context.Context, db DB, days []calendar.Date) ([]calendar.Date, error) {
	asked := make([]time.Time, len(days))
	for i, day := range days {
		asked[i] = day.Time()
	}
	rows, _ := db.Query(ctx, `SELECT day FROM pan_key
		WHERE purpose = $1 AND day = ANY($2::date[]) AND wrapped IS NULL`, string(daily), asked)
	found, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	if err != nil {
		return nil, fault.New(fault.Unavailable, "look for destroyed pan keys: %w", err)
	}
	gone := make([]calendar.Date, len(found))
	for i, day := range found {
		gone[i] = calendar.FromDB(day)
	}
	return gone, nil
}

// selectPast reads the days whose live key is old enough to be destroyed by the database's clock, the oldest first.
func selectPast(ctx context.Context, db DB) ([]calendar.Date, error) {
	rows, _ := db.Query(ctx, `SELECT day FROM pan_key
		WHERE purpose = $1 AND wrapped IS NOT NULL AND day < pan_key_horizon() ORDER BY day`, string(daily))
	found, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	if err != nil {
		return nil, fault.New(fault.Unavailable, "look for pan keys of past days: %w", err)
	}
	days := make([]calendar.Date, len(found))
	for i, day := range found {
		days[i] = calendar.FromDB(day)
	}
	return days, nil
}

// destroyKey has the database overwrite the wrapped key of a day, which it does on conditions of its own; refused says why it did not.
// A key destroyed before keeps the time of the first destruction.
func destroyKey(ctx context.Context, db DB, day calendar.Date) (refused string, err error) {
	rows, _ := db.Query(ctx, `SELECT coalesce(destroy_pan_key($1), '')`, day.Time())
	refused, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
	if err != nil {
		return "", fault.New(fault.Unknown, "destroy the key of day %s: %w", day, err)
	}
	return refused, nil
}

package tariffs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// revision returns a number that grows with every change of the tariffs. It
// reads one row, so a node can ask every second.
func revision(ctx context.Context, db postgres.Querier) (int64, error) {
	var revision int64
	row := db.QueryRow(ctx, `SELECT revision FROM tariff_revision WHERE id = 1`)
	if err := row.Scan(&revision); err != nil {
		return 0, fault.New(fault.Unavailable, "read revision of tariffs: %w", err)
	}
	return revision, nil
}

// LoadSet reads the versions that hold: approved ones, each until the day on
// which another superseded it or it was withdrawn. Drafts are not among them.
// A version's Until is the end that counts, which may be earlier than the one
// its content names.
//
// The revision of the set is read first: a change in between makes the set
// newer than it says, which costs one more reading, and never older.
func LoadSet(ctx context.Context, db postgres.Querier) (*Set, error) {
	revision, err := revision(ctx, db)
	if err != nil {
		return nil, err
	}
	set, err := loadSet(ctx, db, `
		SELECT v.id, v.body::text, nullif(s.until, 'infinity')
		  FROM tariff_state s
		  JOIN tariff_version v ON v.agency = s.agency AND v.id = s.version
		 WHERE s.state IN ('approved', 'superseded', 'withdrawn') AND s.until > s.valid_from
		 ORDER BY v.agency, v.service, v.valid_from`)
	if err != nil {
		return nil, err
	}
	set.revision = revision
	return set, nil
}

// LoadSetAsOf reads the versions that were in force at an instant: approvals,
// supersessions and withdrawals after it are ignored. A node follows a change within a second; which versions priced one
// payment is recorded with the payment. The set has no revision.
func LoadSetAsOf(ctx context.Context, db postgres.Querier, at time.Time) (*Set, error) {
	// A step counts once the state has reached it.
	return loadSet(ctx, db, `
		SELECT v.id, v.body::text, nullif(known.until, 'infinity')
		  FROM tariff_state s
		  JOIN tariff_version v ON v.agency = s.agency AND v.id = s.version
		 CROSS JOIN LATERAL (
		       SELECT t.state, t.until FROM tariff_step t
		        WHERE t.agency = s.agency AND t.version = s.version AND t.step <= s.step AND t.at <= $1
		        ORDER BY t.step DESC LIMIT 1) known
		 WHERE known.state IN ('approved', 'superseded', 'withdrawn') AND known.until > v.valid_from
		 ORDER BY v.agency, v.service, v.valid_from`, at)
}

func loadSet(ctx context.Context, db postgres.Querier, sql string, args ...any) (*Set, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, postgres.Failed("load tariffs", err)
	}
	versions, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Version, error) {
		var id int64
		var body string
		var until *time.Time
		if err := row.Scan(&id, &body, &until); err != nil {
			return Version{}, err
		}
		v, err := versionOf(id, []byte(body))
		v.Until = dateOf(until)
		return v, err
	})
	if err != nil {
		return nil, postgres.Failed("load tariffs", err)
	}
	set, err := NewSet(versions)
	if err != nil {
		return nil, fault.New(fault.KindOf(err), "load tariffs: %w", err)
	}
	return set, nil
}

// dateOf reads a date column that may be null; null is no date.
func dateOf(t *time.Time) calendar.Date {
	if t == nil {
		return 0
	}
	return calendar.FromDB(*t)
}

// orNull writes a date column; no date is null.
func orNull(d calendar.Date) *time.Time {
	if d.IsZero() {
		return nil
	}
	t := d.Time()
	return &t
}

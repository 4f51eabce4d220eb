package tariffs

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"treasury-switch/internal/fault"
)

// Reader is what reading needs of a pool, a connection or a transaction.
type Reader interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// DB is what importing needs of a pool or a connection.
type DB interface {
	Reader
	Begin(ctx context.Context) (pgx.Tx, error)
}

// Revision returns a number that grows with every change of the tariffs. It
// reads one row, so a node can ask every second.
func Revision(ctx context.Context, db Reader) (int64, error) {
	var revision int64
	row := db.QueryRow(ctx, `SELECT revision FROM tariff_revision WHERE id = 1`)
	if err := row.Scan(&revision); err != nil {
		return 0, fault.New(fault.Unavailable, "read revision of tariffs: %w", err)
	}
	return revision, nil
}

// LoadSet reads all versions. The revision of the set is read first: a change
// in between makes the set newer than it says, which costs one more reading,
// and never older.
func LoadSet(ctx context.Context, db Reader) (*Set, error) {
	revision, err := Revision(ctx, db)
	if err != nil {
		return nil, err
	}
	versions, err := loadVersions(ctx, db)
	if err != nil {
		return nil, err
	}
	set, err := NewSet(versions)
	if err != nil {
		return nil, fault.New(fault.KindOf(err), "load tariffs: %w", err)
	}
	set.revision = revision
	return set, nil
}

func loadVersions(ctx context.Context, db Reader) ([]Version, error) {
	rows, err := db.Query(ctx, `SELECT id, body::text FROM tariff_version ORDER BY agency, service, valid_from`)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "load tariffs: %w", err)
	}
	versions, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Version, error) {
		var id int64
		var body string
		if err := row.Scan(&id, &body); err != nil {
			return Version{}, err
		}
		return versionOf(id, []byte(body))
	})
	if err != nil {
		return nil, fault.New(fault.Unavailable, "load tariffs: %w", err)
	}
	return versions, nil
}

// Import adds versions to the database, all or none, and returns how many were
// new; those that are there already with the same content are passed over. It
// refuses what NewSet refuses of the old and the new together: fault.Invalid
// for a faulty version, fault.Conflict for an overlap. If the connection is
// lost at the end the outcome is fault.Unknown, and importing again settles it.
func Import(ctx context.Context, db DB, versions []Version) (added int, err error) {
	tx, err := db.Begin(ctx)
	if err != nil {
		return 0, fault.New(fault.Unavailable, "import tariffs: %w", err)
	}
	defer tx.Rollback(ctx) // after a commit it does nothing
	// The row is locked first: imports follow one another, and each sees the
	// one before it.
	if _, err := tx.Exec(ctx, `SELECT revision FROM tariff_revision WHERE id = 1 FOR UPDATE`); err != nil {
		return 0, fault.New(fault.Unavailable, "import tariffs: %w", err)
	}
	existing, err := loadVersions(ctx, tx)
	if err != nil {
		return 0, err
	}
	fresh, err := newAmong(existing, versions)
	if err != nil || len(fresh) == 0 {
		return 0, err
	}
	if _, err := NewSet(append(existing, fresh...)); err != nil {
		return 0, fault.New(fault.KindOf(err), "import tariffs: %w", err)
	}
	if err := insert(ctx, tx, fresh); err != nil {
		return 0, err
	}
	if err := tx.Commit(ctx); err != nil {
		return 0, fault.New(fault.Unknown, "import tariffs: %w", err)
	}
	return len(fresh), nil
}

// newAmong returns the versions that do not exist yet, each once and with its
// id. Two contents of one id are fault.Conflict.
func newAmong(existing, versions []Version) ([]Version, error) {
	known := make(map[int64][]byte, len(existing)+len(versions))
	for _, v := range existing {
		known[v.ID] = v.body()
	}
	var fresh []Version
	for _, v := range versions {
		v.ID = Identify(v)
		body := v.body()
		old, found := known[v.ID]
		switch {
		case !found:
			known[v.ID] = body
			fresh = append(fresh, v)
		case !bytes.Equal(old, body):
			return nil, fault.New(fault.Conflict, "import tariff of %s from %s: id %d has other content", v.Service, v.From, v.ID)
		}
	}
	return fresh, nil
}

// insert writes the versions in one statement and raises the revision.
func insert(ctx context.Context, tx pgx.Tx, versions []Version) error {
	n := len(versions)
	agencies, ids, services, bodies := make([]int32, n), make([]int64, n), make([]string, n), make([]string, n)
	from, until := make([]time.Time, n), make([]*time.Time, n)
	for i, v := range versions {
		agencies[i], ids[i], services[i], bodies[i] = v.Agency, v.ID, v.Service, string(v.body())
		from[i] = v.From.Time()
		if !v.Until.IsZero() {
			end := v.Until.Time()
			until[i] = &end
		}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO tariff_version (agency, id, service, valid_from, valid_to, body)
		SELECT agency, id, service, valid_from, valid_to, body::jsonb
		  FROM unnest($1::int[], $2::bigint[], $3::text[], $4::date[], $5::date[], $6::text[])
		    AS v (agency, id, service, valid_from, valid_to, body)
		 ORDER BY agency, id`, agencies, ids, services, from, until, bodies)
	if err != nil {
		return refused(err)
	}
	if _, err := tx.Exec(ctx, `UPDATE tariff_revision SET revision = revision + 1 WHERE id = 1`); err != nil {
		return fault.New(fault.Unavailable, "raise revision of tariffs: %w", err)
	}
	return nil
}

// exclusionViolation is SQLSTATE 23P01 (PostgreSQL, appendix A).
const exclusionViolation = "23P01"

// refused gives the database's own refusal its kind.
func refused(err error) error {
	var answer *pgconn.PgError
	if errors.As(err, &answer) && answer.Code == exclusionViolation {
		return fault.New(fault.Conflict, "import tariffs: overlapping versions: %w", err)
	}
	return fault.New(fault.Unavailable, "import tariffs: %w", err)
}

package tariffs

import (
	"context"
	"time"

	"treasury-switch/internal/postgres"

	"github.com/jackc/pgx/v5"
)

// recordColumns are a version and its state, as scanRecord reads them.
const recordColumns = `SELECT s.version, s.agency, s.service, s.state, s.step, s.valid_from, nullif(s.until, 'infinity'),
	nullif(s.full_until, 'infinity'), s.entered_by, coalesce(s.submitted_by, ''), coalesce(s.approved_by, ''), s.at,
	coalesce(s.successor, 0), v.body::text
	FROM tariff_state s JOIN tariff_version v ON v.agency = s.agency AND v.id = s.version `

// Which records are meant, in the order in which lists show them.
const (
	inOrder       = ` ORDER BY s.service, s.valid_from, s.version`
	whereIDs      = `WHERE s.version = ANY ($1::bigint[])` + inOrder
	whereServices = `WHERE s.service = ANY ($1::text[])` + inOrder
)

func records(ctx context.Context, db postgres.Querier, where string, args ...any) ([]Record, error) {
	rows, err := db.Query(ctx, recordColumns+where, args...)
	if err != nil {
		return nil, postgres.Failed("read tariffs", err)
	}
	all, err := pgx.CollectRows(rows, scanRecord)
	return all, postgres.Failed("read tariffs", err)
}

func scanRecord(row pgx.CollectableRow) (Record, error) {
	var r Record
	var from time.Time
	var until, fullUntil *time.Time
	var body string
	err := row.Scan(&r.ID, &r.Agency, &r.Service, &r.State, &r.step, &from, &until, &fullUntil,
		&r.EnteredBy, &r.SubmittedBy, &r.ApprovedBy, &r.ChangedAt, &r.Successor, &body)
	if err != nil {
		return Record{}, err
	}
	r.From, r.Until, r.FullUntil = dateOf(&from), dateOf(until), dateOf(fullUntil)
	r.Content, err = versionOf(r.ID, []byte(body))
	return r, err
}

// withHistory reads what was done to each of the records.
func withHistory(ctx context.Context, db postgres.Querier, all []Record) error {
	place := make(map[int64]*Record, len(all))
	ids := make([]int64, len(all))
	for i := range all {
		ids[i], place[all[i].ID] = all[i].ID, &all[i]
	}
	rows, err := db.Query(ctx, `
		SELECT t.version, t.state, t.actor, t.at, t.reason, nullif(t.until, 'infinity')
		  FROM tariff_step t
		  JOIN tariff_state s ON s.agency = t.agency AND s.version = t.version AND t.step <= s.step
		 WHERE t.version = ANY ($1::bigint[])
		 ORDER BY t.version, t.step`, ids)
	if err != nil {
		return postgres.Failed("read history of tariffs", err)
	}
	var id int64
	var s Step
	var until *time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &s.State, &s.By, &s.At, &s.Reason, &until}, func() error {
		s.Until = dateOf(until)
		place[id].History = append(place[id].History, s)
		return nil
	})
	return postgres.Failed("read history of tariffs", err)
}

// sameDays reads the stored versions that begin on the same day as one of those
// given, of the same service: only they can have the same content.
func sameDays(ctx context.Context, db postgres.Querier, versions []Version) ([]Version, error) {
	services, days := make([]string, len(versions)), make([]time.Time, len(versions))
	for i, v := range versions {
		services[i], days[i] = v.Service, v.From.Time()
	}
	rows, err := db.Query(ctx, `
		SELECT v.id, v.body::text FROM tariff_version v
		 WHERE (v.service, v.valid_from) IN (SELECT * FROM unnest($1::text[], $2::date[]))`, services, days)
	if err != nil {
		return nil, postgres.Failed("read tariffs", err)
	}
	existing, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Version, error) {
		var id int64
		var body string
		if err := row.Scan(&id, &body); err != nil {
			return Version{}, err
		}
		return versionOf(id, []byte(body))
	})
	return existing, postgres.Failed("read tariffs", err)
}

// insert writes contents in one statement.
func insert(ctx context.Context, tx pgx.Tx, versions []Version) error {
	if len(versions) == 0 {
		return nil
	}
	n := len(versions)
	agencies, ids, services, bodies := make([]int32, n), make([]int64, n), make([]string, n), make([]string, n)
	from, until := make([]time.Time, n), make([]*time.Time, n)
	for i, v := range versions {
		agencies[i], ids[i], services[i], bodies[i] = v.Agency, v.ID, v.Service, string(v.body())
		from[i], until[i] = v.From.Time(), orNull(v.Until)
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO tariff_version (agency, id, service, valid_from, valid_to, body)
		SELECT agency, id, service, valid_from, valid_to, body::jsonb
		  FROM unnest($1::int[], $2::bigint[], $3::text[], $4::date[], $5::date[], $6::text[])
		    AS v (agency, id, service, valid_from, valid_to, body)
		 ORDER BY agency, id`, agencies, ids, services, from, until, bodies)
	return postgres.Failed("import tariffs", err)
}

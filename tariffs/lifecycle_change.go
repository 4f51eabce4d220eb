package tariffs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/security/access"
)

// filing is one transaction that changes tariffs.
type filing struct {
	tx    pgx.Tx
	by    string
	role  string
	at    time.Time
	moves []move
}

// move brings a version into the state of its record.
type move struct {
	Record
	reason string
}

// file runs do in a transaction and writes the moves that it collected. If the
// connection is lost at the end the outcome is fault.Unknown.
func file(ctx context.Context, db postgres.DB, by access.By, doing string, do func(context.Context, *filing) error) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return postgres.Failed(doing, err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // after a commit it does nothing
	f := &filing{tx: tx, by: by.User}
	if err := f.open(ctx, by.At); err != nil {
		return err
	}
	if err := do(ctx, f); err != nil || len(f.moves) == 0 {
		return err
	}
	if err := f.write(ctx); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fault.New(fault.Unknown, "%s: %w", doing, err)
	}
	return nil
}

// open locks the revision, so that changes follow one another and each sees the
// one before it, and looks up who asks. A step is never earlier than those
// before it, whatever the clocks of several machines say: otherwise a set as of
// an instant could hold what no node ever held.
func (f *filing) open(ctx context.Context, at time.Time) error {
	if _, err := f.tx.Exec(ctx, `SELECT revision FROM tariff_revision WHERE id = 1 FOR UPDATE`); err != nil {
		return postgres.Failed("lock tariffs", err)
	}
	var err error
	if f.role, err = access.RoleOf(ctx, f.tx, f.by); err != nil {
		return err
	}
	err = f.tx.QueryRow(ctx, `SELECT greatest($1::timestamptz, max(at)) FROM tariff_state`, at).Scan(&f.at)
	return postgres.Failed("look up the last change of tariffs", err)
}

// mayCheck refuses whoever is no checker.
func (f *filing) mayCheck(doing string) error {
	if f.role != access.Checker {
		return fault.New(fault.Denied, "%s: %s is a %s; this takes a checker", doing, f.by, f.role)
	}
	return nil
}

// move notes that a version comes into another state, and returns its record in it.
func (f *filing) move(r Record, to State, reason string) Record {
	r.State, r.ChangedAt, r.Successor = to, f.at, 0
	r.step++
	switch to {
	case Draft:
		r.EnteredBy, r.SubmittedBy, r.ApprovedBy, r.Until = f.by, "", "", r.FullUntil
	case Submitted:
		r.SubmittedBy = f.by
	case Approved:
		r.ApprovedBy = f.by
	}
	r.History = append(r.History[:len(r.History):len(r.History)], Step{State: to, By: f.by, At: f.at, Reason: reason, Until: r.Until})
	f.moves = append(f.moves, move{r, reason})
	return r
}

// write sends every move in its order: a version that gives way before the one
// that takes its place.
func (f *filing) write(ctx context.Context) error {
	var b pgx.Batch
	for i := range f.moves {
		f.moves[i].queue(&b, f.by)
	}
	b.Queue(`UPDATE tariff_revision SET revision = revision + 1 WHERE id = 1`)
	if err := f.tx.SendBatch(ctx, &b).Close(); err != nil {
		return postgres.Failed("change tariffs", err)
	}
	return nil
}

// queue adds the statements of a move: the step, and the state that follows from it.
func (m *move) queue(b *pgx.Batch, by string) {
	b.Queue(`INSERT INTO tariff_step (agency, version, step, state, until, actor, at, reason)
		VALUES ($1, $2, $3, $4, coalesce($5::date, 'infinity'), $6, $7, $8)`,
		m.Agency, m.ID, m.step, m.State, orNull(m.Until), by, m.ChangedAt, m.reason)
	if m.step == 1 {
		b.Queue(`INSERT INTO tariff_state
			(agency, version, service, valid_from, full_until, step, state, until, actor, at, entered_by)
			VALUES ($1, $2, $3, $4, coalesce($5::date, 'infinity'), 1, $6, coalesce($5::date, 'infinity'), $7, $8, $7)`,
			m.Agency, m.ID, m.Service, m.From.Time(), orNull(m.FullUntil), m.State, by, m.ChangedAt)
		return
	}
	b.Queue(`UPDATE tariff_state
		SET step = $3, state = $4, until = coalesce($5::date, 'infinity'), actor = $6, at = $7, entered_by = $8,
		    submitted_by = nullif($9, ''), approved_by = nullif($10, ''), successor = nullif($11::bigint, 0)
		WHERE agency = $1 AND version = $2`,
		m.Agency, m.ID, m.step, m.State, orNull(m.Until), by, m.ChangedAt, m.EnteredBy,
		m.SubmittedBy, m.ApprovedBy, m.Successor)
}

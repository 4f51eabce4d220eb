package recorder

import (
	"time"

	"github.com/jackc/pgx/v5"
)

// Rows are written by COPY, which has no ON CONFLICT. A group is first written optimistically: if a row exists
// already, a payment's primary key or a record's version refuses the whole group. It is then written again after a
// look-up, as are the next groups for a while and every group whose COMMIT was doubtful: who was first is read after
// the fence, and the losers leave before any row is written. The look-up never lets two winners pass, because the
// keys still decide.

// lookFirstGroups is how many groups of a lane are written after a look-up once one has met an existing row: where
// there is one repeat, others follow.
const lookFirstGroups = 64

const selectIntents = `
SELECT k.n, p.rrn FROM unnest($1::int[], $2::date[], $3::uuid[]) WITH ORDINALITY AS k (agency, opened_on, id, n),
       LATERAL (SELECT rrn FROM payment WHERE agency = k.agency AND opened_on = k.opened_on AND id = k.id LIMIT 1) AS p`

const selectRecords = `
SELECT k.n, e.plan_id FROM unnest($1::int[], $2::date[], $3::uuid[], $4::smallint[]) WITH ORDINALITY
       AS k (agency, opened_on, id, version, n),
       LATERAL (SELECT plan_id FROM event
                 WHERE agency = k.agency AND opened_on = k.opened_on AND payment = k.id AND version = k.version LIMIT 1) AS e`

// keys are payments and versions by column, as parameters of the look-up.
type keys struct {
	entries  []*Entry
	agency   []int32
	openedOn []time.Time
	id       [][16]byte
	version  []int16
}

func (k *keys) add(e *Entry) {
	p := &e.Plan.Payment
	k.entries = append(k.entries, e)
	k.agency, k.openedOn, k.id = append(k.agency, p.Agency), append(k.openedOn, p.OpenedOn.Time()), append(k.id, p.ID)
	if e.Plan.Record != nil {
		k.version = append(k.version, e.Plan.Record.Version)
	}
}

// leave settles what the look-up found: a row with our own number was written by us, in a COMMIT whose confirmation
// was lost; any other row by somebody else.
func (k *keys) leave(mark func(*Entry) int64) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		var n, number int64
		_, err := pgx.ForEachRow(rows, []any{&n, &number}, func() error {
			e := k.entries[n-1]
			e.outcome = Lost
			if number == mark(e) {
				e.outcome = Written
			}
			return nil
		})
		return err
	}
}

// queueFirst adds to the batch the look-up of members that come too late.
func (g *group) queueFirst(b *pgx.Batch) {
	var intents, records keys
	for _, e := range g.entries {
		switch {
		case e.Plan.New:
			intents.add(e)
		case e.Plan.Record != nil:
			records.add(e)
		}
	}
	if len(intents.id) > 0 {
		b.Queue(selectIntents, intents.agency, intents.openedOn, intents.id).
			Query(intents.leave(func(e *Entry) int64 { return int64(e.Plan.Payment.RRN) }))
	}
	if len(records.id) > 0 {
		b.Queue(selectRecords, records.agency, records.openedOn, records.id, records.version).
			Query(records.leave(func(e *Entry) int64 { return e.planID }))
	}
}

// keepWinners keeps the entries whose rows are to be written: nobody was first, and the ledger takes their journal.
func (g *group) keepWinners() {
	g.live = g.live[:0]
	for _, e := range g.entries {
		if e.outcome == 0 {
			e.outcome = g.refusal(&e.Plan)
		}
		if e.outcome == 0 {
			e.outcome = Written
			g.live = append(g.live, e)
		}
	}
}

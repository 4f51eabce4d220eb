package recorder

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/money"
	"treasury-switch/switch/payment"
)

// DueReversal is a row of the store-and-forward queue.
type DueReversal struct {
	payment.Key
	STAN         int
	Transmission time.Time
	Amount       money.Rial
	Tries        int // this one included
	Rejects      int
}

// due selects the items whose time has come. An item scheduled farther ahead than any pause was scheduled under a
// clock that has since been set back: it is due as well (G16). $2 is now, $3 the farthest possible time.
const due = `(next_at <= $2 OR next_at > $3) AND (claimed_until IS NULL OR claimed_until <= $2 OR claimed_until > $3)`

// AgenciesDue returns the agencies that have something to send. Claims are made agency by agency, because the tables
// are distributed by agency.
func AgenciesDue(ctx context.Context, db postgres.Querier, now, farthest time.Time) ([]int32, error) {
	rows, err := db.Query(ctx, `SELECT DISTINCT agency FROM saf WHERE $1::text IS NOT NULL AND `+due+` ORDER BY agency`,
		"", now, farthest)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int32])
}

// ClaimReversal claims the longest-due item of an agency and counts the try, and commits that before anything is
// sent: after a crash the next send is a repeat. Items that another worker is claiming are skipped. The choice is
// made in a materialised query: as a subquery of the update it could run again for every row, skip the one just
// locked, and claim a second item that nobody would send until its claim expires.
func ClaimReversal(ctx context.Context, db postgres.Querier, agency int32, now, farthest, until time.Time) (it DueReversal, found bool, err error) {
	rows, err := db.Query(ctx, `
		WITH longest AS MATERIALIZED (
			SELECT opened_on, payment FROM saf WHERE agency = $1 AND `+due+`
			 ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
		UPDATE saf SET claimed_until = $4, tries = tries + 1
		  FROM longest WHERE saf.agency = $1 AND saf.opened_on = longest.opened_on AND saf.payment = longest.payment
		RETURNING saf.agency, saf.opened_on, saf.payment, stan, transmission, amount, tries, rejects`,
		agency, now, farthest, until)
	if err != nil {
		return DueReversal{}, false, err
	}
	it, err = pgx.CollectExactlyOneRow(rows, scanItem)
	if errors.Is(err, pgx.ErrNoRows) {
		return DueReversal{}, false, nil
	}
	return it, err == nil, err
}

func scanItem(row pgx.CollectableRow) (DueReversal, error) {
	var it DueReversal
	var openedOn time.Time
	err := row.Scan(&it.Agency, &openedOn, &it.ID, &it.STAN, &it.Transmission, &it.Amount, &it.Tries, &it.Rejects)
	it.OpenedOn = calendar.FromDB(openedOn)
	return it, err
}

// QueueLength counts the queued reversals; oldest is zero if there are none.
func QueueLength(ctx context.Context, db postgres.Querier) (queued int64, oldest time.Time, err error) {
	var since *time.Time
	err = db.QueryRow(ctx, `SELECT count(*), min(queued_at) FROM saf`).Scan(&queued, &since)
	if since != nil {
		oldest = *since
	}
	return queued, oldest, err
}

// ReversalSent reads the STAN and the transmission time of a payment's queued reversal, which all its messages carry;
// fault.NotFound if none is queued.
func ReversalSent(ctx context.Context, db postgres.Querier, k payment.Key) (stan int, at time.Time, err error) {
	err = db.QueryRow(ctx, `SELECT stan, transmission FROM saf WHERE agency = $1 AND opened_on = $2 AND payment = $3`,
		k.Agency, k.OpenedOn.Time(), k.ID).Scan(&stan, &at)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, at, fault.New(fault.NotFound, "no reversal of payment %x of agency %d waits for an answer", k.ID, k.Agency)
	}
	if err != nil {
		return 0, at, fmt.Errorf("read the queued reversal of payment %x of agency %d: %w", k.ID, k.Agency, err)
	}
	return stan, at, nil
}

// Queued is a payment's item in the queue of reversals.
type Queued struct {
	STAN     int       `json:"stan"`    // of the reversal's messages; repeats keep it
	Tries    int       `json:"tries"`   // how often it was claimed for sending
	Rejects  int       `json:"rejects"` // how often the network refused it
	QueuedAt time.Time `json:"queued_at"`
	NextAt   time.Time `json:"next_at"` // not to be sent before
}

// QueuedReversal reads a payment's item in the queue; nil if there is none.
func QueuedReversal(ctx context.Context, db postgres.Querier, k payment.Key) (*Queued, error) {
	var q Queued
	err := db.QueryRow(ctx, `
		SELECT stan, tries, rejects, queued_at, next_at FROM saf WHERE agency = $1 AND opened_on = $2 AND payment = $3`,
		k.Agency, k.OpenedOn.Time(), k.ID).Scan(&q.STAN, &q.Tries, &q.Rejects, &q.QueuedAt, &q.NextAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the queued reversal of payment %x of agency %d: %w", k.ID, k.Agency, err)
	}
	return &q, nil
}

// queueTask updates a queued reversal. Few plans need it, so these rows are written one by one.
func queueTask(b *pgx.Batch, e *Entry) {
	p := &e.Plan.Payment
	key := []any{p.Agency, p.OpenedOn.Time(), p.ID}
	const where = ` WHERE agency = $1 AND opened_on = $2 AND payment = $3`
	switch e.Plan.Task {
	case payment.Hurry:
		b.Queue(`UPDATE saf SET next_at = $4`+where+` AND next_at > $4`, append(key, e.NextAt)...)
	case payment.WaitWindow:
		b.Queue(`UPDATE saf SET next_at = $4, claimed_until = NULL`+where, append(key, e.NextAt)...)
	case payment.BackOff:
		b.Queue(`UPDATE saf SET next_at = $4, claimed_until = NULL`+where+ofTry, append(key, e.NextAt, e.Plan.Tries)...)
	case payment.BackOffHard:
		b.Queue(`UPDATE saf SET next_at = $4, claimed_until = NULL, rejects = rejects + 1`+where+ofTry, append(key, e.NextAt, e.Plan.Tries)...)
	case payment.Dequeue:
		b.Queue(`DELETE FROM saf`+where, key...)
	}
}

// ofTry selects the row of the last claimed try if nothing has been recorded for it. A plan without a record leaves
// no trace by which a repetition of its group could tell that it was written: so it changes the row of its own try
// only, and once.
const ofTry = ` AND tries = $5 AND claimed_until IS NOT NULL`

// insertReversals queues reversals. A message is identified by acquirer, terminal, trace number and transmission time
// to the second, so a reversal whose trace number another one of the agency has in the same second gets no row, and
// the next number is tried. After a crash or an outage reversals come by the thousand, so those of a group are one
// statement without look-ups.
const insertReversals = `
INSERT INTO saf (agency, opened_on, payment, book, stan, transmission, amount, tries, rejects, next_at, queued_at)
SELECT agency, opened_on, payment, book, stan, second, amount, 0, 0, next_at, queued_at
  FROM unnest($1::int[], $2::date[], $3::uuid[], $4::smallint[], $5::int[], $6::timestamptz[], $7::bigint[], $8::timestamptz[], $9::timestamptz[])
       AS q (agency, opened_on, payment, book, stan, second, amount, next_at, queued_at)
    ON CONFLICT (agency, transmission, stan) DO NOTHING
RETURNING agency, payment`

// traceTries bounds the trace numbers tried for a reversal. Few of the agency's reversals share a second.
const traceTries = 100

// errNoTrace: no free trace number was found for a reversal.
var errNoTrace = errors.New("the agency's reversals of this second have every trace number that was tried")

// reversals are rows of the queue by column, as parameters of unnest.
type reversals struct {
	entries  []*Entry
	agency   []int32
	openedOn []time.Time
	payment  [][16]byte
	book     []int16
	stan     []int32
	second   []time.Time
	amount   []int64
	nextAt   []time.Time
	queuedAt []time.Time
	tried    int // numbers tried before these
}

// newReversals collects the reversals that a group queues.
func newReversals(live []*Entry) *reversals {
	r := &reversals{}
	for _, e := range live {
		if e.Plan.Task == payment.QueueNow || e.Plan.Task == payment.QueueLater {
			r.add(e)
		}
	}
	return r
}

func (r *reversals) add(e *Entry) {
	p := &e.Plan.Payment
	r.entries = append(r.entries, e)
	r.agency, r.openedOn, r.payment = append(r.agency, p.Agency), append(r.openedOn, p.OpenedOn.Time()), append(r.payment, p.ID)
	r.book, r.stan = append(r.book, int16(p.Book)), append(r.stan, int32((e.STAN-1+r.tried)%999_999)+1)
	r.second, r.amount = append(r.second, e.At.Truncate(time.Second)), append(r.amount, int64(e.Plan.Amount))
	r.nextAt, r.queuedAt = append(r.nextAt, e.NextAt), append(r.queuedAt, e.At)
}

// queue writes the rows, and keeps in r those that got none.
func (r *reversals) queue(b *pgx.Batch) {
	if len(r.entries) == 0 {
		return
	}
	rows := *r
	b.Queue(insertReversals, rows.agency, rows.openedOn, rows.payment, rows.book, rows.stan, rows.second, rows.amount, rows.nextAt, rows.queuedAt).
		Query(func(found pgx.Rows) error {
			var k payment.Key // without its day: the id identifies it well enough
			written := map[payment.Key]bool{}
			if _, err := pgx.ForEachRow(found, []any{&k.Agency, &k.ID}, func() error { written[k] = true; return nil }); err != nil {
				return err
			}
			*r = reversals{tried: rows.tried + 1}
			for _, e := range rows.entries {
				if !written[payment.Key{Agency: e.Plan.Payment.Agency, ID: e.Plan.Payment.ID}] {
					r.add(e)
				}
			}
			return nil
		})
}

// finish tries further numbers for the rows that got none.
func (r *reversals) finish(ctx context.Context, s *session) error {
	for len(r.entries) > 0 {
		if r.tried >= traceTries {
			return errNoTrace
		}
		b := &pgx.Batch{}
		r.queue(b)
		if err := s.conn.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
	}
	return nil
}

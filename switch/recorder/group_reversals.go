package recorder

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/switch/payment"
)

// insertReversals queues reversals. A message is known by acquirer, terminal, trace number and transmission time to the second, so one whose
// trace number another reversal of the agency has in the same second gets no row, and the next number is tried. After a crash or an outage
// reversals come by the thousand, so those of a group are one statement, which looks nothing up.
const insertReversals = `
INSERT INTO saf (agency, opened_on, payment, book, stan, transmission, amount, tries, rejects, next_at, queued_at)
SELECT agency, opened_on, payment, book, stan, second, amount, 0, 0, next_at, queued_at
  FROM unnest($1::int[], $2::date[], $3::uuid[], $4::smallint[], $5::int[], $6::timestamptz[], $7::bigint[], $8::timestamptz[], $9::timestamptz[])
       AS q (agency, opened_on, payment, book, stan, second, amount, next_at, queued_at)
    ON CONFLICT (agency, transmission, stan) DO NOTHING
RETURNING agency, payment`

// traceTries bounds how many numbers are tried for a reversal. In a second there are few others.
const traceTries = 100

// errNoTrace says that no trace number was found for a reversal.
var errNoTrace = errors.New("the agency's reversals of this second have every trace number that was tried")

// reversals are rows of the queue by column, as they travel.
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
	tried    int // how many numbers before these
}

// newReversals are those that a group queues.
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

// queue writes the rows, and leaves in r those that got none.
func (r *reversals) queue(b *pgx.Batch) {
	if len(r.entries) == 0 {
		return
	}
	rows := *r
	b.Queue(insertReversals, rows.agency, rows.openedOn, rows.payment, rows.book, rows.stan, rows.second, rows.amount, rows.nextAt, rows.queuedAt).
		Query(func(found pgx.Rows) error {
			var k payment.Key // without its day: the id has enough of it
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

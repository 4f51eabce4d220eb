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
	Tries        int // this one is counted
	Rejects      int
}

// due is true of items whose time has come. An item that is scheduled farther
// ahead than any pause can be was scheduled by a clock that has since been set
// back: it is due as well (G16). $2 is now, $3 the farthest possible time.
const due = `(next_at <= $2 OR next_at > $3) AND (claimed_until IS NULL OR claimed_until <= $2 OR claimed_until > $3)`

// AgenciesDue names the agencies that have something to send. Claims are made
// agency by agency, because that is how the tables are distributed.
func AgenciesDue(ctx context.Context, db postgres.Querier, now, farthest time.Time) ([]int32, error) {
	rows, err := db.Query(ctx, `SELECT DISTINCT agency FROM saf WHERE $1::text IS NOT NULL AND `+due+` ORDER BY agency`,
		"", now, farthest)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int32])
}

// ClaimReversal takes the item of an agency that has been due for longest for this worker and counts the try, and commits that before anything
// is sent: after a crash the next send is a repeat. Items that another worker is claiming are skipped. The choice is made once, beside the
// update: as its subquery it could be made anew for every row that is looked at, skip the one that was locked a moment ago, and claim a
// second item that nobody would send until its claim is over.
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

// ReversalSent reads the STAN and the transmission time of a payment's queued reversal,
// which all its messages carry; fault.NotFound if none is queued.
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

// Queued is a payment's place in the queue of reversals.
type Queued struct {
	STAN     int       `json:"stan"`    // of the reversal's messages; repeats keep it
	Tries    int       `json:"tries"`   // how often it was claimed for sending
	Rejects  int       `json:"rejects"` // how often the network refused it
	QueuedAt time.Time `json:"queued_at"`
	NextAt   time.Time `json:"next_at"` // not sent before
}

// QueuedReversal reads the place of a payment in the queue; nil if nothing of it is queued.
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

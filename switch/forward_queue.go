package switching

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/money"
)

func amountOf(it item) money.Rial { return money.Rial(it.amount) }

// due is true of items whose time has come. An item that is scheduled farther
// ahead than any pause can be was scheduled by a clock that has since been set
// back: it is due as well (G16). $2 is now, $3 the farthest possible time.
const due = `(next_at <= $2 OR next_at > $3) AND (claimed_until IS NULL OR claimed_until <= $2 OR claimed_until > $3)`

// farthest is the latest moment for which an item can honestly be scheduled.
func (s *Switch) farthest(now time.Time) time.Time {
	longest := max(s.cfg.Forward.Most, s.cfg.Timers.InFlight+s.cfg.Timers.SendBefore, s.claimFor())
	return now.Add(longest + time.Second)
}

// claimFor is how long a claimed item is out of other workers' sight.
func (s *Switch) claimFor() time.Duration { return s.cfg.Forward.Answer + 10*time.Second }

// agenciesDue names the agencies that have something to send. Claims are made
// agency by agency, because that is how the tables are distributed.
func (t tables) agenciesDue(ctx context.Context, now, farthest time.Time) ([]int32, error) {
	rows, err := t.db.Query(ctx, `SELECT DISTINCT agency FROM saf WHERE $1::text IS NOT NULL AND `+due+` ORDER BY agency`,
		"", now, farthest)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int32])
}

// claim takes the item of an agency that has been due for longest for this worker and counts the try, and commits that before anything
// is sent: after a crash the next send is a repeat. Items that another worker is claiming are skipped. The choice is made once, beside the
// update: as its subquery it could be made anew for every row that is looked at, skip the one that was locked a moment ago, and claim a
// second item that nobody would send until its claim is over.
func (t tables) claim(ctx context.Context, agency int32, now, farthest, until time.Time) (it item, found bool, err error) {
	rows, err := t.db.Query(ctx, `
		WITH longest AS MATERIALIZED (
			SELECT opened_on, payment FROM saf WHERE agency = $1 AND `+due+`
			 ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
		UPDATE saf SET claimed_until = $4, tries = tries + 1
		  FROM longest WHERE saf.agency = $1 AND saf.opened_on = longest.opened_on AND saf.payment = longest.payment
		RETURNING saf.agency, saf.opened_on, saf.payment, stan, transmission, amount, tries, rejects`,
		agency, now, farthest, until)
	if err != nil {
		return item{}, false, err
	}
	it, err = pgx.CollectExactlyOneRow(rows, scanItem)
	if errors.Is(err, pgx.ErrNoRows) {
		return item{}, false, nil
	}
	return it, err == nil, err
}

func scanItem(row pgx.CollectableRow) (item, error) {
	var it item
	var openedOn time.Time
	err := row.Scan(&it.Agency, &openedOn, &it.ID, &it.stan, &it.transmission, &it.amount, &it.tries, &it.rejects)
	it.OpenedOn = calendar.FromDB(openedOn)
	return it, err
}

// measureQueue counts the queue for the limit that protects it, and for the
// alarm on its age.
func (s *Switch) measureQueue(ctx context.Context) error {
	queued, oldest, err := s.Store.queueLength(ctx)
	if err != nil {
		s.Log.Error("queue of reversals not measured", "error", err)
		return err
	}
	s.queued.Store(queued)
	var age time.Duration
	if !oldest.IsZero() {
		age = s.Now().Sub(oldest)
	}
	s.Observe.Forward(int(queued), age)
	return nil
}

// queueLength counts the queued reversals; oldest is zero if there are none.
func (t tables) queueLength(ctx context.Context) (queued int64, oldest time.Time, err error) {
	var since *time.Time
	err = t.db.QueryRow(ctx, `SELECT count(*), min(queued_at) FROM saf`).Scan(&queued, &since)
	if since != nil {
		oldest = *since
	}
	return queued, oldest, err
}

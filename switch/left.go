package switching

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment"
)

// Bounds of ending payments that have no outcome.
const (
	endAtOnce  = 500 // the size of a group, so that recovery after a crash writes full groups, not one COMMIT per payment
	readAtOnce = 8   // half of the connection pool, where each payment is read first
	endLimit   = 10 * time.Second
	leftPause  = 30 * time.Second // before a payment that could not be ended is tried again
	leftPart   = 4 * readAtOnce   // open payments handled before the next ones are begun
	leftFor    = 20 * time.Second // no more are begun after this long: others have become due
	handLimit  = 5 * time.Second
)

// endAll reverses payments without an outcome, many at a time. Those that cannot be ended now, because their record
// is locked or refused, become open payments that every node tries to end. An error means that this could not be
// stored.
func (s *Switch) endAll(ctx context.Context, payments []payment.Payment) error {
	failures := s.forEachLimited(ctx, endAtOnce, len(payments), func(ctx context.Context, i int) error { return s.interrupted(ctx, payments[i]) })
	if err := ctx.Err(); err != nil {
		return err
	}
	left := map[payment.Key]time.Time{}
	for i, err := range failures {
		if err != nil {
			left[payments[i].Key] = s.Now()
			s.Log.Error("payment without outcome not ended, it is tried again", "rrn", payments[i].RRN.String(), "error", err)
		}
	}
	if len(left) > 0 {
		s.Observe.Alarm(payment.NotEnded)
	}
	return s.Store.addOpen(ctx, left)
}

// ending is the result of ending a set of payments.
type ending struct {
	over  []payment.Key // have an outcome, or do not exist
	stuck []payment.Key // their record is locked or refused, or cannot be read
	found int           // how many of them all had no outcome
}

// endParts loads payments by key and reverses those that have no outcome. Results are settled part by part, so that a
// payment that hangs delays few others; when the time is up, the rest waits for the next round. A payment that is not
// due stays open: its request came again, after the node that stored its key had failed to record it.
func (s *Switch) endParts(ctx context.Context, keys []payment.Key, settle func(ending) error) (found int, err error) {
	began := time.Now()
	for part := range slices.Chunk(keys, leftPart) {
		if ctx.Err() != nil || time.Since(began) > leftFor {
			break
		}
		became, failed := s.endEach(ctx, part)
		found += became.found
		if err = errors.Join(err, failed); ctx.Err() == nil {
			err = errors.Join(err, settle(became))
		}
	}
	return found, err
}

// endEach ends the payments of one part.
func (s *Switch) endEach(ctx context.Context, keys []payment.Key) (ending, error) {
	pending, early := make([]bool, len(keys)), make([]bool, len(keys))
	failures := s.forEachLimited(ctx, readAtOnce, len(keys), func(ctx context.Context, i int) error {
		p, err := s.Store.Payment(ctx, keys[i])
		noOutcome := err == nil && p.Status == payment.Pending
		early[i] = noOutcome && s.outcomesUntil().Before(p.OpenedAt)
		if pending[i] = noOutcome && !early[i]; pending[i] {
			return s.interrupted(ctx, p)
		}
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		return err
	})
	var became ending
	refused := false
	for i, k := range keys {
		switch {
		case failures[i] != nil:
			became.stuck = append(became.stuck, k)
		case !early[i]:
			became.over = append(became.over, k)
		}
		if pending[i] {
			became.found++
		}
		refused = refused || pending[i] && failures[i] != nil
	}
	if refused && ctx.Err() == nil {
		s.Observe.Alarm(payment.NotEnded)
	}
	return became, errors.Join(failures...)
}

// forEachLimited calls do for 0 to n-1, at most `most` at a time and each within endLimit, and returns their errors.
func (s *Switch) forEachLimited(ctx context.Context, most, n int, do func(ctx context.Context, i int) error) []error {
	failures, free := make([]error, n), make(chan struct{}, most)
	var running sync.WaitGroup
	for i := range n {
		free <- struct{}{}
		running.Go(func() {
			defer func() { <-free }()
			limited, cancel := context.WithTimeout(ctx, endLimit)
			defer cancel()
			failures[i] = s.shielded("end a payment", func() error { return do(limited, i) })
		})
	}
	running.Wait()
	return failures
}

// endOpen ends the open payments: left by a node that was stopped, or stored because their reversal could not be
// recorded. Those that cannot be ended now are postponed.
func (s *Switch) endOpen(ctx context.Context) error {
	keys, err := s.Store.dueOpen(ctx, s.Now())
	if err != nil {
		return err
	}
	found, err := s.endParts(ctx, keys, func(e ending) error {
		return errors.Join(s.Store.dropOpen(ctx, e.over), s.Store.postponeOpen(ctx, e.stuck, s.Now().Add(leftPause)))
	})
	s.found.Add(int64(found))
	return err
}

// handOver stores this node's payments without an outcome as open, so that another node, or this one after a restart,
// ends them when they are due and nobody has to search for them. It belongs to an orderly stop; a node that cannot
// store them gives up its lanes as if it had crashed.
func (s *Switch) handOver() error {
	ctx, cancel := context.WithTimeout(context.Background(), handLimit)
	defer cancel()
	open := s.unended.all()
	if len(open) == 0 {
		return nil
	}
	if err := s.Store.addOpen(ctx, open); err != nil {
		s.Observe.Alarm(payment.NotEnded)
		s.Recorder.Abandon()
		return fmt.Errorf("hand over %d payments without an outcome: %w", len(open), err)
	}
	s.Log.Warn("payments without an outcome are left for other nodes, or the next start, to end", "payments", len(open))
	return nil
}

// addOpen stores open payments with the time from which on they are to be ended.
func (t tables) addOpen(ctx context.Context, open map[payment.Key]time.Time) error {
	if len(open) == 0 {
		return nil
	}
	keys, due := slices.Collect(maps.Keys(open)), make([]time.Time, 0, len(open))
	c := columnsOf(keys)
	for _, k := range keys {
		due = append(due, open[k])
	}
	_, err := t.db.Exec(ctx, `
		INSERT INTO open_payment (agency, opened_on, payment, due_at)
		SELECT * FROM unnest($1::int[], $2::date[], $3::uuid[], $4::timestamptz[]) ON CONFLICT DO NOTHING`, c.agency, c.day, c.id, due)
	if err != nil {
		return fmt.Errorf("store %d open payments: %w", len(open), err)
	}
	return nil
}

// columns are keys as parameters of unnest.
type columns struct {
	agency []int32
	day    []time.Time
	id     [][16]byte
}

// columnsOf sorts the keys, so that nodes that write the same rows at once do not deadlock.
func columnsOf(keys []payment.Key) (c columns) {
	slices.SortFunc(keys, payment.CompareKeys)
	for _, k := range keys {
		c.agency, c.day, c.id = append(c.agency, k.Agency), append(c.day, k.OpenedOn.Time()), append(c.id, k.ID)
	}
	return c
}

// dueOpen reads the open payments that are due, the longest overdue first.
func (t tables) dueOpen(ctx context.Context, now time.Time) ([]payment.Key, error) {
	rows, err := t.db.Query(ctx, `SELECT agency, opened_on, payment FROM open_payment WHERE due_at <= $1 ORDER BY due_at LIMIT $2`, now, sweepBatch)
	if err != nil {
		return nil, fmt.Errorf("read the open payments: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (payment.Key, error) {
		var k payment.Key
		var day time.Time
		err := row.Scan(&k.Agency, &day, &k.ID)
		k.OpenedOn = calendar.FromDB(day)
		return k, err
	})
}

// unlocked selects those of an agency's open payments that nobody has locked. The others are met again in the next
// round.
const unlocked = `
WITH unlocked AS MATERIALIZED (
	SELECT opened_on, payment FROM open_payment
	 WHERE agency = $1 AND (opened_on, payment) IN (SELECT * FROM unnest($2::date[], $3::uuid[])) FOR UPDATE SKIP LOCKED)
`

// dropOpen deletes payments from the open ones.
func (t tables) dropOpen(ctx context.Context, keys []payment.Key) error {
	if err := t.change(ctx, keys, unlocked+`
		DELETE FROM open_payment o USING unlocked u WHERE o.agency = $1 AND o.opened_on = u.opened_on AND o.payment = u.payment`); err != nil {
		return fmt.Errorf("delete %d open payments: %w", len(keys), err)
	}
	return nil
}

// postponeOpen moves open payments behind the others that are due.
func (t tables) postponeOpen(ctx context.Context, keys []payment.Key, until time.Time) error {
	if err := t.change(ctx, keys, unlocked+`
		UPDATE open_payment o SET due_at = $4 FROM unlocked u
		 WHERE o.agency = $1 AND o.opened_on = u.opened_on AND o.payment = u.payment`, until); err != nil {
		return fmt.Errorf("postpone %d open payments: %w", len(keys), err)
	}
	return nil
}

// change updates open payments agency by agency: the table is distributed by agency, and so are its row locks.
func (t tables) change(ctx context.Context, keys []payment.Key, statement string, parameters ...any) error {
	byAgency := map[int32][]payment.Key{}
	for _, k := range keys {
		byAgency[k.Agency] = append(byAgency[k.Agency], k)
	}
	for _, agency := range slices.Sorted(maps.Keys(byAgency)) {
		c := columnsOf(byAgency[agency])
		if _, err := t.db.Exec(ctx, statement, append([]any{agency, c.day, c.id}, parameters...)...); err != nil {
			return err
		}
	}
	return nil
}

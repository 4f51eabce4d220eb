package recorder

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/dbclock"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/rowcopy"
	"treasury-switch/ledger"
)

// leaseTries bounds the attempts to get a lane while other nodes get theirs.
const leaseTries = 32

// startLimit bounds the attempts at the start, when freezing an account may lock the lanes for a while.
const startLimit = time.Minute

// start connects the lane and leases its row. A starting process takes back at once the lanes that an earlier run
// under its name had.
func (l *lane) start(ctx context.Context) error {
	if err := l.dial(ctx); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	return l.lease(limited, true)
}

// dial gives the lane a new connection.
func (l *lane) dial(ctx context.Context) error {
	conn, err := l.connect(ctx)
	if err != nil {
		return err
	}
	l.conn, l.sure = conn, false
	l.current.Store(conn)
	return nil
}

// claim ensures, on a new connection or after a failed fence, that the lane has a row: its own, unless it was taken
// over, or another one.
func (l *lane) claim(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, statementLimit)
	defer cancel()
	if l.epoch > 0 {
		err := l.raise(limited)
		if lockedOut(err) && l.left != nil {
			if err := l.conn.end(limited, l.left); err != nil {
				return err
			}
			err = l.raise(limited)
		}
		if !errors.Is(err, errFenced) {
			return err
		}
		l.log.Error("lane was taken over by another process", "lane", l.id, "epoch", l.epoch)
		l.epoch = 0
	}
	return l.lease(limited, false)
}

// raise takes the next epoch of our own lane. After a lost connection the server may still hold a group that it has
// not begun to read: this fences it off, so what the next look-up does not find will never come. An epoch ahead of
// ours with our own incarnation is ours as well, from a raise whose confirmation was lost.
func (l *lane) raise(ctx context.Context) error {
	var at time.Time
	asked := l.steady()
	err := l.conn.conn.QueryRow(ctx, `UPDATE lane SET epoch = epoch + 1 WHERE id = $1 AND incarnation = $2 RETURNING epoch, clock_timestamp()`,
		l.id, l.incarnation).Scan(&l.epoch, &at)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return errFenced
	case err != nil:
		return err
	}
	l.sure = true
	l.told(asked, at)
	return nil
}

// lease takes a row for the lane: one leased before without a confirmation, at the start one of an earlier run, a
// free one, or a new one. Raising the epoch fences off the previous holder. A lane that was taken from us is not
// taken back: two processes of one name would take it from each other by turns.
func (l *lane) lease(ctx context.Context, starting bool) error {
	for range leaseTries {
		var at time.Time
		asked := l.steady()
		err := l.conn.conn.QueryRow(ctx, `
			WITH free AS (SELECT id, incarnation IS DISTINCT FROM $2 AND incarnation IS NOT NULL AS held FROM lane
			               WHERE id > 0 AND (incarnation IS NULL OR incarnation = $2 OR $3 AND owner = $1)
			               ORDER BY (incarnation IS NOT NULL) DESC, (owner = $1) DESC, id LIMIT 1 FOR UPDATE SKIP LOCKED)
			UPDATE lane SET epoch = epoch + 1, owner = $1, incarnation = $2,
			       abandoned_at = CASE WHEN free.held THEN clock_timestamp() ELSE abandoned_at END
			  FROM free WHERE lane.id = free.id
			RETURNING lane.id, epoch, clock_timestamp()`, l.owner, l.incarnation, starting).Scan(&l.id, &l.epoch, &at)
		if err == nil {
			l.sure, l.openings = true, openings{} // the closings counter of another row may differ
			l.told(asked, at)
			return nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.Unavailable, "lease a lane for %s: %w", l.owner, err)
		}
		if err := l.makeLane(ctx); err != nil && !lockedOut(err) {
			return fault.New(fault.Unavailable, "make a lane for %s: %w", l.owner, err)
		}
	}
	return fault.New(fault.Unavailable, "lease a lane for %s: none was free in %d tries", l.owner, leaseTries)
}

// makeLane adds a free row. Taking an account or a day out of use notifies the lanes that it sees: the new one is
// either among them, or made after it has ended.
func (l *lane) makeLane(ctx context.Context) error {
	return pgx.BeginFunc(ctx, l.conn.conn, func(tx pgx.Tx) error {
		if err := ledger.LockLanes(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO lane (id, epoch, beat, owner) SELECT coalesce(max(id), 0) + 1, 0, 0, '' FROM lane
			ON CONFLICT (id) DO NOTHING`)
		return err
	})
}

// giveBack frees the lane for the next node, if it is still ours, and records whether other nodes must search for
// what it has left.
func (l *lane) giveBack() {
	ctx, cancel := context.WithTimeout(context.Background(), rollbackLimit)
	defer cancel()
	_, err := l.conn.conn.Exec(ctx, `
		UPDATE lane SET incarnation = NULL, abandoned_at = CASE WHEN $3 THEN clock_timestamp() ELSE abandoned_at END
		 WHERE id = $1 AND incarnation = $2`, l.id, l.incarnation, l.unclean.Load())
	if err != nil {
		l.log.Warn("lane not given back, it becomes free after a lease without a beat", "lane", l.id, "error", err)
	}
}

// told passes on the database's time, as a sample of a question asked at `asked`.
func (l *lane) told(asked time.Duration, at time.Time) {
	l.sampled(dbclock.Sample{Asked: asked, Answered: l.steady(), At: at})
}

// tell takes the row of the fence that is sent with its group.
func (l *lane) tell(row [][]byte) {
	if at, ok := rowcopy.TimeOf(row[0]); ok {
		l.told(l.asked, at)
	}
}

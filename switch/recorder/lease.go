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

// startLimit bounds them at the start, where whoever freezes an account may hold the lanes for a while.
const startLimit = time.Minute

// start connects the lane and leases its row. A process that starts takes back at once
// what an earlier life of its name had.
func (l *lane) start(ctx context.Context) error {
	if err := l.dial(ctx); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	return l.lease(limited, true)
}

// dial gets the lane a new connection.
func (l *lane) dial(ctx context.Context) error {
	conn, err := l.connect(ctx)
	if err != nil {
		return err
	}
	l.conn, l.sure = conn, false
	l.current.Store(conn)
	return nil
}

// claim makes sure, on a connection of its own or after a fence that did not pass, that
// the lane has a row: the one it had, if nobody has taken it, or another one.
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

// raise takes the next epoch of our own lane. After a lost connection its server may
// still have a group before it that it has not begun to read: whatever it finds there
// after this is fenced off, so what the next look-up does not find will never come. An
// epoch that is ahead of ours is our own as well, as long as the incarnation is: of a
// raise whose confirmation was lost.
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

// lease takes a row for the lane: one that it had taken without hearing of it, at the
// start one of an earlier life, a free one, or a new one. Raising the epoch fences off
// whoever had it. A lane that was taken from us is not taken back: two processes of one
// name would do so by turns.
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
			l.sure, l.openings = true, openings{} // Another row may count otherwise.
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

// makeLane adds a free row. Whoever takes an account or a day out of use tells the lanes
// that he sees: the new one is either among them, or made when he is done.
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

// giveBack frees the lane for the next node, if it is still ours, and says whether others must search for what it has left.
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

// told hands on what the database has said of its time since it was asked.
func (l *lane) told(asked time.Duration, at time.Time) {
	l.sampled(dbclock.Sample{Asked: asked, Answered: l.steady(), At: at})
}

// tell takes the row of the fence that leaves with its group.
func (l *lane) tell(row [][]byte) {
	if at, ok := rowcopy.TimeOf(row[0]); ok {
		l.told(l.asked, at)
	}
}

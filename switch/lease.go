package switching

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
)

// leaseTries bounds the attempts to get a lane while other nodes get theirs.
const leaseTries = 32

// DefaultPatience is longer than a group or a slow disk takes, and short enough for
// a customer at a counter.
const DefaultPatience = 400 * time.Millisecond

// RecorderConfig says where and as whom a recorder writes.
type RecorderConfig struct {
	Address string // of the database
	Node    string // name of this process; a restart under the same name takes its lanes back at once
	Lanes   int    // 1 to 4; each is a connection
	// Patience is how long a new payment may wait for its group before others are
	// refused, half of it while the wait stays that long; DefaultPatience if zero.
	Patience time.Duration
	Observe  Observer
	Log      *slog.Logger
	Now      func() time.Time
}

// OpenRecorder leases lanes and connects them. Call Run to begin.
func OpenRecorder(ctx context.Context, c RecorderConfig) (*Recorder, error) {
	if c.Lanes < 1 || c.Lanes > 4 {
		return nil, fault.New(fault.Invalid, "a node has 1 to 4 lanes, not %d", c.Lanes)
	}
	r := &Recorder{}
	for i := range c.Lanes {
		name := fmt.Sprintf("%s/%d", c.Node, i)
		l := &lane{
			owner: name, intents: make(chan *Entry, intentLimit), others: make(chan *Entry, othersLimit),
			born: c.Now(), patience: cmp.Or(c.Patience, DefaultPatience), observe: c.Observe, log: c.Log, now: c.Now,
			connect: func(ctx context.Context) (*session, error) { return openSession(ctx, c.Address, "lane "+name) },
		}
		conn, err := l.connect(ctx)
		if err != nil {
			r.release()
			return nil, err
		}
		l.conn = conn
		if err := l.lease(ctx); err != nil {
			r.release()
			return nil, err
		}
		r.lanes = append(r.lanes, l)
	}
	return r, nil
}

// Run records until ctx ends, then gives the lanes back.
func (r *Recorder) Run(ctx context.Context) {
	var running sync.WaitGroup
	for _, l := range r.lanes {
		running.Go(func() { l.run(ctx) })
	}
	running.Wait()
}

func (r *Recorder) release() {
	for _, l := range r.lanes {
		l.close()
	}
}

// lease takes a lane for the connection: our own of an earlier life, a free
// one, or a new one. Raising the epoch fences off whoever had it.
func (l *lane) lease(ctx context.Context) error {
	for range leaseTries {
		var left bool // the one before has not given it back
		err := l.conn.conn.QueryRow(ctx, `
			WITH free AS (SELECT id, lease_until IS NOT NULL AS held FROM lane
			               WHERE id > 0 AND (owner = $1 OR lease_until IS NULL OR lease_until < $3)
			               ORDER BY (owner = $1) DESC, id LIMIT 1 FOR UPDATE SKIP LOCKED)
			UPDATE lane SET epoch = epoch + 1, owner = $1, lease_until = $2
			  FROM free WHERE lane.id = free.id
			RETURNING lane.id, epoch, free.held`, l.owner, l.now().Add(laneLease), l.now()).Scan(&l.id, &l.epoch, &left)
		if err == nil {
			l.openings = openings{} // Another row may count otherwise.
			if left {
				l.takeovers.Add(1)
			}
			return nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.Unavailable, "lease a lane for %s: %w", l.owner, err)
		}
		_, err = l.conn.conn.Exec(ctx, `
			INSERT INTO lane (id, epoch, beat, owner, lease_until)
			SELECT coalesce(max(id), 0) + 1, 0, 0, '', NULL FROM lane
			ON CONFLICT (id) DO NOTHING`)
		if err != nil {
			return fault.New(fault.Unavailable, "make a lane for %s: %w", l.owner, err)
		}
	}
	return fault.New(fault.Unavailable, "lease a lane for %s: none was free in %d tries", l.owner, leaseTries)
}

// raise takes the next epoch of our own lane. After a lost connection its server may
// still have a group before it that it has not begun to read: whatever it finds there
// after this is fenced off, so what the next look-up does not find will never come.
func (l *lane) raise(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, statementLimit)
	defer cancel()
	err := l.conn.conn.QueryRow(limited, `UPDATE lane SET epoch = epoch + 1 WHERE id = $1 AND epoch = $2 RETURNING epoch`,
		l.id, l.epoch).Scan(&l.epoch)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return errFenced
	case err != nil:
		return lost{err}
	}
	return nil
}

// giveBack frees the lane for the next node, if it is still ours.
func (l *lane) giveBack() {
	ctx, cancel := context.WithTimeout(context.Background(), rollbackLimit)
	defer cancel()
	_, err := l.conn.conn.Exec(ctx, `UPDATE lane SET lease_until = NULL WHERE id = $1 AND epoch = $2`, l.id, l.epoch)
	if err != nil {
		l.log.Warn("lane not given back, it becomes free when its lease ends", "lane", l.id, "error", err)
	}
}

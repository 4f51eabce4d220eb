package recorder

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// looksInLease is how often the lanes are read per lease.
const looksInLease = 6

// laneWatch reads the lanes of all nodes, and takes over those whose beat has not changed for a lease: their
// processes have ended, or hang. It relies on its own observations and its own monotonic clock, so a wrong clock
// anywhere takes no lane away.
type laneWatch struct {
	address string
	check   postgres.Check
	lease   time.Duration
	own     [][16]byte // incarnations of this process
	observe Observer
	log     *slog.Logger
	steady  func() time.Duration // a monotonic clock

	conn   *pgx.Conn
	seen   map[int16]sighting
	looked atomic.Int64 // start of the last successful look, by steady; at first, start of the watch
}

// laneBeat is the row of a lane.
type laneBeat struct {
	ID    int16
	Epoch int64
	Beat  int64
	Owner string
}

// sighting is a beat and the time since when it is unchanged.
type sighting struct {
	laneBeat
	since time.Duration
}

func newLaneWatch(c Config) *laneWatch {
	began := time.Now()
	return &laneWatch{address: c.Address, check: c.Check, lease: c.Lease, observe: c.Observe, log: c.Log, seen: map[int16]sighting{},
		steady: func() time.Duration { return time.Since(began) }}
}

// run looks periodically until ctx ends.
func (w *laneWatch) run(ctx context.Context) {
	tick := time.NewTicker(w.lease / looksInLease)
	defer tick.Stop()
	defer w.close()
	for {
		if err := Shielded(w.observe, w.log, "look at lanes", func() error { return w.look(ctx) }); err != nil && ctx.Err() == nil {
			w.log.Warn("the lanes of other nodes were not looked at", "error", err)
			_ = Shielded(w.observe, w.log, "close the watch over lanes", func() error { w.close(); return nil }) // the panic is logged
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (w *laneWatch) close() {
	if w.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), rollbackLimit)
	defer cancel()
	conn := w.conn
	w.conn = nil
	_ = conn.Close(ctx) // it has written nothing
}

// look reads the beats and takes over the lanes whose beat has not changed for a lease.
func (w *laneWatch) look(ctx context.Context) error {
	if w.conn == nil {
		if err := w.connect(ctx); err != nil {
			return err
		}
	}
	limited, cancel := context.WithTimeout(ctx, statementLimit)
	defer cancel()
	asked := w.steady()
	beats, err := w.beats(limited)
	if err != nil {
		return err
	}
	for _, b := range w.note(beats, asked, w.steady()) {
		if err := w.takeOver(limited, b); err != nil {
			return err
		}
	}
	w.looked.Store(int64(asked))
	return nil
}

// connect opens a connection as the runtime role. The rights of its own user are used only to end sessions of the
// same user.
func (w *laneWatch) connect(ctx context.Context) error {
	config, err := sessionConfig(w.address, "watch over lanes", w.check)
	if err != nil {
		return err
	}
	config.RuntimeParams["lock_timeout"] = "500"
	ctx, cancel := context.WithTimeout(ctx, postgres.ConnectLimit(config)+statementLimit)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	w.conn = conn
	_, err = conn.Exec(ctx, takeRuntimeRole)
	return err
}

func (w *laneWatch) beats(ctx context.Context) ([]laneBeat, error) {
	rows, err := w.conn.Query(ctx, `
		SELECT id, epoch, beat, owner FROM lane
		 WHERE id > 0 AND incarnation IS NOT NULL AND NOT incarnation = ANY($1::uuid[]) ORDER BY id`, w.own)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[laneBeat])
}

// note remembers the beats and returns those unchanged for a lease. A beat is first seen when its answer arrives, and
// is unchanged when the next question is asked: in the time between it certainly did not change.
func (w *laneWatch) note(beats []laneBeat, asked, answered time.Duration) (dead []laneBeat) {
	seen := make(map[int16]sighting, len(beats))
	for _, b := range beats {
		s, known := w.seen[b.ID]
		if !known || s.laneBeat != b {
			s = sighting{laneBeat: b, since: answered}
		}
		seen[b.ID] = s
		if asked-s.since >= w.lease {
			dead = append(dead, b)
		}
	}
	w.seen = seen
	return dead
}

// takeOver frees a lane whose process has ended, and fences the process off in case it goes on. If a transaction of
// that process still locks the row, the session is ended first, and the lane is taken over at the next look.
func (w *laneWatch) takeOver(ctx context.Context, b laneBeat) error {
	done, err := w.conn.Exec(ctx, `
		UPDATE lane SET epoch = epoch + 1, incarnation = NULL, abandoned_at = clock_timestamp()
		 WHERE id = $1 AND epoch = $2 AND beat = $3 AND owner = $4 AND incarnation IS NOT NULL`, b.ID, b.Epoch, b.Beat, b.Owner)
	switch {
	case lockedOut(err):
		return w.endSessions(ctx, b)
	case err != nil:
		return err
	case done.RowsAffected() == 0:
		return nil // it has beaten, or another node was faster
	}
	w.log.Warn("the lane of an ended process was taken over", "lane", b.ID, "owner", b.Owner)
	return nil
}

// endSessions ends the sessions of a dead lane that have had a transaction open for a lease and wait for their
// client: a machine lost its power, or a process was stopped, in the middle of a group. A session that waits for a
// standby in its COMMIT is left alone: ending it would show rows that no standby has.
func (w *laneWatch) endSessions(ctx context.Context, b laneBeat) error {
	if _, err := w.conn.Exec(ctx, "RESET ROLE"); err != nil {
		return err
	}
	ended, err := w.conn.Exec(ctx, `
		SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		 WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = left('treasury-switch `+laneSession+`' || $1, 63)
		   AND wait_event_type = 'Client' AND xact_start < clock_timestamp() - make_interval(secs => $2)`, b.Owner, w.lease.Seconds())
	if err != nil {
		return fault.New(fault.Unavailable, "end the session that keeps lane %d of %s locked (the user of the address needs the rights of its user, or of "+
			"pg_signal_backend): %w", b.ID, b.Owner, err)
	}
	if _, err := w.conn.Exec(ctx, takeRuntimeRole); err != nil {
		return err
	}
	if n := ended.RowsAffected(); n > 0 {
		w.log.Warn("sessions of an ended process with an open transaction were terminated", "lane", b.ID, "owner", b.Owner, "sessions", n)
	}
	return nil
}

// Watching returns nil if the end of another node would be known by now; fault.Unavailable if this node has not read
// the lanes for a lease.
func (r *Recorder) Watching() error {
	if w := r.watch; w.steady()-time.Duration(w.looked.Load()) > w.lease {
		return fault.New(fault.Unavailable, "it is not known whether a node has ended: the lanes were last read more than %s ago", w.lease)
	}
	return nil
}

package recorder

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/postgres"
	"treasury-switch/internal/rowcopy"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// prepared are the statements of every group, by name. They are prepared once when a lane connects and sent together
// in one write: as a rule a whole group takes one round trip to the database.
var prepared = map[string]string{
	"begin":    "BEGIN",
	"fence":    fenceOrFail,
	"payments": `COPY payment (` + payment.Columns + `) FROM STDIN BINARY`,
	"events": `COPY event (agency, opened_on, payment, version, business_day, plan_id, at, held, was, status, reason, actor,
		network, told, approval) FROM STDIN BINARY`,
	"transfers": ledger.CopyTransfers,
	"outbox":    `COPY outbox (agency, opened_on, payment, version, book, status, at) FROM STDIN BINARY`,
	"balances":  ledger.UpsertBalances,
	"commit":    "COMMIT",
}

// fenceOrFail is the fence of a group whose COMMIT is sent before the fence's result is read: if the lane is no
// longer ours, or something was closed since it last looked, it divides by zero, and the server skips the rest. It
// also returns the database's time.
const fenceOrFail = `
WITH fence AS (UPDATE lane SET beat = beat + 1 WHERE id = $1 AND epoch = $2 AND closings = $3 RETURNING id)
SELECT clock_timestamp(), 1 / count(*) FROM fence`

func (s *session) prepare(ctx context.Context) error {
	for name, sql := range prepared {
		if _, err := s.conn.PgConn().Prepare(ctx, name, sql, nil); err != nil {
			return fmt.Errorf("prepare the statement %q of the recorder: %w", name, err)
		}
	}
	return nil
}

// send writes the rows of the winners: intents, records, transfers, the outbox, balances. It begins the transaction
// unless a look-up has, and ends it. Queued reversals and cases, which few rows have, take a round trip of their own
// before the end.
func (g *group) send(ctx context.Context, s *session, begun bool) error {
	w := &g.lane.writer
	if !begun {
		w.pipeline.Execute("begin")
		w.pipeline.Fetch("fence", g.lane.toldTime, g.lane.fenceParameters()...)
	}
	for _, e := range g.live {
		if err := w.add(e); err != nil {
			return err
		}
	}
	w.pipeline.Copy("payments", &w.payments)
	w.pipeline.Copy("events", &w.events)
	w.pipeline.Copy("transfers", w.sheet.Transfers())
	w.pipeline.Copy("outbox", &w.outbox)
	if !w.sheet.Empty() {
		w.pipeline.Execute("balances", w.sheet.Balances(g.lane.id)...)
	}
	if rest, queued := g.rest(); rest.Len() > 0 {
		g.lane.asked = g.lane.steady()
		if err := w.pipeline.Run(ctx, s.conn.PgConn()); err != nil {
			return g.stopped(err)
		}
		w.pipeline.Reset()
		if err := s.conn.SendBatch(ctx, rest).Close(); err != nil {
			return err
		}
		if err := queued.finish(ctx, s); err != nil {
			return err
		}
	}
	return g.commit(ctx, s)
}

func (l *lane) fenceParameters() [][]byte {
	return [][]byte{rowcopy.Int16(l.id), rowcopy.Int64(l.epoch), rowcopy.Int64(l.openings.closings)}
}

// rest is the batch of rows that only some plans have, and the reversals among them.
func (g *group) rest() (*pgx.Batch, *reversals) {
	b, queued := &pgx.Batch{}, newReversals(g.live)
	queued.queue(b)
	for _, e := range g.live {
		queueTask(b, e)
		payment.QueueCase(b, &e.Plan, e.At)
	}
	return b, queued
}

// commit sends COMMIT with what is still to be sent. Unless the server has refused a statement before it, an error
// leaves the outcome unknown.
func (g *group) commit(ctx context.Context, s *session) error {
	pipeline, before := &g.lane.writer.pipeline, g.doubtful
	pipeline.Commit("commit", func() {
		g.committing = g.lane.steady()
		g.lane.commits.Store(max(1, int64(g.committing)))
	})
	g.doubtful = true
	g.lane.asked = g.lane.steady()
	err := pipeline.Run(ctx, s.conn.PgConn())
	g.lane.commits.Store(0)
	var refused *rowcopy.Refusal
	switch {
	case err == nil:
		g.doubtful = false
	case errors.As(err, &refused):
		g.doubtful = before
		return g.stopped(err)
	default:
		return lost{err}
	}
	return nil
}

// stopped translates the fence's division by zero, and makes the group look first next time.
func (g *group) stopped(err error) error {
	var refused *rowcopy.Refusal
	if errors.As(err, &refused) && refused.Statement == "fence" && refused.Err.Code == postgres.DivisionByZero {
		g.lookFirst = true
		return errStale
	}
	return err
}

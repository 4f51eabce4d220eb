package switching

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/rowcopy"
	"treasury-switch/ledger"
)

// prepared are the statements of every group, by name. Prepared once when a lane
// connects, they travel together in one write: all of a group but its COMMIT is one
// turn of the conversation with the database.
var prepared = map[string]string{
	"begin":    "BEGIN",
	"fence":    fenceLane,
	"payments": `COPY payment (` + paymentColumns + `) FROM STDIN BINARY`,
	"events": `COPY event (agency, opened_on, payment, version, business_day, plan_id, at, held, was, status, reason, actor,
		network, told, approval) FROM STDIN BINARY`,
	"transfers": ledger.CopyTransfers,
	"outbox":    `COPY outbox (agency, opened_on, payment, version, book, status, at) FROM STDIN BINARY`,
	"balances":  ledger.UpsertBalances,
}

func (s *session) prepare(ctx context.Context) error {
	for name, sql := range prepared {
		if _, err := s.conn.PgConn().Prepare(ctx, name, sql, nil); err != nil {
			return fmt.Errorf("prepare the statement %q of the recorder: %w", name, err)
		}
	}
	return nil
}

// send writes the rows of the winners: intents, records, transfers, the outbox, balances, in one
// turn, which also begins the transaction if no look-up was needed before it. What
// goes with a few of them only, queued reversals and cases, follows.
func (g *group) send(ctx context.Context, s *session, begun bool) error {
	w := &g.lane.writer
	w.reset()
	found := fenceRow{mine: begun, closings: g.lane.openings.closings}
	if !begun {
		w.pipeline.Execute("begin", nil)
		w.pipeline.Execute("fence", found.read, g.lane.fenceParameters()...)
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
		w.pipeline.Execute("balances", nil, w.sheet.Balances(g.lane.id)...)
	}
	if err := w.pipeline.Run(ctx, s.conn.PgConn()); err != nil {
		return err
	}
	switch {
	case !found.mine:
		return errFenced
	case g.lane.openings.since(found.closings):
		return errStale // What the lane took to be open may not be.
	}
	return g.sendRest(ctx, s)
}

// read takes in the row of the fence; without one the lane is not ours any more.
func (f *fenceRow) read(values [][]byte) error {
	if len(values) != 1 || len(values[0]) != 8 {
		return errors.New("the lane's fence gave no count of closings")
	}
	f.mine, f.closings = true, int64(binary.BigEndian.Uint64(values[0]))
	return nil
}

func (l *lane) fenceParameters() [][]byte {
	return [][]byte{rowcopy.Int16(l.id), rowcopy.Int64(l.epoch), rowcopy.Time(l.now().Add(laneLease))}
}

// sendRest writes what goes with some of the rows.
func (g *group) sendRest(ctx context.Context, s *session) error {
	b := &pgx.Batch{}
	for _, e := range g.live {
		queueTask(b, e)
		queueCase(b, e)
	}
	if b.Len() == 0 {
		return nil
	}
	return s.conn.SendBatch(ctx, b).Close()
}

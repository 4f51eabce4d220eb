package switching

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/ledger"
)

// writeRows writes everything that depends on having won: first records of new
// payments, transfers and balances, queued reversals, cases, the outbox.
func (g *group) writeRows(ctx context.Context, s *session) error {
	b := &pgx.Batch{}
	var born recordColumns
	var journals []ledger.Journal
	for _, e := range g.live {
		g.outcomes[e] = Written
		if e.Plan.New && e.Plan.Record != nil {
			born.add(e)
		}
		if e.Plan.Journal != nil {
			journals = append(journals, *e.Plan.Journal)
		}
	}
	if len(born.id) > 0 {
		b.Queue(insertEvents, born.args()...)
	}
	if err := ledger.Queue(b, g.lane.id, journals); err != nil {
		return err
	}
	for _, e := range g.live {
		queueTask(b, e)
		queueCase(b, e)
		queueFeed(b, e)
	}
	if b.Len() == 0 {
		return nil
	}
	return s.conn.SendBatch(ctx, b).Close()
}

// queueTask writes what becomes of the payment's reversal. These rows exist
// only where there is need, so they are written one by one.
func queueTask(b *pgx.Batch, e *Entry) {
	p := &e.Plan.Payment
	key := []any{p.Agency, p.OpenedOn.Time(), p.ID}
	const where = ` WHERE agency = $1 AND opened_on = $2 AND payment = $3`
	switch e.Plan.Task {
	case QueueNow, QueueLater:
		b.Queue(`INSERT INTO saf (agency, opened_on, payment, book, stan, transmission, amount, tries, rejects, next_at, queued_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8, $6)`,
			append(key, p.Book, e.STAN, e.At, int64(e.Plan.Amount), e.NextAt)...)
	case Hurry:
		b.Queue(`UPDATE saf SET next_at = $4`+where+` AND next_at > $4`, append(key, e.NextAt)...)
	case WaitWindow, BackOff:
		b.Queue(`UPDATE saf SET next_at = $4, claimed_until = NULL`+where, append(key, e.NextAt)...)
	case BackOffHard:
		b.Queue(`UPDATE saf SET next_at = $4, claimed_until = NULL, rejects = rejects + 1`+where, append(key, e.NextAt)...)
	case Dequeue:
		b.Queue(`DELETE FROM saf`+where, key...)
	}
}

func queueCase(b *pgx.Batch, e *Entry) {
	if e.Plan.Case == "" {
		return
	}
	p := &e.Plan.Payment
	b.Queue(`INSERT INTO payment_case (agency, opened_on, payment, version, book, owner, reason, opened_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		p.Agency, p.OpenedOn.Time(), p.ID, p.Version, p.Book, caseOwner, string(e.Plan.Case), e.At)
}

// caseOwner is who owns a case until somebody takes it: the treasury's
// reconciliation desk.
const caseOwner = "reconciliation"

// queueFeed tells agencies that asked for it, in the transaction of the outcome.
func queueFeed(b *pgx.Batch, e *Entry) {
	p, r := &e.Plan.Payment, e.Plan.Record
	if !p.Feed || r == nil || r.Was == r.Status {
		return
	}
	b.Queue(`INSERT INTO outbox (agency, opened_on, payment, version, book, status, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, p.Agency, p.OpenedOn.Time(), p.ID, p.Version, p.Book, string(r.Status), e.At)
}

// recordColumns holds records by column.
type recordColumns struct {
	agency                                          []int32
	openedOn, at                                    []time.Time
	id                                              [][16]byte
	version                                         []int16
	day                                             []*time.Time
	planID                                          []int64
	held                                            []*int64
	was, status, reason, actor, net, told, approval []string
}

func (c *recordColumns) add(e *Entry) {
	p, r := &e.Plan.Payment, e.Plan.Record
	c.agency, c.openedOn, c.id = append(c.agency, p.Agency), append(c.openedOn, p.OpenedOn.Time()), append(c.id, p.ID)
	c.version, c.planID, c.at = append(c.version, r.Version), append(c.planID, e.planID), append(c.at, e.At)
	c.was, c.status = append(c.was, string(r.Was)), append(c.status, string(r.Status))
	c.reason, c.actor = append(c.reason, string(r.Reason)), append(c.actor, r.Actor)
	c.net, c.told = append(c.net, string(r.Network)), append(c.told, string(r.Told))
	c.approval = append(c.approval, r.Approval)
	var day *time.Time
	if !r.BusinessDay.IsZero() {
		t := r.BusinessDay.Time()
		day = &t
	}
	var held *int64
	if r.Held > 0 {
		h := int64(r.Held)
		held = &h
	}
	c.day, c.held = append(c.day, day), append(c.held, held)
}

func (c *recordColumns) args() []any {
	return []any{c.agency, c.openedOn, c.id, c.version, c.day, c.planID, c.at, c.held, c.was, c.status, c.reason, c.actor,
		c.net, c.told, c.approval}
}

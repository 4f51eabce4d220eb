package switching

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
)

// Winners are fixed before any dependent row is written. A payment row is won
// by its primary key, a record by its version: ON CONFLICT DO NOTHING lets the
// loser see that somebody was first, and a duplicate never fails the group.

const insertPayments = `
INSERT INTO payment (` + paymentColumns + `)
SELECT * FROM unnest($1::int[], $2::date[], $3::uuid[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::timestamptz[],
	$8::timestamptz[], $9::uuid[], $10::uuid[], $11::date[], $12::smallint[], $13::boolean[], $14::text[], $15::text[],
	$16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[], $24::text[],
	$25::bytea[])
ON CONFLICT DO NOTHING
RETURNING agency, opened_on, id`

// queueIntents inserts the new payments of the group and collects the winners.
func (g *group) queueIntents(b *pgx.Batch) map[Key]bool {
	var c intentColumns
	for _, e := range g.entries {
		if e.Plan.New {
			c.add(&e.Plan.Payment.Intent)
		}
	}
	won := make(map[Key]bool, len(c.id))
	if len(c.id) == 0 {
		return won
	}
	b.Queue(insertPayments, c.agency, c.openedOn, c.id, c.rrn, c.amount, c.openedAt, c.sendBefore, c.deadline,
		c.fingerprint, c.token, c.keyDay, c.book, c.feed, c.channel, c.acquirer, c.acceptor, c.terminal, c.stan,
		c.localTime, c.processing, c.reference, c.price, c.first6, c.last4, c.sealed,
	).Query(func(rows pgx.Rows) error { return scanKeys(rows, won) })
	return won
}

func scanKeys(rows pgx.Rows, into map[Key]bool) error {
	var k Key
	var day time.Time
	_, err := pgx.ForEachRow(rows, []any{&k.Agency, &day, &k.ID}, func() error {
		k.OpenedOn = calendar.FromDB(day)
		into[k] = true
		return nil
	})
	return err
}

// keepIntents tells the losers. When the group is repeated after a doubtful
// COMMIT, a row with our own RRN means that the COMMIT was done.
func (g *group) keepIntents(ctx context.Context, s *session, won map[Key]bool) error {
	for _, e := range g.entries {
		if !e.Plan.New {
			continue
		}
		p := &e.Plan.Payment
		if won[p.Key] {
			g.live = append(g.live, e)
			continue
		}
		g.outcomes[e] = Lost
		if !g.doubtful {
			continue
		}
		there, err := Load(ctx, s.conn, p.Key)
		if err != nil {
			return lost{err}
		}
		if there.RRN == p.RRN {
			g.outcomes[e] = Written
		}
	}
	return nil
}

const insertEvents = `
INSERT INTO event (agency, opened_on, payment, version, business_day, plan_id, at, held, was, status, reason, actor,
	network, told, approval)
SELECT * FROM unnest($1::int[], $2::date[], $3::uuid[], $4::smallint[], $5::date[], $6::bigint[], $7::timestamptz[],
	$8::bigint[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[])
ON CONFLICT DO NOTHING
RETURNING agency, opened_on, payment`

// decideRecords inserts the records of payments that exist already. The one who
// inserts a version first has won.
func (g *group) decideRecords(ctx context.Context, s *session) error {
	var c recordColumns
	var contenders []*Entry
	for _, e := range g.entries {
		if e.Plan.New {
			continue
		}
		if refusal := g.refusal(&e.Plan); refusal != 0 {
			g.outcomes[e] = refusal
			continue
		}
		if e.Plan.Record == nil {
			g.live = append(g.live, e)
			continue
		}
		contenders = append(contenders, e)
		c.add(e)
	}
	if len(contenders) == 0 {
		return nil
	}
	rows, err := s.conn.Query(ctx, insertEvents, c.args()...)
	if err != nil {
		return err
	}
	won := make(map[Key]bool, len(contenders))
	if err := scanKeys(rows, won); err != nil {
		return err
	}
	return g.keepRecords(ctx, s, contenders, won)
}

func (g *group) keepRecords(ctx context.Context, s *session, contenders []*Entry, won map[Key]bool) error {
	for _, e := range contenders {
		if won[e.Plan.Payment.Key] {
			g.live = append(g.live, e)
			continue
		}
		g.outcomes[e] = Lost
		if !g.doubtful {
			continue
		}
		mine, err := g.mine(ctx, s, e)
		if err != nil {
			return lost{err}
		}
		if mine {
			g.outcomes[e] = Written
		}
	}
	return nil
}

// mine reports whether the record at the entry's version was written by this
// very plan, in a COMMIT whose confirmation was lost.
func (g *group) mine(ctx context.Context, s *session, e *Entry) (bool, error) {
	history, err := History(ctx, s.conn, e.Plan.Payment.Key)
	for _, r := range history {
		if r.Version == e.Plan.Record.Version {
			return r.PlanID == e.planID, nil
		}
	}
	return false, err
}

// intentColumns holds new payments by column, the form in which a whole group
// travels in one statement.
type intentColumns struct {
	agency                                      []int32
	openedOn, openedAt, deadline                []time.Time
	sendBefore, keyDay                          []*time.Time
	id, fingerprint                             [][16]byte
	token                                       []*[16]byte
	rrn, amount                                 []int64
	book                                        []int16
	feed                                        []bool
	channel, acquirer, acceptor, terminal, stan []string
	localTime, processing, reference            []string
	price, first6, last4                        []string
	sealed                                      [][]byte
}

func (c *intentColumns) add(i *Intent) {
	c.agency = append(c.agency, i.Agency)
	c.openedOn = append(c.openedOn, i.OpenedOn.Time())
	c.openedAt = append(c.openedAt, i.OpenedAt)
	c.deadline = append(c.deadline, i.Deadline)
	c.id, c.fingerprint = append(c.id, i.ID), append(c.fingerprint, i.Fingerprint)
	c.rrn, c.amount = append(c.rrn, int64(i.RRN)), append(c.amount, int64(i.Amount))
	c.book, c.feed = append(c.book, int16(i.Book)), append(c.feed, i.Feed)
	c.channel, c.acquirer = append(c.channel, string(i.Channel)), append(c.acquirer, i.Acquirer)
	c.acceptor, c.terminal = append(c.acceptor, i.Acceptor), append(c.terminal, i.Terminal)
	c.stan, c.localTime = append(c.stan, i.STAN), append(c.localTime, i.LocalTime)
	c.processing, c.reference = append(c.processing, i.Processing), append(c.reference, i.Reference)
	price, _ := json.Marshal(&i.Price) // strings and integers only: it cannot fail
	c.price = append(c.price, string(price))
	c.first6, c.last4 = append(c.first6, i.First6), append(c.last4, i.Last4)
	c.sealed = append(c.sealed, i.Sealed)
	c.addOptional(i)
}

func (c *intentColumns) addOptional(i *Intent) {
	var sendBefore, keyDay *time.Time
	var token *[16]byte
	if i.Sendable() {
		sendBefore = &i.SendBefore
	}
	if !i.KeyDay.IsZero() {
		day := i.KeyDay.Time()
		keyDay, token = &day, &i.Token
	}
	c.sendBefore, c.keyDay, c.token = append(c.sendBefore, sendBefore), append(c.keyDay, keyDay), append(c.token, token)
}

package recorder

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// statementLimit bounds a group's statements before COMMIT. COMMIT itself has no deadline: one that fires would leave
// its outcome unknown.
const statementLimit = 10 * time.Second

// group is the plans of one transaction, at most one per payment. Members that lose (another record won, an account
// is not open) leave before any of their rows is written, so that a group never fails as a whole because of one of
// them.
type group struct {
	lane    *lane
	entries []*Entry
	keys    map[payment.Key]bool

	// Times of a group are readings of its lane's monotonic clock.
	collected  time.Duration // when its members were taken from the queue
	fresh      int           // the number of new payments
	waited     time.Duration // the longest wait of a new payment in the queue
	youngest   time.Duration // when the last new payment was queued
	committing time.Duration // when COMMIT was sent

	doubtful  bool // COMMIT was sent once and its outcome is unknown
	lookFirst bool // look up who was first before anything is written
	refused   map[ledger.AccountID]ledger.State
	days      map[ledger.Book]map[calendar.Date]ledger.DayState
	live      []*Entry // members whose rows will be written
}

func newGroup(l *lane) *group {
	return &group{lane: l, keys: map[payment.Key]bool{}, lookFirst: l.lookFirst > 0}
}

func (g *group) has(k payment.Key) bool { return g.keys[k] }

func (g *group) add(e *Entry) {
	g.keys[e.Plan.Payment.Key] = true
	g.entries = append(g.entries, e)
}

func (g *group) empty() bool { return len(g.entries) == 0 }

func (g *group) first() string {
	if g.empty() {
		return ""
	}
	return g.entries[0].Plan.Payment.RRN.String()
}

func (g *group) settle() {
	for _, e := range g.entries {
		e.Settle(e.outcome, nil)
	}
}

func (g *group) fail(err error) {
	err = g.given(err)
	for _, e := range g.entries {
		e.Settle(0, err)
	}
	g.entries = nil
}

// given wraps the error with which members are given up: it tells whether they may have been written nevertheless.
func (g *group) given(err error) error {
	if g.doubtful {
		return fault.New(fault.Unknown, "whether it was recorded is not known: %w", err)
	}
	return err
}

func (g *group) reject() {
	for _, e := range g.entries {
		e.Settle(Rejected, nil)
	}
	g.entries = nil
}

// failNew gives up the new payments of the group: their debits were not sent. If COMMIT was sent they may have been
// written; they keep their place as long as they could still be sent, because the repetition will tell.
func (g *group) failNew(err error) {
	g.leave(err, func(e *Entry) bool { return e.Plan.New && !(g.doubtful && g.sendable(e)) })
}

// sendable reports whether the debit of a new payment may still be sent.
func (g *group) sendable(e *Entry) bool { return g.lane.now().Before(e.Plan.Payment.SendBefore) }

// leave gives up the selected members.
func (g *group) leave(err error, who func(*Entry) bool) {
	err = g.given(err)
	g.entries = slices.DeleteFunc(g.entries, func(e *Entry) bool {
		gone := who(e)
		if gone {
			e.Settle(0, err)
		}
		return gone
	})
}

// halves splits a group in two.
func (g *group) halves() []*group {
	half := len(g.entries) / 2
	var all []*group
	for _, part := range [][]*Entry{g.entries[:half], g.entries[half:]} {
		h := newGroup(g.lane)
		h.lookFirst, h.doubtful = true, g.doubtful
		for _, e := range part {
			h.add(e)
		}
		all = append(all, h)
	}
	return all
}

// write records the group in one transaction: fence, checks, winners, rows, COMMIT. After a doubtful COMMIT the same
// call resolves the doubt: a row with our own number was written by us.
func (g *group) write(ctx context.Context, s *session) error {
	limited, cancel := context.WithTimeout(ctx, g.lane.limit)
	defer cancel()
	g.lane.writer.reset()
	if g.empty() {
		return g.beat(limited, s)
	}
	slices.SortFunc(g.entries, func(a, b *Entry) int { return payment.CompareKeys(a.Plan.Payment.Key, b.Plan.Payment.Key) })
	for _, e := range g.entries {
		e.outcome = 0
	}
	g.refused, g.days = nil, nil
	asking := g.unknown()
	look := g.lookFirst || g.doubtful || !asking.nothing() || g.lane.openings.missingOrFull()
	if look {
		if err := g.look(limited, s, asking); err != nil {
			return err
		}
	}
	g.keepWinners()
	return g.send(limited, s, look)
}

// beat renews the lane's lease and tests whether the database takes writes.
func (g *group) beat(ctx context.Context, s *session) error {
	b := &pgx.Batch{}
	b.Queue("BEGIN")
	found := g.fence(b)
	if err := s.conn.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	if !found.mine {
		return errFenced
	}
	return g.commit(ctx, s)
}

// look begins the transaction with the fence, and asks what must be known before anything is written: whether
// accounts and days new to the lane are open, and who was first. If something was closed since the last group, it
// reads all the states again.
func (g *group) look(ctx context.Context, s *session, asking unknown) error {
	b := &pgx.Batch{}
	b.Queue("BEGIN")
	found := g.fence(b)
	g.queueChecks(b, asking)
	if g.lookFirst || g.doubtful {
		g.queueFirst(b)
	}
	if err := s.conn.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	if !found.mine {
		return errFenced
	}
	if g.lane.openings.refresh(found.closings) {
		b, asking = &pgx.Batch{}, g.unknown()
		if g.queueChecks(b, asking); b.Len() > 0 {
			if err := s.conn.SendBatch(ctx, b).Close(); err != nil {
				return err
			}
		}
	}
	g.learn(asking)
	return g.openDays(ctx, s)
}

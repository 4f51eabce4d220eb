package recorder

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// openings caches what a lane knows to be open, so that a group asks only for what is new to its lane. The cache is
// valid while the closings counter in the lane's row is unchanged: taking an account or a day out of use increments
// it.
type openings struct {
	closings int64
	accounts map[ledger.AccountID]bool
	days     map[bookDay]bool
}

type bookDay struct {
	book ledger.Book
	day  calendar.Date
}

// openingsLimit bounds the cached accounts of a lane.
const openingsLimit = 1 << 16

// refresh clears the cache if the counter has changed or the cache is full, and reports whether it did.
func (o *openings) refresh(closings int64) (forgotten bool) {
	if o.closings == closings && !o.missingOrFull() {
		return false
	}
	*o = openings{closings: closings, accounts: map[ledger.AccountID]bool{}, days: map[bookDay]bool{}}
	return true
}

// missingOrFull reports whether the cache is missing or full.
func (o *openings) missingOrFull() bool { return o.accounts == nil || len(o.accounts) >= openingsLimit }

// fenceRow is the result of the fence: no row if the lane was taken over.
type fenceRow struct {
	mine     bool
	closings int64
}

const fenceLane = `UPDATE lane SET beat = beat + 1 WHERE id = $1 AND epoch = $2 RETURNING closings, clock_timestamp()`

// fence is the first statement of every group. It writes the lane's row, so that a lane that was taken over stops
// here, and so that freezing an account or closing a day waits for the group.
func (g *group) fence(b *pgx.Batch) *fenceRow {
	found := &fenceRow{}
	asked := g.lane.steady()
	b.Queue(fenceLane, g.lane.id, g.lane.epoch).QueryRow(func(row pgx.Row) error {
		var at time.Time
		err := row.Scan(&found.closings, &at)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if found.mine = err == nil; found.mine {
			g.lane.told(asked, at)
		}
		return err
	})
	return found
}

// unknown is what a group must ask the ledger for: the accounts and days of its journals that its lane does not know
// to be open. A reversal must go through, so it may debit an account that is not open; nothing may credit one.
type unknown struct {
	accounts []ledger.AccountID
	days     []bookDay
}

func (u *unknown) nothing() bool { return len(u.accounts) == 0 && len(u.days) == 0 }

func (g *group) unknown() (a unknown) {
	known := &g.lane.openings
	account := func(id ledger.AccountID) {
		if !known.accounts[id] {
			a.accounts = append(a.accounts, id)
		}
	}
	for _, e := range g.entries {
		j := e.Plan.Journal
		if j == nil {
			continue
		}
		for _, day := range [...]calendar.Date{j.BusinessDay, e.Plan.MustBe} {
			if at := (bookDay{j.Book, day}); !day.IsZero() && !known.days[at] && !slices.Contains(a.days, at) {
				a.days = append(a.days, at)
			}
		}
		for _, t := range j.Transfers {
			account(t.Credit)
			if j.Reverses == 0 {
				account(t.Debit)
			}
		}
	}
	slices.Sort(a.accounts)
	a.accounts = slices.Compact(a.accounts)
	return a
}

// queueChecks reads the states of the unknown accounts and days.
func (g *group) queueChecks(b *pgx.Batch, a unknown) {
	g.refused = map[ledger.AccountID]ledger.State{}
	g.days = map[ledger.Book]map[calendar.Date]ledger.DayState{}
	wanted := map[ledger.Book][]calendar.Date{}
	for _, at := range a.days {
		wanted[at.book] = append(wanted[at.book], at.day)
	}
	for book, days := range wanted {
		g.days[book] = map[calendar.Date]ledger.DayState{}
		ledger.QueueDayStates(b, book, days, g.days[book])
	}
	if len(a.accounts) > 0 {
		ledger.QueueRefusals(b, a.accounts, g.refused)
	}
}

// learn caches what is open. The rest is asked for again by the next group, because opening something does not notify
// the lanes.
func (g *group) learn(a unknown) {
	known := &g.lane.openings
	for _, id := range a.accounts {
		if g.refused[id] == "" {
			known.accounts[id] = true
		}
	}
	for _, at := range a.days {
		if g.days[at.book][at.day] == ledger.DayOpen {
			known.days[at] = true
		}
	}
}

// day is the state of a business day for this group.
func (g *group) day(book ledger.Book, day calendar.Date) ledger.DayState {
	if g.lane.openings.days[bookDay{book, day}] {
		return ledger.DayOpen
	}
	return g.days[book][day]
}

// openDays opens business days that an answer of the network names first, or names first since two persons approved
// them.
func (g *group) openDays(ctx context.Context, s *session) error {
	for _, e := range g.entries {
		j := e.Plan.Journal
		if j == nil {
			continue
		}
		if s := g.day(j.Book, j.BusinessDay); s != ledger.DayUnknown && s != ledger.DayAwaited {
			continue
		}
		if err := ledger.OpenDay(ctx, s.conn, j.Book, j.BusinessDay, ledger.ByAnswer, e.At); err != nil {
			return orLost(err)
		}
		g.days[j.Book][j.BusinessDay] = ledger.DayOpen
	}
	return nil
}

// refusal returns the outcome if the ledger refuses the plan's journal.
func (g *group) refusal(p *payment.Plan) Outcome {
	j := p.Journal
	if j == nil {
		return 0
	}
	if g.day(j.Book, j.BusinessDay) == ledger.DayClosed || g.day(j.Book, p.MustBe) == ledger.DayClosed {
		return DayNotOpen
	}
	if len(g.refused) == 0 {
		return 0
	}
	for _, t := range j.Transfers {
		if g.refused[t.Credit] != "" || j.Reverses == 0 && g.refused[t.Debit] != "" {
			return AccountNotOpen
		}
	}
	return 0
}

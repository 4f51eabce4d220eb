package switching

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/ledger"
)

// fence is the first statement of every group: it writes the lane's row, so
// that a lane that was taken over stops here, and whoever freezes an account
// or closes a day waits for the group.
func (g *group) fence(b *pgx.Batch) *bool {
	missing := true
	now := g.lane.now()
	b.Queue(`UPDATE lane SET beat = beat + 1, lease_until = $3 WHERE id = $1 AND epoch = $2 RETURNING id`,
		g.lane.id, g.lane.epoch, now.Add(laneLease)).QueryRow(func(row pgx.Row) error {
		var id int16
		err := row.Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		missing = err != nil
		return err
	})
	return &missing
}

// queueChecks reads the accounts and business days that the journals name. What
// is undone must be undone, so a reversal may take money from an account that is
// not open; nothing may credit one.
func (g *group) queueChecks(b *pgx.Batch) {
	g.refused = map[ledger.AccountID]ledger.State{}
	g.days = map[ledger.Book]map[calendar.Date]ledger.DayState{}
	var accounts []ledger.AccountID
	wanted := map[ledger.Book][]calendar.Date{}
	for _, e := range g.entries {
		j := e.Plan.Journal
		if j == nil {
			continue
		}
		wanted[j.Book] = addDay(addDay(wanted[j.Book], j.BusinessDay), e.Plan.MustBe)
		for _, t := range j.Transfers {
			accounts = append(accounts, t.Credit)
			if j.Reverses == 0 {
				accounts = append(accounts, t.Debit)
			}
		}
	}
	for book, days := range wanted {
		g.days[book] = map[calendar.Date]ledger.DayState{}
		ledger.QueueDayStates(b, book, days, g.days[book])
	}
	if len(accounts) > 0 {
		slices.Sort(accounts)
		ledger.QueueRefusals(b, slices.Compact(accounts), g.refused)
	}
}

func addDay(days []calendar.Date, d calendar.Date) []calendar.Date {
	if d.IsZero() || slices.Contains(days, d) {
		return days
	}
	return append(days, d)
}

// openDays opens business days that an answer of the network names first.
func (g *group) openDays(ctx context.Context, s *session) error {
	for _, e := range g.entries {
		j := e.Plan.Journal
		if j == nil || g.days[j.Book][j.BusinessDay] != ledger.DayUnknown {
			continue
		}
		if err := ledger.OpenDay(ctx, s.conn, j.Book, j.BusinessDay, "answer", e.At); err != nil {
			return lost{err}
		}
		g.days[j.Book][j.BusinessDay] = ledger.DayOpen
	}
	return nil
}

// refusal says whether the ledger takes the plan's journal.
func (g *group) refusal(p *Plan) Outcome {
	if p.Journal == nil {
		return 0
	}
	days := g.days[p.Journal.Book]
	if days[p.Journal.BusinessDay] == ledger.DayClosed || days[p.MustBe] == ledger.DayClosed {
		return DayNotOpen
	}
	for _, t := range p.Journal.Transfers {
		if g.refused[t.Credit] != "" || p.Journal.Reverses == 0 && g.refused[t.Debit] != "" {
			return AccountNotOpen
		}
	}
	return 0
}

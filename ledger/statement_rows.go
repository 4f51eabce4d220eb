package ledger

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/postgres"
	"treasury-switch/money"
)

// position is a place between two lines of a statement, with the balance reached there.
type position struct {
	first   bool // before every line
	day     calendar.Date
	agency  int32
	journal [16]byte
	version int16
	line    int16
	account AccountID
	balance money.Rial
}

// String writes the position as an opaque word for the caller's next page.
func (p position) String() string {
	return fmt.Sprintf("%d.%d.%s.%d.%d.%d.%d", p.day, p.agency, hex.EncodeToString(p.journal[:]), p.version, p.line, p.account, p.balance)
}

func parsePosition(s string) (position, error) {
	var p position
	var journal []byte
	// The verbs leave nothing unread if, and only if, the word written back is the word read.
	_, err := fmt.Sscanf(s, "%d.%d.%32x.%d.%d.%d.%d", &p.day, &p.agency, &journal, &p.version, &p.line, &p.account, &p.balance)
	copy(p.journal[:], journal)
	if err != nil || p.String() != s {
		return position{}, invalid("%q is no place in a statement", s)
	}
	return p, nil
}

// dayAgency is one key under which an account has lines.
type dayAgency struct {
	Day    time.Time
	Agency int32
}

// period is the query's range of business days as bounds of the database.
func (query StatementQuery) period() (from, to time.Time) {
	to = calendar.On(9999, time.December, 31).Time()
	if !query.To.IsZero() {
		to = query.To.Time()
	}
	from = calendar.On(1, time.January, 1).Time()
	if !query.From.IsZero() {
		from = query.From.Time()
	}
	if day := query.Account.Day; !day.IsZero() { // A clearing account of one day has lines of that day only.
		if d := day.Time(); d.After(from) {
			from = d
		}
		if d := day.Time(); d.Before(to) {
			to = d
		}
	}
	return from, to
}

// openingBalance adds up what moved before the period. A clearing account of one day begins at zero.
func openingBalance(ctx context.Context, q postgres.Querier, s subject, query StatementQuery) (money.Rial, error) {
	if query.From.IsZero() || !query.Account.Day.IsZero() {
		return 0, nil
	}
	t, err := turnoverOf(ctx, q, s, calendar.On(1, time.January, 1), query.From.Add(-1))
	return onSide(s.kind.Normal(), t.debit, t.credit), err
}

// turnoverOf adds up both sides of the accounts over a range of business days, over all agencies.
func turnoverOf(ctx context.Context, q postgres.Querier, s subject, from, to calendar.Date) (turnover, error) {
	var t turnover
	err := q.QueryRow(ctx, `
		SELECT coalesce(sum(debit), 0)::bigint, coalesce(sum(credit), 0)::bigint FROM balance
		 WHERE agency IN (SELECT code FROM agency) AND account = ANY($1::bigint[]) AND business_day BETWEEN $2 AND $3`,
		accountColumn(s.ids), from.Time(), to.Time()).Scan(&t.debit, &t.credit)
	return t, postgres.Failed("add up balances", err)
}

// movedOn lists the days and agencies on which the accounts have lines, from the position on.
func movedOn(ctx context.Context, q postgres.Querier, s subject, query StatementQuery, at position, limit int) ([]dayAgency, error) {
	from, to := query.period()
	if d := at.day.Time(); !at.first && d.After(from) {
		from = d
	}
	rows, err := q.Query(ctx, `
		SELECT DISTINCT business_day AS day, agency FROM balance
		 WHERE agency IN (SELECT code FROM agency) AND account = ANY($1::bigint[]) AND business_day BETWEEN $2 AND $3
		   AND ($4 OR (business_day, agency) >= ($5, $6))
		 ORDER BY business_day, agency LIMIT $7`,
		accountColumn(s.ids), from, to, at.first, at.day.Time(), at.agency, limit)
	if err != nil {
		return nil, postgres.Failed("read the days of a statement", err)
	}
	moved, err := pgx.CollectRows(rows, pgx.RowToStructByPos[dayAgency])
	return moved, postgres.Failed("read the days of a statement", err)
}

// linesOf reads the lines of one day and agency behind the position, in the order of the key.
func linesOf(ctx context.Context, q postgres.Querier, s subject, at dayAgency, after position, limit int) ([]Line, error) {
	begun := !after.first && at.Agency == after.agency && calendar.FromDB(at.Day) == after.day
	rows, err := q.Query(ctx, `
		SELECT journal, version, line, reverses, account, counter, debit, credit FROM account_line
		 WHERE agency = $1 AND business_day = $2 AND account = ANY($3::bigint[])
		   AND (NOT $4 OR (journal, version, line, account) > ($5, $6, $7, $8))
		 ORDER BY journal, version, line, account LIMIT $9`,
		at.Agency, at.Day, accountColumn(s.ids), begun, after.journal, after.version, after.line, int64(after.account), limit)
	if err != nil {
		return nil, postgres.Failed("read the lines of a statement", err)
	}
	lines, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Line, error) {
		l := Line{BusinessDay: calendar.FromDB(at.Day), Agency: at.Agency}
		var id [16]byte
		err := row.Scan(&id, &l.Version, &l.Number, &l.Reverses, &l.Account, &l.Counter, &l.Debit, &l.Credit)
		l.Journal = hex.EncodeToString(id[:])
		return l, err
	})
	return lines, postgres.Failed("read the lines of a statement", err)
}

// nameCounters fills in the codes of the counter accounts of a page.
func nameCounters(ctx context.Context, q postgres.Querier, lines []Line) error {
	ids := make([]AccountID, len(lines))
	for i, l := range lines {
		ids[i] = l.Counter
	}
	codes, err := codesOf(ctx, q, ids)
	for i, l := range lines {
		lines[i].CounterCode = codes[l.Counter]
	}
	return err
}

func codesOf(ctx context.Context, q postgres.Querier, ids []AccountID) (map[AccountID]string, error) {
	codes := make(map[AccountID]string)
	rows, err := q.Query(ctx, `SELECT id, code FROM account WHERE id = ANY($1::bigint[])`, accountColumn(ids))
	if err != nil {
		return nil, postgres.Failed("read account codes", err)
	}
	var id AccountID
	var code string
	_, err = pgx.ForEachRow(rows, []any{&id, &code}, func() error {
		codes[id] = code
		return nil
	})
	return codes, postgres.Failed("read account codes", err)
}

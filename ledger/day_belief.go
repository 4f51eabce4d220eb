package ledger

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// DefaultReach is how many days the network's business day may be away from Tehran's date to be believed: more than a long
// holiday, and far less than what one wrong digit in a date makes.
const DefaultReach = 5

// Believable reports whether a business day is at most reach days away from today.
func Believable(day, today calendar.Date, reach int) bool {
	return day <= today.Add(reach) && day >= today.Add(-reach)
}

// Claim is a business day that the network named and that was not believed.
type Claim struct {
	Book   Book          `json:"book"`
	Day    calendar.Date `json:"day"`
	Source string        `json:"source"` // what named it first, as "cut-over" or "answer"
	SaidAt time.Time     `json:"said_at"`
}

// KeepClaim keeps, as evidence, that the network named a day that was not believed. The first time of each source stays.
func KeepClaim(ctx context.Context, q postgres.Querier, c Claim) error {
	_, err := q.Exec(ctx, `INSERT INTO business_day_claim (book, day, source, said_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (book, day, source) DO NOTHING`, c.Book, c.Day.Time(), c.Source, c.SaidAt)
	return postgres.Failed("keep the claim of business day "+c.Day.String(), err)
}

// Claims lists days that were named and not believed, the latest first, at most limit of them.
func Claims(ctx context.Context, q postgres.Querier, book Book, limit int) ([]Claim, error) {
	rows, err := q.Query(ctx, `
		SELECT c.day, c.source, c.said_at FROM business_day_claim c
		 WHERE c.book = $1 AND NOT EXISTS (SELECT 1 FROM business_day d WHERE d.book = c.book AND d.day = c.day)
		 ORDER BY c.said_at DESC LIMIT $2`, book, limit)
	if err != nil {
		return nil, postgres.Failed("read the claims of business days", err)
	}
	claims, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Claim, error) {
		c := Claim{Book: book}
		var day time.Time
		err := row.Scan(&day, &c.Source, &c.SaidAt)
		c.Day = calendar.FromDB(day)
		return c, err
	})
	return claims, postgres.Failed("read the claims of business days", err)
}

// DayAt is a business day of a book.
type DayAt struct {
	Book Book
	Day  calendar.Date
}

// ApprovedDays are the days that two persons have approved and that are not closed: they are believed wherever they lie.
func ApprovedDays(ctx context.Context, q postgres.Querier) (map[DayAt]bool, error) {
	rows, err := q.Query(ctx, `SELECT book, day FROM business_day WHERE approval IS NOT NULL AND state IN ('awaited', 'open')`)
	if err != nil {
		return nil, postgres.Failed("read the days that two persons have approved", err)
	}
	days := map[DayAt]bool{}
	var book Book
	var day time.Time
	_, err = pgx.ForEachRow(rows, []any{&book, &day}, func() error {
		days[DayAt{book, calendar.FromDB(day)}] = true
		return nil
	})
	return days, postgres.Failed("read the days that two persons have approved", err)
}

// Claimed reports whether the network has named a day that was not believed.
func Claimed(ctx context.Context, q postgres.Querier, book Book, day calendar.Date) (claimed bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM business_day_claim WHERE book = $1 AND day = $2)`, book, day.Time()).Scan(&claimed)
	return claimed, postgres.Failed("look for the claim of business day "+day.String(), err)
}

// AwaitDay has a day believed by the request that two persons have agreed on: the network opens it when it names it again. A day that is
// there already is fault.Conflict: nothing has to be approved, or it is closed for good.
func AwaitDay(ctx context.Context, q postgres.Querier, book Book, day calendar.Date, approval string, now time.Time) error {
	if !book.Valid() || day.IsZero() {
		return invalid("business day %q of %s", day, book)
	}
	var opened time.Time
	err := q.QueryRow(ctx, `
		INSERT INTO business_day (book, day, state, source, opened_at, approval) VALUES ($1, $2, 'awaited', 'operators', $3, $4)
		ON CONFLICT (book, day) DO NOTHING RETURNING opened_at`, book, day.Time(), now, approval).Scan(&opened)
	err = postgres.Failed("await business day "+day.String(), err)
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.Conflict, "business day %s of the %s book is there already", day, book)
	}
	return err
}

package ledger

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// DayState is whether a business day takes journals.
type DayState string

// The states of a business day. A day that nobody has opened has the empty state.
const (
	DayUnknown DayState = ""
	DayAwaited DayState = "awaited" // two persons have approved it, and the network has not named it since
	DayOpen    DayState = "open"
	DayClosed  DayState = "closed"
)

// The sources that open or name a business day, besides the network.
const (
	ByCutOver   = "cut-over"
	ByAnswer    = "answer"
	ByOperators = "operators"
)

// BusinessDay is one day of the network in one book.
type BusinessDay struct {
	Book     Book          `json:"book"`
	Day      calendar.Date `json:"day"`
	State    DayState      `json:"state"`
	Source   string        `json:"source"` // what opened it: "cut-over", "answer" or "operators"
	OpenedAt time.Time     `json:"opened_at"`
	ClosedAt *time.Time    `json:"closed_at,omitempty"`
	ClosedBy string        `json:"closed_by,omitempty"` // a member of staff; empty where it was not recorded
	Approval string        `json:"approval,omitempty"`  // the request of the two persons who opened it
	Closing  string        `json:"closing,omitempty"`   // the request of the two persons who closed it
}

// OpenDay opens a business day, whichever comes first of the network's cut-over and an answer's settlement date (F15).
// An awaited day is opened by them as well. Opening it again, or opening a day that is closed, changes nothing: read
// DayStates to know.
func OpenDay(ctx context.Context, q postgres.Querier, book Book, day calendar.Date, source string, now time.Time) error {
	if !book.Valid() || day.IsZero() {
		return invalid("business day %q of %s", day, book)
	}
	_, err := q.Exec(ctx, `
		INSERT INTO business_day (book, day, state, source, opened_at) VALUES ($1, $2, 'open', $3, $4)
		ON CONFLICT (book, day) DO UPDATE SET state = 'open' WHERE business_day.state = 'awaited'`, book, day.Time(), source, now)
	return postgres.Failed("open business day "+day.String(), err)
}

// tehran is Tehran's date by the database's clock.
const tehran = `(now() AT TIME ZONE interval '03:30')::date`

// CurrentDay is the latest open business day of a book, of those that are at most reach days ahead of Tehran's date by the database's
// clock or that two persons have opened: a day that nobody should have believed is not current, however it came to be open. fault.NotFound: none
// is open.
func CurrentDay(ctx context.Context, q postgres.Querier, book Book, reach int) (calendar.Date, error) {
	var day *time.Time
	err := q.QueryRow(ctx, `SELECT max(day) FROM business_day
		WHERE book = $1 AND state = 'open' AND (approval IS NOT NULL OR day <= `+tehran+` + $2::int)`, book, reach).Scan(&day)
	if err != nil {
		return 0, postgres.Failed("read the current business day", err)
	}
	if day == nil {
		return 0, fault.New(fault.NotFound, "no business day of the %s book is open", book)
	}
	return calendar.FromDB(*day), nil
}

// BusinessDays lists the latest days of a book, the latest first, at most limit of them.
func BusinessDays(ctx context.Context, q postgres.Querier, book Book, limit int) ([]BusinessDay, error) {
	rows, err := q.Query(ctx, `
		SELECT day, state, source, opened_at, closed_at, coalesce(closed_by, ''), coalesce(approval, ''), coalesce(closing, '')
		  FROM business_day WHERE book = $1 ORDER BY day DESC LIMIT $2`, book, limit)
	if err != nil {
		return nil, postgres.Failed("read the business days", err)
	}
	days, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (BusinessDay, error) {
		d := BusinessDay{Book: book}
		var day time.Time
		err := row.Scan(&day, &d.State, &d.Source, &d.OpenedAt, &d.ClosedAt, &d.ClosedBy, &d.Approval, &d.Closing)
		d.Day = calendar.FromDB(day)
		return d, err
	})
	return days, postgres.Failed("read the business days", err)
}

const selectDayStates = `SELECT day, state FROM business_day WHERE book = $1 AND day = ANY($2::date[])`

// DayStates reads the states of days, without locks: inside a group, after its fence, they cannot change before the group
// ends. Days that were never opened are absent.
func DayStates(ctx context.Context, q postgres.Querier, book Book, days []calendar.Date) (map[calendar.Date]DayState, error) {
	states := make(map[calendar.Date]DayState, len(days))
	rows, err := q.Query(ctx, selectDayStates, book, dateColumn(days))
	if err == nil {
		err = scanDayStates(rows, states)
	}
	return states, postgres.Failed("read the states of business days", err)
}

// QueueDayStates is DayStates as part of a batch. The map is filled when the batch's results are closed.
func QueueDayStates(b *pgx.Batch, book Book, days []calendar.Date, into map[calendar.Date]DayState) {
	b.Queue(selectDayStates, book, dateColumn(days)).Query(func(rows pgx.Rows) error {
		return scanDayStates(rows, into)
	})
}

func scanDayStates(rows pgx.Rows, into map[calendar.Date]DayState) error {
	var day time.Time
	var state DayState
	_, err := pgx.ForEachRow(rows, []any{&day, &state}, func() error {
		into[calendar.FromDB(day)] = state
		return nil
	})
	return err
}

func dateColumn(days []calendar.Date) column[date] {
	c := make(column[date], len(days))
	for i, d := range days {
		c[i] = date(d)
	}
	return c
}

package ledger

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/internal/testdb"
)

// ending is a ledger of yesterday's, today's and tomorrow's business day; nothing was ever closed.
type ending struct {
	*books
	today calendar.Date
}

func newEnding(t *testing.T) *ending {
	b := &books{t: t, ctx: t.Context(), db: testdb.New(t), owner: testdb.Owner(t), byTag: map[string]AccountID{}}
	e := &ending{b, calendar.DateOf(time.Now())}
	for _, day := range []calendar.Date{e.today - 1, e.today, e.today + 1} {
		b.day(Live, day)
	}
	return e
}

// believed opens a day that two persons have had believed.
func (e *ending) believed(day calendar.Date) {
	e.t.Helper()
	e.must(AwaitDay(e.ctx, e.db, Live, day, e.approval(), noon))
	e.must(OpenDay(e.ctx, e.db, Live, day, ByCutOver, noon))
}

// end closes a day as somebody, by a request or without one.
func (e *ending) end(day calendar.Date, by, approval string) error {
	return e.inTx(func(tx pgx.Tx) error {
		return EndDay(e.ctx, tx, Closing{Book: Live, Day: day, Reach: DefaultReach, By: by, At: noon, Approval: approval})
	})
}

func (e *ending) want(what string, err error, kind fault.Kind) {
	e.t.Helper()
	if fault.KindOf(err) != kind {
		e.t.Errorf("%s: %v, want %s", what, err, kind)
	}
}

// is reads a day as it is listed.
func (e *ending) is(day calendar.Date) BusinessDay {
	e.t.Helper()
	days, err := BusinessDays(e.ctx, e.db, Live, 31)
	e.must(err)
	i := slices.IndexFunc(days, func(d BusinessDay) bool { return d.Day == day })
	if i < 0 {
		e.t.Fatalf("there is no day %s", day)
	}
	return days[i]
}

// A day that payments may still be dated by is closed by nobody, whoever calls; who closes another is recorded.
func TestOnlyAPastDayIsClosedAndByWhom(t *testing.T) {
	e := newEnding(t)
	e.want("the current day", e.end(e.today+1, "maker", ""), fault.Conflict)
	e.want("today, when tomorrow is current", e.end(e.today, "maker", ""), fault.Conflict)
	e.want("a day after the current one", e.end(e.today+2, "maker", ""), fault.Conflict)
	e.want("a day that was never opened", e.end(e.today-9, "maker", ""), fault.NotFound)
	e.want("no day", e.end(0, "maker", ""), fault.Invalid)
	e.want("by nobody known", e.end(e.today-1, "stranger", ""), fault.Invalid)
	e.want("by nobody", e.end(e.today-1, "", ""), fault.Invalid)
	for _, day := range []calendar.Date{e.today - 1, e.today, e.today + 1} {
		if d := e.is(day); d.State != DayOpen || d.ClosedBy != "" {
			t.Errorf("%+v", d)
		}
	}
	e.must(e.end(e.today-1, "maker", ""))
	e.must(e.end(e.today-1, "checker", "")) // it changes nothing
	if d := e.is(e.today - 1); d.State != DayClosed || d.ClosedBy != "maker" || d.Closing != "" || d.ClosedAt == nil || !d.ClosedAt.Equal(noon) {
		t.Errorf("%+v", d)
	}
}

// A day that is too far ahead is not current, so the current day cannot be closed because of it.
func TestAFarDayLetsNobodyCloseTheCurrentOne(t *testing.T) {
	e := newEnding(t)
	e.exec(`DELETE FROM business_day WHERE day >= $1`, e.today.Time())
	e.day(Live, e.today+180)
	e.want("the current day", e.end(e.today-1, "maker", ""), fault.Conflict)
}

// One person does not undo what two have decided; the schema says so as well.
func TestADayThatTwoHadBelievedIsClosedByTwo(t *testing.T) {
	e := newEnding(t)
	e.believed(e.today - 3)
	e.must(AwaitDay(e.ctx, e.db, Live, e.today-2, e.approval(), noon))
	e.want("a day that is awaited", e.end(e.today-2, "maker", e.approval()), fault.NotFound)
	e.want("by one person", e.end(e.today-3, "checker", ""), fault.Denied)
	e.want("by a request that nobody has made", e.end(e.today-3, "checker", "CR-NONE"), fault.Invalid)
	_, err := e.db.Exec(e.ctx, `UPDATE business_day SET state = 'closed', closed_at = now(), closed_by = 'maker' WHERE day = $1`, (e.today - 3).Time())
	e.want("past the program", postgres.Failed("close", err), fault.Invalid)
	if d := e.is(e.today - 3); d.State != DayOpen {
		t.Errorf("%+v", d)
	}
	agreed := e.approval()
	e.must(e.end(e.today-3, "checker", agreed))
	if d := e.is(e.today - 3); d.State != DayClosed || d.ClosedBy != "checker" || d.Closing != agreed {
		t.Errorf("%+v", d)
	}
}

// Closing waits for the groups that saw the day open, as CloseDay does.
func TestEndingWaitsForRunningGroups(t *testing.T) {
	e := newEnding(t)
	e.lane(1)
	group := e.group(1)
	defer group.Rollback(e.ctx)
	result := make(chan error, 1)
	go func() { result <- e.end(e.today-1, "maker", "") }()
	e.untilBlocked(result)
	e.must(group.Commit(e.ctx))
	e.must(<-result)
}

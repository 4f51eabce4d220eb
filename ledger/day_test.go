package ledger

import (
	"maps"
	"slices"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
)

// TestBusinessDays lists days of one book, the latest first, a closed one with its time.
func TestBusinessDays(t *testing.T) {
	b := newBooks(t)
	sunday, closed := saturday.Add(1), noon.Add(time.Hour)
	b.day(Live, sunday)
	b.day(Test, saturday.Add(2))
	b.must(CloseDay(b.ctx, b.db, Live, saturday, closed))
	for _, c := range []struct {
		book  Book
		limit int
		want  []calendar.Date
	}{{Live, 31, []calendar.Date{sunday, saturday}}, {Live, 1, []calendar.Date{sunday}}, {Test, 31, []calendar.Date{saturday.Add(2)}}} {
		days, err := BusinessDays(b.ctx, b.db, c.book, c.limit)
		b.must(err)
		var got []calendar.Date
		for _, d := range days {
			got = append(got, d.Day)
			isClosed := c.book == Live && d.Day == saturday
			if d.Book != c.book || d.Source != "cut-over" || !d.OpenedAt.Equal(noon) || (d.State == DayClosed) != isClosed ||
				(d.ClosedAt != nil) != isClosed || isClosed && !d.ClosedAt.Equal(closed) {
				t.Errorf("%s book: %+v", c.book, d)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s book, %d days: %v, want %v", c.book, c.limit, got, c.want)
		}
	}
}

// TestClosedDayStaysClosed: whatever names a closed day again, it stays closed, from the moment at which it was closed first.
func TestClosedDayStaysClosed(t *testing.T) {
	b := newBooks(t)
	closed := noon.Add(time.Hour)
	b.must(CloseDay(b.ctx, b.db, Live, saturday, closed))
	b.must(OpenDay(b.ctx, b.db, Live, saturday, "cut-over", closed.Add(time.Hour)))
	b.must(OpenDay(b.ctx, b.db, Live, saturday, "answer", closed.Add(2*time.Hour)))
	b.must(CloseDay(b.ctx, b.db, Live, saturday, closed.Add(3*time.Hour)))
	if err := AwaitDay(b.ctx, b.db, Live, saturday, "CR-1", closed); !fault.Is(err, fault.Conflict) {
		t.Errorf("two persons opened it: %v", err)
	}
	days, err := BusinessDays(b.ctx, b.db, Live, 2)
	b.must(err)
	if len(days) != 1 || days[0].State != DayClosed || !days[0].ClosedAt.Equal(closed) || !days[0].OpenedAt.Equal(noon) || days[0].Source != "cut-over" {
		t.Errorf("the day is %+v, want closed at %s", days, closed)
	}
	if err := CloseDay(b.ctx, b.db, Live, saturday.Add(1), closed); !fault.Is(err, fault.NotFound) {
		t.Errorf("a day that was never opened: %v", err)
	}
}

// TestDaysThatAreBelieved, at most so many away from today on both sides.
func TestDaysThatAreBelieved(t *testing.T) {
	for away, want := range map[int]bool{-6: false, -5: true, 0: true, 5: true, 6: false} {
		if got := Believable(saturday.Add(away), saturday, 5); got != want {
			t.Errorf("%d days away is believed: %t", away, got)
		}
	}
}

// TestNoDayOfNoBook is opened or awaited.
func TestNoDayOfNoBook(t *testing.T) {
	b := newBooks(t)
	for _, c := range []struct {
		book Book
		day  calendar.Date
	}{{0, saturday}, {3, saturday}, {Live, 0}} {
		if err := OpenDay(b.ctx, b.db, c.book, c.day, "cut-over", noon); !fault.Is(err, fault.Invalid) {
			t.Errorf("open %s of %s: %v", c.day, c.book, err)
		}
		if err := AwaitDay(b.ctx, b.db, c.book, c.day, "CR-1", noon); !fault.Is(err, fault.Invalid) {
			t.Errorf("await %s of %s: %v", c.day, c.book, err)
		}
	}
	if day, err := CurrentDay(b.ctx, b.db, Test, 5); !fault.Is(err, fault.NotFound) {
		t.Errorf("the current day of a book without days is %s, %v", day, err)
	}
}

// TestDaysOfTheDatabasesClock: which day is current and which may be closed is judged by the database's clock.
func TestDaysOfTheDatabasesClock(t *testing.T) {
	b := newBooks(t)
	var now time.Time
	b.must(b.db.QueryRow(b.ctx, `SELECT `+tehran).Scan(&now))
	today := calendar.FromDB(now)
	current := func(want calendar.Date) {
		t.Helper()
		if day, err := CurrentDay(b.ctx, b.db, Test, 2); err != nil || day != want {
			t.Errorf("the current day is %s, %v, want %s", day, err, want)
		}
	}
	mayClose := func(day calendar.Date, want fault.Kind) {
		t.Helper()
		if err := MayClose(b.ctx, b.db, Test, day, 2); fault.KindOf(err) != want {
			t.Errorf("close the day %d days from today: %v, want %s", day-today, err, want)
		}
	}
	mayClose(today.Add(-3), fault.NotFound) // No day is open.
	b.day(Test, today.Add(-2))
	b.day(Test, today.Add(-1))
	current(today.Add(-1))
	mayClose(today.Add(-2), fault.None)
	mayClose(today.Add(-1), fault.Conflict) // It is the current one.
	b.day(Test, today.Add(2))
	current(today.Add(2))
	mayClose(today.Add(-1), fault.None)
	mayClose(today, fault.Conflict) // It is not over.
	mayClose(today.Add(1), fault.Conflict)
	mayClose(today.Add(2), fault.Conflict)
	b.day(Test, today.Add(3)) // Nobody should have believed it.
	current(today.Add(2))
	b.must(AwaitDay(b.ctx, b.db, Test, today.Add(40), b.approval(), noon))
	current(today.Add(2))
	b.day(Test, today.Add(40)) // Two persons have.
	current(today.Add(40))
}

// TestClaims are kept by source with the time of their first, told apart by book, and gone once the day is there.
func TestClaims(t *testing.T) {
	b := newBooks(t)
	far := saturday.Add(300)
	claims := func(want ...Claim) {
		t.Helper()
		got, err := Claims(b.ctx, b.db, Live, 9)
		b.must(err)
		for i := range got {
			got[i].SaidAt = got[i].SaidAt.UTC()
		}
		if !slices.Equal(got, want) {
			t.Errorf("claims are %+v, want %+v", got, want)
		}
	}
	first, second := Claim{Live, far, "cut-over", noon}, Claim{Live, far.Add(1), "answer", noon.Add(time.Minute)}
	for _, c := range []Claim{first, second, {Live, far, "cut-over", noon.Add(time.Hour)}, {Test, far, "answer", noon}} {
		b.must(KeepClaim(b.ctx, b.db, c))
	}
	claims(second, first)
	for at, want := range map[DayAt]bool{{Live, far}: true, {Live, far.Add(1)}: true, {Test, far}: true, {Test, far.Add(1)}: false, {Live, saturday}: false} {
		if got, err := Claimed(b.ctx, b.db, at.Book, at.Day); err != nil || got != want {
			t.Errorf("%s of %s was named: %t, %v", at.Day, at.Book, got, err)
		}
	}
	approved := func(want map[DayAt]bool) {
		t.Helper()
		if got, err := ApprovedDays(b.ctx, b.db); err != nil || !maps.Equal(got, want) {
			t.Errorf("approved are %v, %v, want %v", got, err, want)
		}
	}
	approved(map[DayAt]bool{})
	b.must(AwaitDay(b.ctx, b.db, Live, far, b.approval(), noon))
	approved(map[DayAt]bool{{Live, far}: true})
	claims(second)
	b.must(CloseDay(b.ctx, b.db, Live, saturday, noon))
	if err := CloseDay(b.ctx, b.db, Live, far, noon); !fault.Is(err, fault.NotFound) {
		t.Errorf("a day that is only awaited was closed: %v", err)
	}
	b.day(Live, far)
	approved(map[DayAt]bool{{Live, far}: true})
	b.exec(`UPDATE business_day SET state = 'closed', closed_at = $2, closing = $3 WHERE day = $1`, far.Time(), noon, b.approval()) // once it is over
	approved(map[DayAt]bool{})
}

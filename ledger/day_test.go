package ledger

import (
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

package ledger

import (
	"slices"
	"testing"
	"time"

	"treasury-switch/calendar"
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

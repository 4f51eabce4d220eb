package ledger

import (
	"slices"
	"testing"

	"treasury-switch/calendar"
)

// TestPostings reads a payment's transfers with the codes of their accounts, its reversal after its approval.
func TestPostings(t *testing.T) {
	b := newBooks(t)
	sunday := saturday.Add(1)
	b.day(Live, sunday)
	approval := b.approvalOf(1)
	withdrawal := withdrawalOf(approval)
	withdrawal.BusinessDay = sunday
	b.post(approval)
	b.post(withdrawal)
	b.post(b.approvalOf(2))
	all := []Posting{
		{1, 0, saturday, "clearing@101", "R-101-140101-01", 10_000},
		{1, 0, saturday, "clearing@101", "R-105-140201-01", 37_500},
		{2, 1, sunday, "R-101-140101-01", "suspense-reversal@101", 10_000},
		{2, 1, sunday, "R-105-140201-01", "suspense-reversal@101", 37_500},
	}
	for _, c := range []struct {
		name   string
		agency int32
		days   []calendar.Date
		want   []Posting
	}{
		{"both days", 101, []calendar.Date{sunday, saturday}, all},
		{"the first day", 101, []calendar.Date{saturday}, all[:2]},
		{"no day", 101, nil, nil},
		{"another agency", 105, []calendar.Date{saturday, sunday}, nil},
	} {
		got, err := Postings(b.ctx, b.db, c.agency, approval.ID, c.days)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %+v, want %+v", c.name, err, got, c.want)
		}
	}
}

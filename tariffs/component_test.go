package tariffs

import (
	"reflect"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"treasury-switch/money"
)

// lineOf quotes a tariff of one component.
func lineOf(t testing.TB, c Component, r Request) (Line, error) {
	t.Helper()
	set, err := NewSet([]Version{version(t, "ONE", "1400/01/01", "", c)})
	must(t, err)
	r.Service = "ONE"
	if r.Date.IsZero() {
		r.Date = day(t, "1405/08/30")
	}
	q, err := set.Quote(r)
	if err != nil {
		return Line{}, err
	}
	addsUp(t, q)
	return q.Lines[0], nil
}

func TestPercentIsRoundedOnce(t *testing.T) {
	for _, row := range []struct {
		base     money.Rial
		rate     string
		rounding Rounding
		want     money.Rial
	}{
		{200_000_000, "2.5", Rounding{}, 5_000_000},
		{100, "0.5", Rounding{}, 1}, // 0.5: half goes up
		{99, "0.5", Rounding{}, 0},  // 0.495
		{300, "0.5", Rounding{}, 2}, // 1.5, not to even
		{500, "0.5", Rounding{}, 3}, // 2.5, not to even
		{0, "2.5", Rounding{}, 0},   // a base of nothing
		{1_000, "0", Rounding{}, 0}, // a rate of nothing
		{1, "1000", Rounding{}, 10}, // the highest rate
		{1_000_000_007, "0.000001", Rounding{}, 10},
		{100_001, "1", Rounding{Unit: 1000, Direction: Up}, 2_000},   // 1000.01
		{100_000, "1", Rounding{Unit: 1000, Direction: Up}, 1_000},   // exact
		{199_999, "1", Rounding{Unit: 1000, Direction: Down}, 1_000}, // 1999.99
		{149_999, "1", Rounding{Unit: 1000}, 1_000},                  // 1499.99
		{150_000, "1", Rounding{Unit: 1000}, 2_000},                  // 1500
		{150_000, "1", Rounding{Unit: 1000, Direction: HalfUp}, 2_000},
		{101, "1", Rounding{Unit: 1, Direction: Up}, 2},
		{199, "1", Rounding{Unit: 1, Direction: Down}, 1},
		{7, "1", Rounding{Unit: 7}, 0},
		{350, "1", Rounding{Unit: 7}, 7}, // 3.5 of 7
	} {
		c := percent("duty", row.rate, row.rounding)
		line, err := lineOf(t, c, Request{Base: row.base, HasBase: true})
		if err != nil || line.Amount != row.want || line.Base != row.base || line.Rate != row.rate {
			t.Errorf("%s%% of %d, %+v: %+v, %v, want %d", row.rate, row.base, row.rounding, line, err, row.want)
		}
	}
}

func TestPartOfAUnitCountsAsOne(t *testing.T) {
	for _, row := range []struct {
		each         int64
		units, begun int64
	}{{1, 1, 1}, {1, 7, 7}, {10, 1, 1}, {10, 10, 1}, {10, 11, 2}, {10, 20, 2}, {10, 21, 3}} {
		c := perUnit("sheet", 300, row.each)
		line, err := lineOf(t, c, Request{Units: row.units})
		if err != nil || line.Units != row.begun || line.Amount != money.Rial(300*row.begun) {
			t.Errorf("%d units of %d each: %+v, %v, want %d begun", row.units, row.each, line, err, row.begun)
		}
	}
}

func inPercent(account, percent string) Portion {
	return Portion{Account: account, Method: InPercent, Percent: decimal.RequireFromString(percent)}
}

func inParts(account string, parts int64) Portion {
	return Portion{Account: account, Method: Parts, Parts: parts}
}

func inRial(account string, amount money.Rial) Portion {
	return Portion{Account: account, Method: InRial, Amount: amount}
}

func rest(account string) Portion { return Portion{Account: account, Method: Remainder} }

func TestSharesByEachMethod(t *testing.T) {
	const a, b, c = "R-101-140101-01", "R-105-140201-01", "P-106-01"
	for name, row := range map[string]struct {
		amount  money.Rial
		portion []Portion
		want    []Share
	}{
		"percent":                {1_000, []Portion{inPercent(a, "62.5"), inPercent(b, "37.5")}, []Share{{a, 625}, {b, 375}}},
		"largest remainder":      {10, []Portion{inPercent(a, "33"), inPercent(b, "67")}, []Share{{a, 3}, {b, 7}}},
		"tie to the first":       {1, []Portion{inPercent(a, "50"), inPercent(b, "50")}, []Share{{a, 1}}},
		"tie, other order":       {1, []Portion{inPercent(b, "50"), inPercent(a, "50")}, []Share{{b, 1}}},
		"parts":                  {100, []Portion{inParts(a, 1), inParts(b, 1), inParts(c, 1)}, []Share{{a, 34}, {b, 33}, {c, 33}}},
		"fixed and rest":         {100, []Portion{inRial(a, 30), rest(b)}, []Share{{a, 30}, {b, 70}}},
		"rest listed first":      {100, []Portion{rest(b), inRial(a, 30)}, []Share{{b, 70}, {a, 30}}},
		"fixed beyond reach":     {40, []Portion{inRial(a, 30), inRial(b, 30), rest(c)}, []Share{{a, 30}, {b, 10}}},
		"same account is merged": {100, []Portion{inRial(a, 30), rest(a)}, []Share{{a, 100}}},
		"nothing":                {0, []Portion{inParts(a, 1), inParts(b, 1)}, nil},
	} {
		if got, err := divide(row.amount, row.portion, nil); err != nil || !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, row.want)
		}
	}
}

// addsUp holds that lines and shares sum to a total that can be paid.
func addsUp(t rapid.TB, q Quote) {
	t.Helper()
	var lines, shares money.Rial
	for _, l := range q.Lines {
		if l.Amount < 0 {
			t.Fatalf("line %+v", l)
		}
		lines += l.Amount
	}
	for _, s := range q.Shares {
		if s.Amount <= 0 {
			t.Fatalf("share %+v", s)
		}
		shares += s.Amount
	}
	if lines != q.Total || shares != q.Total || q.Total > money.MaxPayment {
		t.Fatalf("total %d, lines %d, shares %d", q.Total, lines, shares)
	}
}

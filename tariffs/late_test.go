package tariffs

import (
	"errors"
	"testing"

	"treasury-switch/money"
)

// fine is a percentage of the base, as it stands, that lateness raises.
func fine(l Late) Component {
	c := percent("fine", "100", Rounding{})
	l.Basis = Citation{Instrument: "lateness"}
	c.Late = &l
	return c
}

// The kinds of lateness of the tests.
var (
	lateDouble      = Late{After: 60, Every: Once, Times: rate("2")}
	lateHalf        = Late{Every: Once, Times: rate("1.5")}
	lateDaily       = Late{After: 10, Every: Daily, Rate: rate("0.1"), MostRate: rate("1")}
	lateMonthly     = Late{Every: Monthly, Rate: rate("2.5")}
	lateThirty      = Late{Every: ThirtyDays, Amount: 5_000, Most: 12_000}
	lateAmountFirst = Late{Every: Daily, Rate: rate("0.1"), MostRate: rate("1"), Most: 4_000}
	lateRateFirst   = Late{Every: Daily, Rate: rate("0.1"), MostRate: rate("0.3"), Most: 10_000}
)

func TestLatePenalties(t *testing.T) {
	for _, row := range []struct {
		name      string
		late      Late
		due, paid string
		want      money.Rial // of 1,000,000
		periods   int64      // zero: no penalty
		capped    bool
	}{
		{"on the due date", lateDouble, "1405/06/01", "1405/06/01", 1_000_000, 0, false},
		{"before it", lateDouble, "1405/06/01", "1405/01/01", 1_000_000, 0, false},
		{"60th day", lateDouble, "1405/06/01", "1405/07/30", 1_000_000, 0, false},
		{"61st day", lateDouble, "1405/06/01", "1405/08/01", 2_000_000, 1, false},
		{"years later", lateDouble, "1403/06/01", "1405/08/01", 2_000_000, 1, false},
		{"no days free, due", lateHalf, "1405/06/01", "1405/06/01", 1_000_000, 0, false},
		{"no days free, next", lateHalf, "1405/06/01", "1405/06/02", 1_500_000, 1, false},
		{"10th day of a daily one", lateDaily, "1405/06/01", "1405/06/11", 1_000_000, 0, false},
		{"11th", lateDaily, "1405/06/01", "1405/06/12", 1_001_000, 1, false},
		{"20th, at the cap", lateDaily, "1405/06/01", "1405/06/21", 1_010_000, 10, false},
		{"21st, above the cap", lateDaily, "1405/06/01", "1405/06/22", 1_010_000, 11, true},
		{"first month begun", lateMonthly, "1405/06/01", "1405/06/02", 1_025_000, 1, false},
		{"its last day", lateMonthly, "1405/06/01", "1405/07/01", 1_025_000, 1, false},
		{"second month begun", lateMonthly, "1405/06/01", "1405/07/02", 1_050_000, 2, false},
		{"from the 31st to the 30th", lateMonthly, "1405/06/31", "1405/07/30", 1_025_000, 1, false},
		{"from the 31st to the next", lateMonthly, "1405/06/31", "1405/08/01", 1_050_000, 2, false},
		{"to the end of Esfand", lateMonthly, "1404/11/30", "1404/12/29", 1_025_000, 1, false},
		{"over the new year", lateMonthly, "1404/11/30", "1405/01/01", 1_050_000, 2, false},
		{"to 30 Esfand of a leap year", lateMonthly, "1403/11/30", "1403/12/30", 1_025_000, 1, false},
		{"a year", lateMonthly, "1404/01/15", "1405/01/15", 1_300_000, 12, false},
		{"a year and a day", lateMonthly, "1404/01/15", "1405/01/16", 1_325_000, 13, false},
		{"30 days", lateThirty, "1405/06/01", "1405/06/31", 1_005_000, 1, false},
		{"31 days", lateThirty, "1405/06/01", "1405/07/01", 1_010_000, 2, false},
		{"61 days", lateThirty, "1405/06/01", "1405/08/01", 1_012_000, 3, true},
		{"two caps, at the lower amount", lateAmountFirst, "1405/06/01", "1405/06/05", 1_004_000, 4, false},
		{"two caps, above the lower amount", lateAmountFirst, "1405/06/01", "1405/06/06", 1_004_000, 5, true},
		{"two caps, above both, the amount is lower", lateAmountFirst, "1405/06/01", "1405/06/31", 1_004_000, 30, true},
		{"two caps, at the lower rate", lateRateFirst, "1405/06/01", "1405/06/04", 1_003_000, 3, false},
		{"two caps, above the lower rate", lateRateFirst, "1405/06/01", "1405/06/05", 1_003_000, 4, true},
		{"two caps, above both, the rate is lower", lateRateFirst, "1405/06/01", "1405/06/31", 1_003_000, 30, true},
	} {
		r := based(1_000_000)
		r.Due, r.Date = day(t, row.due), day(t, row.paid)
		line, err := lineOf(t, fine(row.late), r)
		periods, capped := int64(0), false
		if p := line.Penalty; p != nil {
			periods, capped = p.Periods, p.Capped
		}
		if err != nil || line.Amount != row.want || periods != row.periods || capped != row.capped {
			t.Errorf("%s: %+v, %+v, %v, want %d", row.name, line, line.Penalty, err, row.want)
		}
		if days := max(int64(r.Date)-int64(r.Due), 0); line.LateDays != days {
			t.Errorf("%s: %d days late, want %d", row.name, line.LateDays, days)
		}
		if row.periods > 0 && line.Penalty.Citation.Instrument != "lateness" {
			t.Errorf("%s: %+v", row.name, line.Penalty)
		}
	}
}

func TestLatenessNeedsADueDate(t *testing.T) {
	c := fine(Late{Every: Monthly, Rate: rate("1")})
	r := based(1_000_000)
	if _, err := lineOf(t, c, r); !errors.Is(err, ErrMissingDue) {
		t.Error(err)
	}
	for due, want := range map[string]error{"1305/08/30": nil, "1305/08/20": ErrBadInput, "0001/01/01": ErrBadInput} {
		r.Due = day(t, due)
		if _, err := lineOf(t, c, r); !errors.Is(err, want) {
			t.Errorf("due %s: %v, want %v", due, err, want)
		}
	}
}

// Rounding comes last and once: not before the penalty.
func TestPenaltyIsOfTheExactPrice(t *testing.T) {
	c := fine(Late{Every: Once, Times: rate("2")})
	c.Rate, c.Rounding = rate("50"), Rounding{Unit: 10}
	r := based(29) // 14.5, doubled 29
	r.Due, r.Date = day(t, "1405/06/01"), day(t, "1405/06/02")
	line, err := lineOf(t, c, r)
	if err != nil || line.Amount != 30 || line.Exact != "29" || line.Rounding != (Rounding{10, HalfUp}) || line.Penalty.Added != "14.5" {
		t.Errorf("%+v, %+v, %v", line, line.Penalty, err)
	}
}

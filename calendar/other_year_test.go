package calendar

import (
	"fmt"
	"testing"
)

// Whatever day a message without a year was received on, within the days that are looked back: the year that it was given then is the one
// that it is given now, or the other one.
func TestOtherYearIsTheOneOfBefore(t *testing.T) {
	const days = 31
	others := 0
	for now := On(2026, 1, 1); now < On(2029, 1, 1); now++ {
		for away := -366; away <= 366; away++ {
			_, month, day := now.Add(away).Gregorian()
			mmdd := fmt.Sprintf("%02d%02d", int(month), day)
			own, err := Nearest(mmdd, now)
			if err != nil {
				continue // 29 February, far from a leap year
			}
			other, changed := OtherYear(own, now, days)
			if changed {
				others++
			}
			for _, before := range []int{0, 1, days / 2, days} {
				if then, err := Nearest(mmdd, now.Add(-before)); err == nil && then != own && then != other {
					t.Fatalf("%s was %s on %s and is %s on %s, or %s", mmdd, then, now.Add(-before), own, now, other)
				}
			}
		}
	}
	if others == 0 {
		t.Error("no date ever had another year")
	}
}

// A terminal whose clock is right, or wrong by less than five months, has no other year on any day.
func TestAClockThatIsNearlyRightHasNoOtherYear(t *testing.T) {
	for now := On(2026, 1, 1); now < On(2029, 1, 1); now++ {
		for away := -150; away <= 150; away++ {
			if other, changed := OtherYear(now.Add(away), now, 31); changed {
				t.Fatalf("%s on %s may be %s", now.Add(away), now, other)
			}
		}
	}
}

// The year of 21 May flips between two days of November, and not again.
func TestOtherYearOnlyAfterTheFlip(t *testing.T) {
	first, second := On(2026, 5, 21), On(2027, 5, 21)
	for _, row := range []struct {
		now     Date
		own     Date
		changed bool
	}{
		{On(2026, 11, 19), first, false}, {On(2026, 11, 20), second, true}, {On(2026, 12, 20), second, true}, {On(2026, 12, 22), second, false},
	} {
		own, err := Nearest("0521", row.now)
		other, changed := OtherYear(own, row.now, 31)
		if err != nil || own != row.own || changed != row.changed || changed && other != first {
			t.Errorf("on %s it is %s, or %s (%v), %v", row.now, own, other, changed, err)
		}
	}
}

func BenchmarkOtherYear(b *testing.B) {
	day := On(2026, 11, 21)
	b.ReportAllocs()
	for b.Loop() {
		if _, changed := OtherYear(day, day, 31); changed {
			b.Fatal("it has changed")
		}
	}
}

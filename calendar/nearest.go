package calendar

import (
	"fmt"
	"time"

	"treasury-switch/internal/digits"
	"treasury-switch/internal/fault"
)

// Nearest completes a Gregorian MMDD, as F13 and F15 carry it, with the year
// that brings it nearest to the date given; of two equally near ones the
// earlier is taken, because what is told has usually happened already. Only
// the year before, the same and the next are looked at: 0229 is refused
// (fault.Invalid) where none of them is a leap year, as every day that no year
// has.
func Nearest(mmdd string, to Date) (Date, error) {
	if len(mmdd) != 4 || !digits.Only(mmdd) {
		return 0, fault.New(fault.Invalid, "day %q: want MMDD", mmdd)
	}
	month := time.Month(mmdd[0]-'0')*10 + time.Month(mmdd[1]-'0')
	day := int(mmdd[2]-'0')*10 + int(mmdd[3]-'0')
	year, _, _ := to.Gregorian()
	const halfYear = 365 / 2
	if same, ok := inYear(year, month, day); ok && distance(same, to) <= halfYear {
		return same, nil // The others are further away, by at least a day.
	}
	var best Date
	for y := year - 1; y <= year+1; y++ {
		candidate, ok := inYear(y, month, day)
		if !ok {
			continue
		}
		if best.IsZero() || distance(candidate, to) < distance(best, to) {
			best = candidate
		}
	}
	if best.IsZero() {
		return 0, fault.New(fault.Invalid, "day %q: no such day in the years around %s", mmdd, to)
	}
	return best, nil
}

// inYear gives the day of a year; false where the year has no such day, or where it
// is the one that means 'no date'.
func inYear(year int, month time.Month, day int) (Date, bool) {
	date := On(year, month, day)
	_, m, d := date.Gregorian()
	return date, m == month && d == day && !date.IsZero()
}

func distance(a, b Date) Date {
	if a > b {
		return a - b
	}
	return b - a
}

// OtherYear is the day that Nearest completed the same month and day to so many days before, if that was another one than d, which it
// completes them to now: the year that is nearest has changed since. A date near to the one given has none, and finding that out is a comparison.
func OtherYear(d, to Date, days int) (other Date, changed bool) {
	const halfYear = 365 / 2
	if distance(d, to)+Date(days) <= halfYear {
		return 0, false // It was as near then.
	}
	_, month, day := d.Gregorian()
	other, err := Nearest(fmt.Sprintf("%02d%02d", int(month), day), to.Add(-days))
	return other, err == nil && other != d
}

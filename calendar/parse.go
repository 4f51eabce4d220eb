package calendar

import (
	"strings"
	"time"

	"treasury-switch/internal/digits"
	"treasury-switch/internal/fault"
)

// lastTypedJalali is the last year that is read as a Jalali one where people
// type dates, and the next is the first that is read as Gregorian: a year above
// it is Gregorian for whoever types it, since the Jalali year 1701 is that of
// 2322.
const lastTypedJalali = 1700

// ErrGregorian is wrapped by the errors of dates that are Gregorian by their
// year and not in a form that Gregorian dates are read in. Its kind is
// fault.Invalid.
var ErrGregorian = fault.New(fault.Invalid, "the year is Gregorian")

// Parse reads a Gregorian date as programs write it, 2026-11-21 (fault.Invalid
// otherwise).
func Parse(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fault.New(fault.Invalid, "date %q: want year-month-day", s)
	}
	return FromDB(t), nil
}

// ParseCompact reads a Gregorian date as messages carry it, 20261121. A year
// up to 1700 is refused like everything else that is no such date
// (fault.Invalid): it is a Jalali one in the wrong place.
func ParseCompact(s string) (Date, error) {
	t, err := time.Parse("20060102", s)
	if err != nil || t.Year() <= lastTypedJalali {
		return 0, fault.New(fault.Invalid, "want a Gregorian date, yyyyMMdd")
	}
	return named(FromDB(t), s)
}

// ParseJalali reads a Jalali date that people type, 1405-08-30 or 1405/08/30, in
// Latin, Persian or Arabic digits. Month and day may have one digit; the year
// has four. A year above 1700 is ErrGregorian, and the error tells that day in
// the Jalali calendar; everything else that is no such date is fault.Invalid.
func ParseJalali(s string) (Date, error) {
	year, month, day, err := parts(s)
	switch {
	case err != nil:
		return 0, err
	case year > lastTypedJalali:
		return 0, fault.New(fault.Invalid, "date %q: %w%s", s, ErrGregorian, inJalali(year, month, day))
	}
	d, err := FromJalali(year, month, day)
	if err != nil {
		return 0, err
	}
	return named(d, s)
}

// ParseDay reads a date that people type in either calendar: Gregorian with
// hyphens, 2026-11-21, and Jalali as ParseJalali reads it. A Gregorian date with
// slashes is ErrGregorian, and the error tells both forms that are right.
func ParseDay(s string) (Date, error) {
	year, month, day, err := parts(s)
	if err != nil {
		return 0, fault.New(fault.Invalid, "%q is no day: write 2026-11-21 or, in the Jalali calendar, 1405/08/30", s)
	}
	if year <= lastTypedJalali {
		return ParseJalali(s)
	}
	if text := digits.Latin(s); strings.Contains(text, "/") {
		return 0, fault.New(fault.Invalid, "date %q: %w: write it with hyphens, %s%s", s, ErrGregorian,
			strings.ReplaceAll(strings.TrimSpace(text), "/", "-"), inJalali(year, month, day))
	}
	d := On(year, time.Month(month), day)
	if _, m, same := d.Gregorian(); int(m) != month || same != day {
		return 0, fault.New(fault.Invalid, "no such Gregorian date: %s", s)
	}
	return named(d, s)
}

// parts reads the numbers of a date that people type.
func parts(s string) (year, month, day int, err error) {
	text := digits.Latin(strings.TrimSpace(s))
	parts := strings.Split(strings.ReplaceAll(text, "/", "-"), "-")
	if len(parts) != 3 || len(parts[0]) != 4 {
		return 0, 0, 0, fault.New(fault.Invalid, "date %q: want year/month/day, the year in four digits", s)
	}
	var numbers [3]int
	for i, part := range parts {
		if !digits.Only(part) || i > 0 && len(part) > 2 {
			return 0, 0, 0, fault.New(fault.Invalid, "date %q: want year/month/day, the year in four digits", s)
		}
		for _, c := range []byte(part) {
			numbers[i] = numbers[i]*10 + int(c-'0')
		}
	}
	return numbers[0], numbers[1], numbers[2], nil
}

// inJalali tells a Gregorian day in the Jalali calendar, if there is such a day.
func inJalali(year, month, day int) string {
	d := On(year, time.Month(month), day)
	if _, m, same := d.Gregorian(); int(m) != month || same != day || year > lastJalaliYear {
		return ""
	}
	return "; in the Jalali calendar that day is " + d.JalaliString()
}

// named refuses the one day that cannot be told from no date.
func named(d Date, s string) (Date, error) {
	if d.IsZero() {
		return 0, fault.New(fault.Invalid, "date %q: 1970-01-01, 1348/10/11, means 'no date' here and cannot be used", s)
	}
	return d, nil
}

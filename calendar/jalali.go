package calendar

import (
	"fmt"
	"sync/atomic"
	"time"

	"treasury-switch/internal/fault"
)

// The Jalali calendar counts years from spring 622; a year begins on the day
// of the vernal equinox at Tehran. Its leap years are taken from K. M.
// Borkowski, "The Persian calendar for 3000 years", Earth, Moon and Planets 74
// (1996): within a stretch between two breaks, leap years come every fourth
// year in cycles of 33, and the stretches join irregularly at the breaks.
var breaks = [...]int{
	-61, 9, 38, 199, 426, 686, 756, 818, 1111, 1181, 1210,
	1635, 2060, 2097, 2192, 2262, 2324, 2394, 2456, 3178,
}

// Years for which FromJalali answers: the first of the calendar, and the last
// before the table of breaks ends.
const (
	firstJalaliYear = 1
	lastJalaliYear  = 3177
)

// jalaliYear describes one Jalali year: the Gregorian year and the day of
// March on which it begins, and how many years ago the last leap year was
// (0 if it is one itself).
type jalaliYear struct {
	gregorian int
	march     int
	sinceLeap int
}

func yearOf(year int) jalaliYear {
	start, jump, leaps := breaks[0], 0, -14
	for _, next := range breaks[1:] {
		jump = next - start
		if year < next {
			break
		}
		leaps += jump/33*8 + jump%33/4
		start = next
	}
	n := year - start
	leaps += n/33*8 + (n%33+3)/4
	if jump%33 == 4 && jump-n == 4 {
		leaps++
	}
	gregorian := year + 621
	gregorianLeaps := gregorian/4 - (gregorian/100+1)*3/4 - 150
	if jump-n < 6 {
		n += (jump+4)/33*33 - jump
	}
	since := ((n+1)%33 - 1) % 4
	if since == -1 {
		since = 4
	}
	return jalaliYear{gregorian: gregorian, march: 20 + leaps - gregorianLeaps, sinceLeap: since}
}

// firstDay returns the date of 1 Farvardin.
func (y jalaliYear) firstDay() Date { return On(y.gregorian, time.March, y.march) }

// isJalaliLeap reports whether the Jalali year has 366 days (Esfand has 30).
func isJalaliLeap(year int) bool { return yearOf(year).sinceLeap == 0 }

// jalaliMonthDays returns the number of days of a Jalali month: 31 for the
// first six, 30 for the next five, 29 or in leap years 30 for Esfand.
func jalaliMonthDays(year, month int) int {
	switch {
	case month <= 6:
		return 31
	case month <= 11 || isJalaliLeap(year):
		return 30
	}
	return 29
}

// FromJalali returns the date of a Jalali year (1..3177), month and day, or
// fault.Invalid if there is no such day.
func FromJalali(year, month, day int) (Date, error) {
	if year < firstJalaliYear || year > lastJalaliYear || month < 1 || month > 12 ||
		day < 1 || day > jalaliMonthDays(year, month) {
		return 0, fault.New(fault.Invalid, "no such Jalali date: %d/%d/%d", year, month, day)
	}
	before := (month - 1) * 31
	if month > 7 {
		before -= month - 7
	}
	return yearOf(year).firstDay().Add(before + day - 1), nil
}

// Jalali returns the date's Jalali year, month and day.
func (d Date) Jalali() (year, month, day int) {
	year, ordinal := d.jalaliOrdinal()
	if ordinal < 186 {
		return year, 1 + ordinal/31, 1 + ordinal%31
	}
	ordinal -= 186
	return year, 7 + ordinal/30, 1 + ordinal%30
}

// JalaliOrdinal returns the date's Jalali year and the number of the day in it, 1..366.
func (d Date) JalaliOrdinal() (year, yearDay int) {
	year, ordinal := d.jalaliOrdinal()
	return year, ordinal + 1
}

// latest remembers the last date that was asked for, because nearly always it is today:
// the date in the upper 32 bits, then its year and its ordinal, 16 bits each. Zero is
// nothing, as no year is 0.
var latest atomic.Uint64

// jalaliOrdinal returns the Jalali year and the days since its first day.
func (d Date) jalaliOrdinal() (year, ordinal int) {
	if known := latest.Load(); Date(known>>32) == d && known != 0 {
		return int(known >> 16 & 0xFFFF), int(known & 0xFFFF)
	}
	year, ordinal = d.reckonOrdinal()
	if year >= firstJalaliYear && year <= lastJalaliYear {
		latest.Store(uint64(uint32(d))<<32 | uint64(year)<<16 | uint64(ordinal))
	}
	return year, ordinal
}

// reckonOrdinal is jalaliOrdinal for a date that is not remembered.
func (d Date) reckonOrdinal() (year, ordinal int) {
	gregorian, _, _ := d.Gregorian()
	year = gregorian - 621
	ordinal = int(d - yearOf(year).firstDay())
	if ordinal < 0 {
		year--
		ordinal = int(d - yearOf(year).firstDay())
	}
	return year, ordinal
}

// JalaliString returns the date as 1405/08/30 in Latin digits; no date is the
// empty string.
func (d Date) JalaliString() string {
	if d.IsZero() {
		return ""
	}
	year, month, day := d.Jalali()
	return fmt.Sprintf("%04d/%02d/%02d", year, month, day)
}

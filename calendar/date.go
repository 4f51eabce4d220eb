// Package calendar holds civil dates, Gregorian and Jalali (Iran's official
// calendar), and the zone in which the treasury's days begin.
package calendar

import (
	"fmt"
	"time"
	_ "time/tzdata" // a machine without zone files must know Tehran too
)

// Date is a civil date: days since 1970-01-01. The zero Date means "no date",
// so 1970-01-01 itself cannot be expressed; no treasury date is that old.
type Date int32

// secondsPerDay has no leap seconds, as Unix time has none.
const secondsPerDay = 24 * 60 * 60

// Tehran is the zone Asia/Tehran: +03:30 all year since 1402.
var Tehran = loadTehran()

// loadTehran takes the zone from the machine or the embedded table. A machine
// whose table predates the end of summer time (law of 1401) would shift half
// of every year by an hour; there the plain offset is right and is taken.
func loadTehran() *time.Location {
	const offset = 3*60*60 + 30*60
	zone, err := time.LoadLocation("Asia/Tehran")
	if err == nil {
		summer := time.Date(2026, time.July, 1, 12, 0, 0, 0, zone)
		if _, seconds := summer.Zone(); seconds == offset {
			return zone
		}
	}
	return time.FixedZone("+0330", offset)
}

// On returns the date of a Gregorian year, month and day. Days outside the
// month roll over as in time.Date.
func On(year int, month time.Month, day int) Date {
	return FromDB(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOf returns Tehran's civil date of an instant.
func DateOf(t time.Time) Date {
	_, offset := t.In(Tehran).Zone()
	return fromUnix(t.Unix() + int64(offset))
}

// FromDB returns the date of a DATE column as pgx gives it: midnight UTC.
// The zero time gives the zero Date.
func FromDB(t time.Time) Date {
	if t.IsZero() {
		return 0
	}
	return fromUnix(t.Unix())
}

func fromUnix(seconds int64) Date {
	days := seconds / secondsPerDay
	if seconds%secondsPerDay < 0 {
		days--
	}
	return Date(days)
}

// Time returns midnight UTC of the date, as a DATE column takes it: the
// inverse of FromDB. The zero Date gives the zero time.
func (d Date) Time() time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return time.Unix(int64(d)*secondsPerDay, 0).UTC()
}

// Begins returns the instant at which the date begins in Tehran. A day is the
// half-open range from its beginning to the beginning of the next.
func (d Date) Begins() time.Time {
	year, month, day := d.Gregorian()
	return time.Date(year, month, day, 0, 0, 0, 0, Tehran)
}

// Gregorian returns the date's Gregorian year, month and day.
func (d Date) Gregorian() (int, time.Month, int) {
	return time.Unix(int64(d)*secondsPerDay, 0).UTC().Date()
}

// Add returns the date a number of days later, or earlier if negative.
func (d Date) Add(days int) Date { return d + Date(days) }

// IsZero reports whether this is no date.
func (d Date) IsZero() bool { return d == 0 }

// String returns the date as 2026-11-21; no date is the empty string.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	year, month, day := d.Gregorian()
	return fmt.Sprintf("%04d-%02d-%02d", year, int(month), day)
}

// MarshalText returns the date as 2026-11-21; no date is empty.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = 0
		return nil
	}
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

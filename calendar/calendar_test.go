package calendar

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"treasury-switch/internal/fault"
)

// Check points of both calendars: published leap years 1399, 1403, 1408, 1412
// and days around them, and some far ones.
var checkPoints = []struct {
	iso, jalali string
	yearDay     int
}{
	{"2025-03-20", "1403/12/30", 366}, {"2025-03-21", "1404/01/01", 1}, {"2026-11-21", "1405/08/30", 246},
	{"2030-03-20", "1408/12/30", 366}, {"2021-03-20", "1399/12/30", 366}, {"2021-03-21", "1400/01/01", 1},
	{"2034-03-20", "1412/12/30", 366}, {"2026-03-20", "1404/12/29", 365}, {"2026-03-21", "1405/01/01", 1},
	{"1979-02-11", "1357/11/22", 328}, {"1925-03-21", "1304/01/01", 1}, {"1926-03-21", "1304/12/30", 366}, {"1926-03-22", "1305/01/01", 1}, {"2000-02-29", "1378/12/10", 346},
	{"2024-09-21", "1403/06/31", 186}, {"2024-09-22", "1403/07/01", 187}, {"1969-12-31", "1348/10/10", 286},
}

func TestCheckPoints(t *testing.T) {
	for _, row := range checkPoints {
		d, err := Parse(row.iso)
		if _, yearDay := d.JalaliOrdinal(); err != nil || d.String() != row.iso || d.JalaliString() != row.jalali || yearDay != row.yearDay {
			t.Errorf("%+v: %s, %s, day %d, %v", row, d, d.JalaliString(), yearDay, err)
		}
		if back, err := ParseJalali(row.jalali); err != nil || back != d {
			t.Errorf("%s: %s, %v, want %s", row.jalali, back, err, d)
		}
	}
}

// Every day of four centuries is one day after the day before in both
// calendars, and comes back from its Jalali form.
func TestEveryDay(t *testing.T) {
	first, firstErr := FromJalali(1200, 1, 1)
	last, lastErr := FromJalali(1600, 1, 1)
	if err := errors.Join(firstErr, lastErr); err != nil {
		t.Fatal(err)
	}
	year, month, day := 1200, 1, 1
	for d := first; d < last; d++ {
		y, m, dd := d.Jalali()
		if y != year || m != month || dd != day {
			t.Fatalf("%s is %d/%d/%d, want %d/%d/%d", d, y, m, dd, year, month, day)
		}
		back, err := FromJalali(y, m, dd)
		if err != nil || back != d {
			t.Fatalf("%d/%d/%d gives %s, %v, want %s", y, m, dd, back, err, d)
		}
		if gy, gm, gd := d.Gregorian(); On(gy, gm, gd) != d {
			t.Fatalf("%d-%d-%d", gy, gm, gd)
		}
		if day++; day > jalaliMonthDays(year, month) {
			day = 1
			if month++; month > 12 {
				month, year = 1, year+1
			}
		}
	}
}

// The year begins on the day on which the equinox falls before noon in Tehran.
// That leaves these leap years around the present (Iran's official calendar).
func TestLeapYears(t *testing.T) {
	leap := map[int]bool{1375: true, 1379: true, 1383: true, 1387: true, 1391: true, 1395: true, 1399: true, 1403: true,
		1408: true, 1412: true, 1416: true, 1420: true}
	for year := 1372; year <= 1423; year++ {
		if got := isJalaliLeap(year); got != leap[year] {
			t.Errorf("%d is leap: %t, want %t", year, got, leap[year])
		}
	}
}

// The years for which there is a calendar, and their numbered days.
func TestFirstAndLastYear(t *testing.T) {
	for _, row := range []struct {
		year, month, day int
		there            bool
	}{{1, 1, 1, true}, {3177, 12, 29, true}, {0, 12, 29, false}, {3178, 1, 1, false}, {3200, 1, 1, false}} {
		d, err := FromJalali(row.year, row.month, row.day)
		if row.there != (err == nil) || err != nil && (d != 0 || fault.KindOf(err) != fault.Invalid) {
			t.Fatalf("%+v: %s, %v", row, d, err)
		}
		if year, month, day := d.Jalali(); row.there && (year != row.year || month != row.month || day != row.day) {
			t.Errorf("%+v comes back as %d/%d/%d", row, year, month, day)
		}
	}
	for _, row := range checkPoints {
		d, err := Parse(row.iso)
		year, day := d.JalaliOrdinal()
		if wantYear := strings.SplitN(row.jalali, "/", 2)[0]; err != nil || fmt.Sprint(year) != wantYear || day != row.yearDay {
			t.Errorf("%s is day %d of %d, %v", row.iso, day, year, err)
		}
	}
}

// What is remembered of the last date is nothing else than what is reckoned: of 1970-01-01, whose number is zero, and of dates whose year
// does not fit.
func TestRememberedDates(t *testing.T) {
	for _, d := range []Date{0, On(600, time.January, 1), On(1, time.January, 1), On(2026, time.November, 21)} {
		latest.Store(0)
		wantYear, wantDay := d.reckonOrdinal()
		for range 2 {
			if year, day := d.jalaliOrdinal(); year != wantYear || day != wantDay {
				t.Errorf("%d is day %d of %d, want %d of %d", d, day, year, wantDay, wantYear)
			}
		}
	}
}

// Over the whole table each year is as long as its leap rule says.
func TestEveryYear(t *testing.T) {
	for year := firstJalaliYear; year < lastJalaliYear; year++ {
		want := 365
		if isJalaliLeap(year) {
			want = 366
		}
		if got := int(yearOf(year+1).firstDay() - yearOf(year).firstDay()); got != want {
			t.Errorf("year %d has %d days, want %d", year, got, want)
		}
	}
}

func TestRefusedDates(t *testing.T) {
	for _, s := range []string{"", "1404/12/30", "1405/13/01", "1405/00/01", "1405/01/00", "1405/01/32", "1405/07/31", "0000/01/01",
		"3178/01/01", "405/01/01", "14 5/01/01", "14:5/01/01", "1405/ 1/01", "1405/01/ 1", "1405/1/001", "1405/01", "1405/01/01/01", "1405//01", "1405/-1/01", "1405.01.01", "a405/01/01"} {
		if d, err := ParseJalali(s); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %s, %v", s, d, err)
		}
	}
	for _, s := range []string{"", "2026-02-29", "2026-13-01", "2026/01/01", "26-01-01", "2026-1-1", "2026-01-01T00:00:00Z"} {
		if d, err := Parse(s); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %s, %v", s, d, err)
		}
	}
}

func TestParseJalaliForms(t *testing.T) {
	for _, s := range []string{"1405/08/30", "1405-08-30", "۱۴۰۵/۰۸/۳۰", "١٤٠٥-٠٨-٣٠", " 1405/8/30 "} {
		if d, err := ParseJalali(s); err != nil || d != On(2026, time.November, 21) {
			t.Errorf("%q: %s, %v", s, d, err)
		}
	}
}

// A date of the other calendar is refused, and the error tells the form that is right.
func TestDatesOfTheOtherCalendar(t *testing.T) {
	for s, tells := range map[string]string{
		"2026/03/21": "1405/01/01", "2026-03-21": "1405/01/01", "۲۰۲۶/۰۳/۲۱": "1405/01/01", "2026/3/21": "1405/01/01", "1925/03/21": "1304/01/01", "1701/01/01": "Gregorian",
		"1995/12/23": "1374/10/02", "2026/02/30": "Gregorian", "3177/12/29": "Gregorian",
	} {
		if d, err := ParseJalali(s); !errors.Is(err, ErrGregorian) || fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tells) {
			t.Errorf("Jalali %s: %s, %v", s, d, err)
		}
	}
	for s, tells := range map[string]string{"2026/11/21": "2026-11-21; in the Jalali calendar that day is 1405/08/30", "۲۰۲۶/۱۱/۲۱": "2026-11-21", "2026-11/21": "2026-11-21"} {
		if d, err := ParseDay(s); !errors.Is(err, ErrGregorian) || !strings.Contains(err.Error(), tells) {
			t.Errorf("%s: %s, %v", s, d, err)
		}
	}
	for s, told := range map[string]bool{"2026/02/30": false, "2026/13/01": false, "2026/00/10": false, "3177/12/29": true, "3178/01/01": false} {
		_, err := ParseJalali(s)
		if err == nil || strings.Contains(err.Error(), "in the Jalali calendar that day is") != told {
			t.Errorf("the day in the other calendar is told of %s: %v, want %t", s, err, told)
		}
	}
	if d, err := ParseDay("1700/12/29"); err != nil || d.JalaliString() != "1700/12/29" {
		t.Errorf("the last Jalali year that is typed: %s, %v", d, err)
	}
	if d, err := ParseDay("1701-01-01"); err != nil || d.String() != "1701-01-01" {
		t.Errorf("the first Gregorian year that is typed: %s, %v", d, err)
	}
	if d, err := ParseJalali("1700/12/29"); err != nil || d.JalaliString() != "1700/12/29" {
		t.Errorf("the last year that is read: %s, %v", d, err)
	}
}

func TestParseDayForms(t *testing.T) {
	for _, s := range []string{"2026-11-21", "۲۰۲۶-۱۱-۲۱", "1405/08/30", "1405-08-30", "۱۴۰۵/۸/۳۰"} {
		if d, err := ParseDay(s); err != nil || d != On(2026, time.November, 21) {
			t.Errorf("%q: %s, %v", s, d, err)
		}
	}
	if d, err := ParseDay("1995-12-23"); err != nil || d != On(1995, time.December, 23) {
		t.Errorf("a Gregorian date of the century before: %s, %v", d, err)
	}
	for _, s := range []string{"", "soon", "05/08/30", "26-11-21", "30/08/1405", "21-11-2026", "2026-02-29", "2026-13-01", "1405/12/30", "20261121"} {
		if d, err := ParseDay(s); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %s, %v", s, d, err)
		}
	}
}

func TestParseCompactForms(t *testing.T) {
	if d, err := ParseCompact("20261121"); err != nil || d != On(2026, time.November, 21) {
		t.Errorf("%s, %v", d, err)
	}
	// A Jalali date in its place would be one of the Middle Ages.
	for _, s := range []string{"", "14050830", "17001231", "20260229", "2026-11-21", "261121", "2026112a"} {
		if d, err := ParseCompact(s); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %s, %v", s, d, err)
		}
	}
}

// The day that means 'no date' is refused where it would be taken for none.
func TestTheDayThatIsNoDate(t *testing.T) {
	for _, read := range []func() (Date, error){
		func() (Date, error) { return ParseJalali("1348/10/11") }, func() (Date, error) { return ParseDay("1970-01-01") },
		func() (Date, error) { return ParseDay("1348/10/11") }, func() (Date, error) { return ParseCompact("19700101") },
	} {
		if d, err := read(); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s, %v", d, err)
		}
	}
}

func TestTehranDay(t *testing.T) {
	for instant, want := range map[string]string{
		"2026-11-21T20:29:59.999Z": "2026-11-21", // one instant before midnight in Tehran
		"2026-11-21T20:30:00Z":     "2026-11-22",
		"2026-07-01T20:29:59Z":     "2026-07-01", // no summer time since 1402
		"2026-07-01T20:30:00Z":     "2026-07-02",
		"2022-07-01T19:30:00Z":     "2022-07-02", // there still was
	} {
		at, err := time.Parse(time.RFC3339Nano, instant)
		if err != nil || DateOf(at).String() != want {
			t.Errorf("%s is on %s, %v, want %s", instant, DateOf(at), err, want)
		}
	}
	before := time.Date(1969, time.December, 30, 20, 0, 0, 0, time.UTC) // 23:30 in Tehran
	if d := DateOf(before); d.String() != "1969-12-30" {
		t.Errorf("%s is on %s", before, d)
	}
	d := On(2026, time.November, 21)
	if begins := d.Begins().UTC().Format(time.RFC3339); begins != "2026-11-20T20:30:00Z" {
		t.Errorf("%s begins at %s", d, begins)
	}
	if first, before := DateOf(d.Begins()), DateOf(d.Begins().Add(-1)); first != d || before != d.Add(-1) {
		t.Errorf("%s begins on %s, and the instant before is on %s", d, first, before)
	}
}

func TestDatabaseAndTextForms(t *testing.T) {
	for _, d := range []Date{0, On(2026, time.November, 21), On(1969, time.December, 31), On(1900, time.March, 1)} {
		if back := FromDB(d.Time()); back != d {
			t.Errorf("%s comes back from the database as %s", d, back)
		}
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var back Date
		if err := json.Unmarshal(text, &back); err != nil || back != d {
			t.Errorf("%s as %s: %s, %v", d, text, back, err)
		}
	}
	none := Date(0)
	if !none.IsZero() || !none.Time().IsZero() || none.String() != "" || none.JalaliString() != "" {
		t.Errorf("no date is %q, %q, %s", none, none.JalaliString(), none.Time())
	}
	var d Date
	if err := d.UnmarshalText([]byte("1405/08/30")); err == nil {
		t.Errorf("a Jalali date was read as %s", d)
	}
	d = On(2026, time.November, 21)
	if err := d.UnmarshalText(nil); err != nil || d != 0 {
		t.Errorf("no date was read as %s, %v", d, err)
	}
}

func TestNearest(t *testing.T) {
	for _, row := range []struct{ mmdd, to, want string }{
		{"1121", "2026-11-21", "2026-11-21"}, {"1231", "2026-01-01", "2025-12-31"}, {"0101", "2025-12-31", "2026-01-01"},
		{"0701", "2026-01-01", "2026-07-01"}, // 181 days ahead, 184 back
		{"0702", "2026-01-01", "2026-07-02"}, // 182 ahead, 183 back
		{"0703", "2026-01-01", "2025-07-03"}, // 183 ahead, 182 back
		{"0702", "2024-01-01", "2023-07-02"}, // 183 both ways: the earlier
		{"0229", "2028-02-29", "2028-02-29"}, {"0229", "2028-03-01", "2028-02-29"}, {"0229", "2027-12-31", "2028-02-29"},
		{"0229", "2029-01-01", "2028-02-29"}, {"0229", "2027-01-01", "2028-02-29"}, {"0229", "2026-12-31", ""}, {"0229", "2030-01-01", ""},
		{"0230", "2026-01-01", ""}, {"0431", "2026-01-01", ""}, {"1301", "2026-01-01", ""}, {"0001", "2026-01-01", ""},
		{"0101", "1970-01-05", "1971-01-01"}, // not the day that means 'no date'
		{"0100", "2026-01-01", ""}, {"0000", "2026-01-01", ""}, {"0:01", "2026-10-01", ""}, {"1200", "2026-12-01", ""}, {"", "2026-01-01", ""}, {"101", "2026-01-01", ""}, {"01 1", "2026-01-01", ""}, {"01011", "2026-01-01", ""},
	} {
		to, err := Parse(row.to)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Nearest(row.mmdd, to)
		if row.want == "" {
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%+v: %s, %v", row, got, err)
			}
			continue
		}
		if err != nil || got.String() != row.want {
			t.Errorf("%+v: %s, %v", row, got, err)
		}
	}
}

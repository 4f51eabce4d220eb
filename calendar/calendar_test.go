package calendar

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
		require.NoError(t, err)
		require.Equal(t, row.iso, d.String())
		require.Equal(t, row.jalali, d.JalaliString(), row.iso)
		require.Equal(t, row.yearDay, d.JalaliYearDay(), row.iso)
		back, err := ParseJalali(row.jalali)
		require.NoError(t, err)
		require.Equal(t, d, back)
	}
}

// Every day of four centuries is one day after the day before in both
// calendars, and comes back from its Jalali form.
func TestEveryDay(t *testing.T) {
	first, err := FromJalali(1200, 1, 1)
	require.NoError(t, err)
	last, err := FromJalali(1600, 1, 1)
	require.NoError(t, err)
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
		if day++; day > JalaliMonthDays(year, month) {
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
		require.Equal(t, leap[year], IsJalaliLeap(year), year)
	}
}

// Over the whole table each year is as long as its leap rule says.
func TestEveryYear(t *testing.T) {
	for year := firstJalaliYear; year < lastJalaliYear; year++ {
		want := 365
		if IsJalaliLeap(year) {
			want = 366
		}
		if got := int(yearOf(year+1).firstDay() - yearOf(year).firstDay()); got != want {
			t.Errorf("year %d has %d days, want %d", year, got, want)
		}
	}
}

func TestRefusedDates(t *testing.T) {
	for _, s := range []string{"", "1404/12/30", "1405/13/01", "1405/00/01", "1405/01/00", "1405/01/32", "1405/07/31", "0000/01/01",
		"3178/01/01", "405/01/01", "1405/1/001", "1405/01", "1405/01/01/01", "1405//01", "1405/-1/01", "1405.01.01", "a405/01/01"} {
		_, err := ParseJalali(s)
		require.Equal(t, fault.Invalid, fault.KindOf(err), s)
	}
	for _, s := range []string{"", "2026-02-29", "2026-13-01", "2026/01/01", "26-01-01", "2026-1-1", "2026-01-01T00:00:00Z"} {
		_, err := Parse(s)
		require.Equal(t, fault.Invalid, fault.KindOf(err), s)
	}
}

func TestParseJalaliForms(t *testing.T) {
	for _, s := range []string{"1405/08/30", "1405-08-30", "۱۴۰۵/۰۸/۳۰", "١٤٠٥-٠٨-٣٠", " 1405/8/30 "} {
		d, err := ParseJalali(s)
		require.NoError(t, err, s)
		require.Equal(t, On(2026, time.November, 21), d, s)
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
		require.NoError(t, err)
		require.Equal(t, want, DateOf(at).String(), instant)
	}
	d := On(2026, time.November, 21)
	require.Equal(t, "2026-11-20T20:30:00Z", d.Begins().UTC().Format(time.RFC3339))
	require.Equal(t, d, DateOf(d.Begins()))
	require.Equal(t, d.Add(-1), DateOf(d.Begins().Add(-1)))
}

func TestDatabaseAndTextForms(t *testing.T) {
	for _, d := range []Date{0, On(2026, time.November, 21), On(1969, time.December, 31), On(1900, time.March, 1)} {
		require.Equal(t, d, FromDB(d.Time()))
		text, err := json.Marshal(d)
		require.NoError(t, err)
		var back Date
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, d, back)
	}
	require.True(t, Date(0).IsZero())
	require.True(t, Date(0).Time().IsZero())
	require.Empty(t, Date(0).String())
	require.Empty(t, Date(0).JalaliString())
	var d Date
	require.Error(t, d.UnmarshalText([]byte("1405/08/30")))
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
		{"0100", "2026-01-01", ""}, {"", "2026-01-01", ""}, {"101", "2026-01-01", ""}, {"01 1", "2026-01-01", ""}, {"01011", "2026-01-01", ""},
	} {
		to, err := Parse(row.to)
		require.NoError(t, err)
		got, err := Nearest(row.mmdd, to)
		if row.want == "" {
			require.Equal(t, fault.Invalid, fault.KindOf(err), row)
			continue
		}
		require.NoError(t, err, row)
		require.Equal(t, row.want, got.String(), row)
	}
}

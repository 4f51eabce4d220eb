package switching

import (
	"slices"
	"testing"
	"time"

	"treasury-switch/calendar"
)

// TestF12OfTheOriginal: F12 and F13 are the original's where they are F90's time in a zone that a terminal may have; where that time is
// not known, or is the message's own, unless they are near the time of the message itself.
func TestF12OfTheOriginal(t *testing.T) {
	now := time.Date(2026, 11, 28, 8, 30, 40, 0, time.UTC) // 12:00:40 in Tehran
	day := calendar.On(2026, 11, 28)
	for _, c := range []struct {
		date      calendar.Date
		local     string
		sent, own string
		want      bool
	}{
		{day, "120000", "1128083000", "1128083040", true},
		{day, "120001", "1128083000", "1128083040", false},
		{day, "120040", "1128083000", "1128083040", false},
		{day, "130000", "1128083000", "1128083040", true}, // summer time of before
		{day, "120000", "1128120000", "1128120040", true}, // F7 in local time
		{day, "123000", "1128083000", "1128090000", false},
		{day.Add(1), "120000", "1128083000", "1128083040", false},
		{day.Add(1), "013000", "1127220000", "1127220040", false},
		{day, "013000", "1127220000", "1127220040", true},
		{day, "120000", "", "1128083101", true},
		{day, "120000", "", "1128083040", false}, // it may have begun when the payer did
		{day, "120040", "", "1128083040", false},
		{day, "120040", "1128083040", "1128083040", false}, // F90 has the message's own time
		{day, "120000", "1128083140", "1128083140", true},
		{day, "120040", "", "", true},
		{day, "120040", "0230000000", "1128083040", false},
	} {
		n := named{original: Identity{LocalDate: c.date, LocalTime: c.local}, sent: c.sent, own: c.own}
		if got := n.certain(now); got != c.want {
			t.Errorf("F13 %s, F12 %s, F90 %s, F7 %s: %t", c.date, c.local, c.sent, c.own, got)
		}
	}
}

// TestF12AgreesWithF90 in any zone, to a minute.
func TestF12AgreesWithF90(t *testing.T) {
	now := time.Date(2026, 11, 28, 8, 30, 40, 0, time.UTC)
	n := named{sent: "1128083000"}
	for local, want := range map[string]bool{
		"120000": true, "120100": true, "115900": true, "083000": true, "002959": true, "233001": true, "130000": true,
		"120101": false, "115859": false, "121500": false, "084500": false,
	} {
		if got := n.fits(Identity{LocalDate: calendar.On(2026, 11, 28), LocalTime: local}, now); got != want {
			t.Errorf("F12 %s: %t", local, got)
		}
	}
	if (named{}).fits(Identity{LocalDate: calendar.On(2026, 11, 28), LocalTime: "120000"}, now) {
		t.Error("it agrees with no time")
	}
}

// TestIdentitiesOfF90 are those of a terminal with Tehran's clock, with its summer time of before, and with an F7 in local time.
func TestIdentitiesOfF90(t *testing.T) {
	n := named{original: Identity{Terminal: "10100001", STAN: "000007", LocalTime: "101010"}, sent: "1231233000"}
	at := func(day calendar.Date, local string) Identity {
		return Identity{Terminal: "10100001", STAN: "000007", LocalDate: day, LocalTime: local}
	}
	got := n.bySent(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	want := []Identity{at(calendar.On(2027, 1, 1), "030000"), at(calendar.On(2027, 1, 1), "040000"), at(calendar.On(2026, 12, 31), "233000")}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

// TestInstantOfF90 takes the nearest year.
func TestInstantOfF90(t *testing.T) {
	now := time.Date(2027, 1, 1, 0, 30, 0, 0, time.UTC)
	for stamp, want := range map[string]time.Time{
		"1231235959": time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC),
		"0101000001": time.Date(2027, 1, 1, 0, 0, 1, 0, time.UTC),
	} {
		if got, err := instant(stamp, now); err != nil || !got.Equal(want) {
			t.Errorf("%s: %s, %v", stamp, got, err)
		}
	}
	for _, stamp := range []string{"", "0000000000", "123123595", "1332000000"} {
		if got, err := instant(stamp, now); err == nil {
			t.Errorf("%q is %s", stamp, got)
		}
	}
}

// TestIdentitiesThatMayCome: a request that this node works on is met under its own identity; F90's time makes one as well, unless F12 and
// F13 are the original's. That of the message is the last.
func TestIdentitiesThatMayCome(t *testing.T) {
	now := time.Date(2026, 11, 28, 8, 30, 40, 0, time.UTC)
	s := &Switch{Parts: Parts{Now: func() time.Time { return now }}}
	s.flights.all = map[Key]*flight{}
	at := func(local string) Identity {
		return Identity{Terminal: "10100001", STAN: "000007", LocalDate: calendar.On(2026, 11, 28), LocalTime: local}
	}
	own, exact := named{original: at("120040"), sent: "1128083000"}, named{original: at("120000"), sent: "1128083000"}
	check := func(n named, want ...Identity) {
		t.Helper()
		if got := s.mayCome(n); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	check(own, at("120000"), at("130000"), at("083000"), at("120040"))
	check(exact, at("120000"))
	check(named{original: at("120040")}, at("120040"))
	s.flights.join(Key{ID: [16]byte{1}}, at("120020"), [16]byte{})
	check(own, at("120020"), at("120000"), at("130000"), at("083000"), at("120040"))
	check(exact, at("120000")) // what else flies with its STAN is another request
	other := own
	other.original.STAN = "000008"
	check(other, append(other.bySent(now), other.original)...)
}

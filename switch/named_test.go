package switching

import (
	"context"
	"slices"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/registry"
	"treasury-switch/switch/payment"
)

// TestF12OfTheOriginal: F12 and F13 are the original's where they are F90's time, or up to a minute before it or read right after it, in a zone
// that a terminal may have, and not the message's own; where F90's time is not known, or is the message's own, unless they are near that.
func TestF12OfTheOriginal(t *testing.T) {
	now := time.Date(2026, 11, 28, 8, 30, 40, 0, time.UTC) // 12:00:40 in Tehran
	day := calendar.On(2026, 11, 28)
	for _, c := range []struct {
		date      calendar.Date
		local     string
		sent, own string
		want      whose
	}{
		{day, "120000", "1128083000", "1128083040", ofF90},
		{day, "120001", "1128083000", "1128083040", ofEither}, // of its making, before it dialled, or the original's, whose clock was read twice
		{day, "120001", "1128083000", "1128083102", ofOriginal},
		{day, "120002", "1128083000", "1128083005", ofEither},
		{day, "120002", "1128083000", "1128083004", ofEither},
		{day, "120001", "1128083000", "1128083001", ofEither},
		{day, "120003", "1128083000", "1128083040", ofMessage}, // of its making, long before it was sent
		{day, "115930", "1128083000", "1128083040", ofOriginal},
		{day, "115900", "1128083000", "1128083001", ofOriginal},
		{day, "115859", "1128083000", "1128083001", ofMessage},
		{day, "115958", "1128083000", "1128082957", ofEither},
		{day, "120040", "1128083000", "1128083040", ofMessage},
		{day, "130000", "1128083000", "1128083040", ofF90}, // summer time of before
		{day, "120000", "1128120000", "1128120040", ofF90}, // F7 in local time
		{day, "123000", "1128083000", "1128090000", ofMessage},
		{day.Add(1), "120000", "1128083000", "1128083101", ofOriginal}, // the date is of another calendar
		{calendar.On(2026, 9, 7), "120000", "1128083000", "1128083101", ofOriginal},
		{calendar.On(2026, 9, 7), "120040", "1128083000", "1128083040", ofMessage},
		{day.Add(1), "000000", "1128203000", "1128203040", ofF90},
		{day, "235959", "1128203000", "1128203100", ofOriginal},
		{day, "000000", "1128203000", "1128203101", ofOriginal},
		{day, "013000", "1127220000", "1127220040", ofF90},
		{day, "120000", "", "1128083101", ofOriginal},
		{day, "120000", "", "1128084459", ofOriginal},
		{day, "120000", "", "1128084501", ofMessage}, // it may be a copy of F7, and F12 its own
		{day, "113040", "", "1128083040", ofMessage}, // another zone
		{day, "123040", "", "1128083040", ofMessage},
		{day, "120140", "1128083040", "1128083040", ofMessage}, // F7 is that of the original
		{day, "120000", "", "1128083040", ofMessage},           // it may have begun when the payer did
		{day, "120040", "", "1128083040", ofMessage},
		{calendar.On(2026, 9, 7), "120040", "", "1128083040", ofMessage},
		{day, "120040", "1128083040", "1128083040", ofMessage}, // F90 has the message's own time
		{day, "120000", "1128083140", "1128083140", ofOriginal},
		{day, "120040", "", "", ofOriginal},
		{day, "130000", "1128083000", "1128093000", ofEither}, // summer time, or its own an hour later
		{day, "120001", "1128083000", "", ofEither},
		{day, "120040", "0230000000", "1128083040", ofMessage},
	} {
		n := named{original: payment.Identity{LocalDate: c.date, LocalTime: c.local}, sent: c.sent, own: c.own}
		if got := n.whose(now); got != c.want {
			t.Errorf("F13 %s, F12 %s, F90 %s, F7 %s: %d, want %d", c.date, c.local, c.sent, c.own, got, c.want)
		}
	}
}

// TestF12AgreesWithF90 in any zone, up to a minute before it.
func TestF12AgreesWithF90(t *testing.T) {
	now := time.Date(2026, 11, 28, 8, 30, 40, 0, time.UTC)
	n := named{sent: "1128083000"}
	for local, want := range map[string]bool{
		"120000": true, "120002": true, "120003": false, "120100": false, "115900": true, "083000": true, "002959": true, "233001": true, "130000": true,
		"120101": false, "115859": false, "121500": false, "084500": false,
	} {
		if got := n.fits(payment.Identity{LocalDate: calendar.On(2026, 11, 28), LocalTime: local}, now); got != want {
			t.Errorf("F12 %s: %t", local, got)
		}
	}
	if (named{}).fits(payment.Identity{LocalDate: calendar.On(2026, 11, 28), LocalTime: "120000"}, now) {
		t.Error("it agrees with no time")
	}
}

// TestIdentitiesOfF90 are those of a terminal with Tehran's clock, with its summer time of before, and with an F7 in local time.
func TestIdentitiesOfF90(t *testing.T) {
	n := named{original: payment.Identity{Terminal: "10100001", STAN: "000007", LocalTime: "101010"}, sent: "1231233000"}
	at := func(day calendar.Date, local string) payment.Identity {
		return payment.Identity{Terminal: "10100001", STAN: "000007", LocalDate: day, LocalTime: local}
	}
	got := n.bySent(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	want := []payment.Identity{at(calendar.On(2027, 1, 1), "030000"), at(calendar.On(2027, 1, 1), "040000"), at(calendar.On(2026, 12, 31), "233000")}
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

// noPayments has none.
type noPayments struct{ Store }

func (noPayments) Payment(context.Context, payment.Key) (payment.Payment, error) {
	return payment.Payment{}, fault.New(fault.NotFound, "none")
}

// TestIdentitiesThatMayCome: a request that this node works on is met under its own identity; F90's time makes one as well, unless F12 and
// F13 are the original's. That of the message is the last.
func TestIdentitiesThatMayCome(t *testing.T) {
	now := time.Date(2026, 11, 28, 8, 30, 40, 0, time.UTC)
	s := &Switch{Parts: Parts{Now: func() time.Time { return now }, Store: noPayments{}, Vault: modelVault{}}}
	s.flights.all = map[payment.Key]*flight{}
	at := func(local string) payment.Identity {
		return payment.Identity{Terminal: "10100001", STAN: "000007", LocalDate: calendar.On(2026, 11, 28), LocalTime: local}
	}
	own, exact := named{original: at("120040"), sent: "1128083000"}, named{original: at("120000"), sent: "1128083000"}
	check := func(n named, want ...payment.Identity) {
		t.Helper()
		if got, err := s.possibleIdentities(t.Context(), registry.Terminal{}, n); err != nil || !slices.Equal(got, want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	check(own, at("120000"), at("130000"), at("083000"), at("120040"))
	check(exact, at("120000"))
	check(named{original: at("120040")}, at("120040"))
	s.flights.join(payment.Key{ID: [16]byte{1}}, at("115940"), [16]byte{})
	check(own, at("115940"), at("120000"), at("130000"), at("083000"), at("120040"))
	check(exact, at("120000")) // what else flies with its STAN is another request
	other := own
	other.original.STAN = "000008"
	check(other, append(other.bySent(now), other.original)...)
}

// TestTheOneThatIsMeant: exactly one, of all that there are.
func TestTheOneThatIsMeant(t *testing.T) {
	some := func(stans ...string) (all []payment.Payment) {
		for n, stan := range stans {
			all = append(all, payment.Payment{Intent: &payment.Intent{
				Identity: payment.Identity{STAN: stan}, OpenedAt: time.Unix(int64(n), 0),
			}})
		}
		return all
	}
	for name, c := range map[string]struct {
		of   candidates
		stan string
		kind fault.Kind
	}{
		"none":                              {candidates{}, "", fault.NotFound},
		"none of those that are read":       {candidates{more: true}, "", fault.Conflict},
		"one":                               {candidates{exact: some("1"), near: some("2"), over: some("3")}, "1", fault.None},
		"one of those that are read":        {candidates{exact: some("1"), more: true}, "", fault.Conflict},
		"two":                               {candidates{exact: some("1", "2")}, "", fault.Conflict},
		"one that is near":                  {candidates{near: some("2")}, "2", fault.None},
		"two that are near":                 {candidates{near: some("1", "2")}, "", fault.Conflict},
		"the last decline, before the near": {candidates{over: some("1", "3"), near: some("2")}, "3", fault.None},
	} {
		p, err := c.of.choose()
		if fault.KindOf(err) != c.kind || err == nil && p.STAN != c.stan {
			t.Errorf("%s: %v, %v", name, p.Intent, err)
		}
	}
}

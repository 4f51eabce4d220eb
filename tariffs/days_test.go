package tariffs

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// The tests below check Quote, CheckFiles and Approve against a clerk who walks
// through a calendar of a few days, one by one. The clerk shares no code and no
// idea with the program: every day brings what begins on it, and each request is
// asked whether that concerns it.

// span is how many days the clerk's calendar has, from day 1 on.
const span = 9

// clerk is a service's versions as the clerk sees them: day by day.
type clerk struct{ versions []Version }

// regime is what begins on a day: a version, or no tariff.
type regime struct {
	day     calendar.Date
	by      Decider
	version int // -1: no tariff
}

// regimes lists what begins, in order of time.
func (c clerk) regimes() []regime {
	var all []regime
	for today := calendar.Date(1); today <= span+1; today++ {
		for i, v := range c.versions {
			begins := slices.ContainsFunc(c.versions, func(other Version) bool { return other.From == today })
			if v.Until == today && !begins {
				all = append(all, regime{today, v.DecidedBy, -1})
			}
			if v.From == today {
				all = append(all, regime{today, v.DecidedBy, i})
			}
		}
	}
	return all
}

// dayOf is the day of a request that a decider means.
func dayOf(r Request, by Decider) calendar.Date {
	named := map[Decider]calendar.Date{RequestDate: r.Requested, ServiceDate: r.Served}[by]
	if named == 0 {
		return r.Date
	}
	return named
}

// price is the place of the version that prices a request, -1 for none: each
// regime takes over the requests whose day has come to it.
func (c clerk) price(r Request) int {
	now := -1
	for _, begun := range c.regimes() {
		if dayOf(r, begun.by) >= begun.day {
			now = begun.version
		}
	}
	return now
}

// receives is the account that the one component of a version goes to on a day
// of payment: the rule of that day, whichever version said it last.
func (c clerk) receives(version int, code string, paid calendar.Date) string {
	account := ""
	saying := -1 // the version that has the say about the component
	for today := calendar.Date(1); today <= paid; today++ {
		for i, v := range c.versions {
			if v.From == today && v.Components[0].Code == code {
				saying, account = i, v.Components[0].Shares[0].Account
			}
		}
		if saying < 0 {
			continue
		}
		for _, s := range c.versions[saying].Sharing {
			if s.From == today {
				account = s.Shares[0].Account
			}
		}
	}
	if account == "" {
		return c.versions[version].Components[0].Shares[0].Account
	}
	return account
}

// covered reports whether a day lies in one of the versions.
func (c clerk) covered(day calendar.Date) bool {
	return slices.ContainsFunc(c.versions, func(v Version) bool { return day >= v.From && (v.Until == 0 || day < v.Until) })
}

// requests are all pairs of days that can be asked with: payment, request and
// service, the latter two also not named.
func requests(each func(Request)) {
	for paid := calendar.Date(1); paid <= span; paid++ {
		for requested := calendar.Date(0); requested <= span; requested++ {
			for served := calendar.Date(0); served <= span; served++ {
				each(Request{Service: "FEE", Date: paid, Requested: requested, Served: served})
			}
		}
	}
}

// proves reports whether every request whose days lie in versions has a price,
// as far as days decide anything here.
func (c clerk) proves() bool {
	proven := true
	requests(func(r Request) {
		for _, v := range c.versions {
			if !c.covered(dayOf(r, v.DecidedBy)) {
				return
			}
		}
		proven = proven && c.price(r) >= 0
	})
	return proven
}

// anyDays draws versions that follow one another over the clerk's calendar, with
// and without gaps, decided by whatever, with other accounts from later days on.
// Each costs its own amount, so that a price tells where it comes from.
func anyDays(t *rapid.T) clerk {
	var c clerk
	from := calendar.Date(rapid.IntRange(1, 3).Draw(t, "first"))
	account := func() []Portion { return all(rapid.SampledFrom(accounts).Draw(t, "account")) }
	for i := 0; from <= span && i < rapid.IntRange(1, 4).Draw(t, "versions"); i++ {
		component := fixed(rapid.SampledFrom([]string{"fee", "fee", "fee", "duty"}).Draw(t, "code"), money.Rial(100*(i+1)))
		component.Shares, component.Title, component.Basis = account(), title, Citation{Instrument: "act"}
		v := Version{Agency: 101, Service: "FEE", Title: title, From: from, Basis: Citation{Instrument: "act"}, Components: []Component{component},
			DecidedBy: rapid.SampledFrom([]Decider{PaymentDate, RequestDate, ServiceDate}).Draw(t, "decided by")}
		until := from + calendar.Date(rapid.IntRange(1, 4).Draw(t, "days"))
		if v.Until = until; rapid.IntRange(0, 3).Draw(t, "open") == 0 {
			v.Until = 0 // ends where the next begins
		}
		for n := range rapid.IntRange(0, 2).Draw(t, "sharings") {
			v.Sharing = append(v.Sharing, Sharing{Component: component.Code, From: from + calendar.Date(1+2*n+rapid.IntRange(0, 1).Draw(t, "shared")),
				Shares: account(), Basis: Citation{Instrument: "by-law"}})
		}
		v.ID = int64(i + 1)
		c.versions = append(c.versions, v)
		from = until + calendar.Date(rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "gap"))
	}
	return c
}

// closed is the clerk's view after the open ones have ended where the next begins.
func (c clerk) closed() clerk {
	closed := clerk{slices.Clone(c.versions)}
	for i := range closed.versions[1:] {
		if v := &closed.versions[i]; v.Until == 0 {
			v.Until = closed.versions[i+1].From
		}
	}
	return closed
}

// Every request, with every pair of days, has the price and the beneficiary that
// the clerk finds, and what fit refuses is exactly what leaves pairs of days
// without a price.
func TestEveryPairOfDaysHasTheClerksPrice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drawn := anyDays(t)
		closed := drawn.closed()
		fitted := slices.Clone(drawn.versions)
		clashes := fit(fitted, func(int) string { return "it" })
		for i := range fitted {
			if fitted[i].Until != closed.versions[i].Until {
				t.Fatalf("version %d ends on day %d, want %d", i, fitted[i].Until, closed.versions[i].Until)
			}
		}
		if proven := closed.proves(); proven != (len(clashes) == 0) {
			t.Fatalf("proven: %t, refused: %v\n%s", proven, clashes, closed)
		}
		set, err := NewSet(closed.versions) // whatever came to be in force is priced, refused or not
		must(t, err)
		byID := make(map[int64]Version)
		for _, v := range closed.versions {
			byID[v.ID] = v
		}
		requests(func(r Request) {
			want := closed.price(r)
			q, err := set.Quote(r)
			if want < 0 {
				if !errors.Is(err, ErrNoVersion) {
					t.Fatalf("%+v: %d, %v, want no price\n%s", r, q.Total, err, closed)
				}
				return
			}
			v := closed.versions[want]
			if err != nil || q.Total != v.Components[0].Amount || q.Versions[0] != v.ID {
				t.Fatalf("%+v: %d by %v, %v, want that of version %d\n%s", r, q.Total, q.Versions, err, v.ID, closed)
			}
			if q.DecidedBy != v.DecidedBy || q.Decided != dayOf(r, v.DecidedBy) || q.Assumed != (v.DecidedBy == RequestDate && r.Requested == 0 || v.DecidedBy == ServiceDate && r.Served == 0) {
				t.Fatalf("%+v: decided by the %s, %d, assumed %t\n%s", r, q.DecidedBy, q.Decided, q.Assumed, closed)
			}
			if account := closed.receives(want, v.Components[0].Code, r.Date); q.Shares[0].Account != account {
				t.Fatalf("%+v: goes to %s, want %s\n%s", r, q.Shares[0].Account, account, closed)
			}
			reproduced(t, byID, r, q)
		})
	})
}

// reproduced asks again for a quote by the versions that it names alone.
func reproduced(t rapid.TB, versions map[int64]Version, r Request, q Quote) {
	t.Helper()
	named := make([]Version, len(q.Versions))
	for i, id := range q.Versions {
		named[i] = versions[id]
	}
	again, err := QuoteBy(named, r)
	if err != nil || string(written(again)) != string(written(q)) {
		t.Fatalf("%+v: by the versions that it names, %v\n%s\nnot\n%s", r, err, written(again), written(q))
	}
}

// String shows the clerk's calendar, for a test that fails.
func (c clerk) String() (text string) {
	for _, v := range c.versions {
		text += fmt.Sprintf("version %d: from day %d until %d, decided by %s, %s to %s", v.ID, v.From, v.Until, v.DecidedBy,
			v.Components[0].Code, v.Components[0].Shares[0].Account)
		for _, s := range v.Sharing {
			text += fmt.Sprintf(", from day %d to %s", s.From, s.Shares[0].Account)
		}
		text += "\n"
	}
	return text
}

// The pair of days that a refusal names has no price.
func TestTheRefusedPairHasNoPrice(t *testing.T) {
	old := version(t, "FEE", "1404/01/01", "1404/07/01", fixed("fee", 1))
	now := version(t, "FEE", "1405/01/01", "", fixed("fee", 2))
	now.DecidedBy = RequestDate
	const want = "decided_by changes over days without a tariff, 1404/07/01 until 1404/12/29: with 1405/01/01 as the day of payment and 1404/06/31 as that of request there is no price"
	if clashes := fit([]Version{now, old}, func(place int) string { return fmt.Sprint("place ", place) }); len(clashes) != 1 || clashes[0].of != 0 ||
		clashes[0].text != "after place 1, "+want+"; let the earlier one go on until the later begins" {
		t.Errorf("%+v", clashes)
	}
	set, err := NewSet([]Version{old, now})
	must(t, err)
	if _, err := set.Quote(Request{Service: "FEE", Date: day(t, "1405/01/01"), Requested: day(t, "1404/06/31")}); !errors.Is(err, ErrNoVersion) || fault.KindOf(err) != fault.NotFound {
		t.Errorf("%v", err)
	}
}

// Whoever asked before the day of the request began to decide goes on by the
// tariff of then, and so does whoever paid before the day of payment did.
func TestTheDayThatDecidesChanges(t *testing.T) {
	for _, row := range []struct {
		before, after   Decider
		paid, requested string
		want            money.Rial
	}{
		{PaymentDate, RequestDate, "1405/01/05", "1404/12/20", 1_000}, {PaymentDate, RequestDate, "1405/01/05", "1405/01/01", 2_000},
		{PaymentDate, RequestDate, "1404/12/29", "1405/01/01", 2_000}, {PaymentDate, RequestDate, "1404/12/29", "", 1_000},
		{RequestDate, PaymentDate, "1405/01/05", "1404/12/20", 2_000}, {RequestDate, PaymentDate, "1404/12/29", "1405/01/01", 1_000},
		{RequestDate, PaymentDate, "1404/12/29", "1404/12/29", 1_000}, {RequestDate, PaymentDate, "1405/01/01", "", 2_000},
		{ServiceDate, RequestDate, "1405/01/05", "1404/12/20", 1_000}, {RequestDate, ServiceDate, "1405/01/05", "1404/12/20", 2_000},
	} {
		old, now := version(t, "FEE", "1404/01/01", "1405/01/01", fixed("fee", 1_000)), version(t, "FEE", "1405/01/01", "", fixed("fee", 2_000))
		old.DecidedBy, now.DecidedBy = row.before, row.after
		set, err := NewSet([]Version{old, now})
		must(t, err)
		r := Request{Service: "FEE", Date: day(t, row.paid)}
		if row.requested != "" {
			r.Requested = day(t, row.requested)
		}
		if q, err := set.Quote(r); err != nil || q.Total != row.want {
			t.Errorf("%+v: %d, %v", row, q.Total, err)
		}
	}
}

// A component is divided by the rule of the day of payment, also where another
// version brings it: then the quote names that version, and its law.
func TestSharesGoOnIntoTheNextVersion(t *testing.T) {
	old, now := version(t, "FEE", "1404/01/01", "1405/01/01", fixed("fee", 100), fixed("post", 10), fixed("gone", 1)),
		version(t, "FEE", "1405/01/01", "", fixed("fee", 200), fixed("post", 10))
	old.DecidedBy, now.DecidedBy = RequestDate, RequestDate
	now.Components[0].Shares, now.Components[0].Basis = []Portion{inRial("P-106-01", 150), rest("P-107-01")}, Citation{Instrument: "of 1405"}
	now.Sharing = []Sharing{{Component: "fee", From: day(t, "1405/07/01"), Shares: []Portion{inParts("P-106-01", 1), inParts("P-107-01", 1)}, Basis: Citation{Instrument: "halves"}}}
	set, err := NewSet([]Version{old, now})
	must(t, err)
	const own = "R-101-140101-01"
	for paid, want := range map[string]struct {
		shares   []Share
		law      string
		versions []int64
	}{
		"1404/12/29": {[]Share{{own, 111}}, "", []int64{old.ID}},
		// The fixed share is more than the whole: it gets all of it.
		"1405/01/01": {[]Share{{"P-106-01", 100}, {own, 11}}, "of 1405", []int64{old.ID, now.ID}},
		"1405/07/01": {[]Share{{"P-106-01", 50}, {"P-107-01", 50}, {own, 11}}, "halves", []int64{old.ID, now.ID}},
	} {
		r := Request{Service: "FEE", Date: day(t, paid), Requested: day(t, "1404/06/01")}
		q, err := set.Quote(r)
		law := ""
		if err == nil && q.Lines[0].SharedBy != nil {
			law = q.Lines[0].SharedBy.Instrument
		}
		if err != nil || q.Total != 111 || !slices.Equal(q.Shares, want.shares) || law != want.law || !slices.Equal(q.Versions, want.versions) || q.Lines[1].SharedBy != nil {
			t.Errorf("%s: %v by %q, %v, %v; want %+v", paid, q.Shares, law, q.Versions, err, want)
		}
		reproduced(t, map[int64]Version{old.ID: old, now.ID: now}, r, q)
	}
	// Paid in 1404 for what is asked for in 1405: the rule of the day of payment.
	q, err := set.Quote(Request{Service: "FEE", Date: day(t, "1404/12/29"), Requested: day(t, "1405/01/01")})
	if err != nil || q.Total != 210 || !slices.Equal(q.Shares, []Share{{own, 210}}) {
		t.Errorf("paid before: %v, %v", q.Shares, err)
	}
}

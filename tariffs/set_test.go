package tariffs

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// must ends a test on an error.
func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// day reads a Jalali date of a test.
func day(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseJalali(s)
	must(t, err)
	return d
}

var title = Title{Fa: "خدمت", En: "Service"}

func all(account string) []Portion {
	return []Portion{{Account: account, Method: Parts, Parts: 1}}
}

// version is a well-formed version of agency 101 with its id.
func version(t testing.TB, service, from, until string, components ...Component) Version {
	t.Helper()
	v := Version{Agency: 101, Service: service, Title: title, From: day(t, from), Basis: Citation{Instrument: "قانون"}}
	if until != "" {
		v.Until = day(t, until)
	}
	for _, c := range components {
		c.Title = title
		if c.Basis.Instrument == "" {
			c.Basis = v.Basis
		}
		v.Components = append(v.Components, c)
	}
	v.ID = identify(v)
	return v
}

func fixed(code string, amount money.Rial) Component {
	return Component{Code: code, Kind: Fixed, Amount: amount, Shares: all("R-101-140101-01")}
}

func percent(code, rate string, rounding Rounding) Component {
	return Component{Code: code, Kind: Percent, Rate: decimal.RequireFromString(rate), Rounding: rounding,
		Shares: all("R-101-140101-01")}
}

func perUnit(code string, amount money.Rial, units int64) Component {
	return Component{Code: code, Kind: PerUnit, Amount: amount, PerUnits: units, Shares: all("R-102-140102-01")}
}

func TestQuoteSamples(t *testing.T) {
	versions, err := ParseFiles("../examples/tariffs/1405/passport.yaml", "../examples/tariffs/1405/copy.yaml",
		"../examples/tariffs/1405/petition.yaml")
	must(t, err)
	set, err := NewSet(versions)
	must(t, err)
	if services := set.Services(); !slices.Equal(services, []string{"COPY", "PASSPORT", "PETITION"}) {
		t.Errorf("services %v", services)
	}

	q, err := set.Quote(Request{Service: "PASSPORT", Date: day(t, "1405/08/30")})
	must(t, err)
	if q.Total != 1_476_112 || q.Agency != 101 || q.Date != day(t, "1405/08/30") {
		t.Errorf("passport: %d of agency %d on %s", q.Total, q.Agency, q.Date)
	}
	if !slices.Equal(q.Shares, []Share{{"R-101-140101-01", 10_000}, {"R-105-140201-01", 37_500},
		{"R-101-160101-01", 1_000_000}, {"P-106-01", 428_612}}) {
		t.Errorf("shares of a passport: %v", q.Shares)
	}
	if l := q.Lines[0]; l.Component != "identity" || l.Citation.Instrument != "قانون وصول برخی از درآمدهای دولت" ||
		l.Citation.GazetteDate.JalaliString() != "1373/12/28" {
		t.Errorf("first line of a passport: %+v", l)
	}

	q, err = set.Quote(Request{Service: "COPY", Date: day(t, "1405/01/01"), Units: 3})
	must(t, err)
	want := Line{Component: "sheet", Title: Title{Fa: "هزینه هر برگ رونوشت", En: "Copy, a sheet"}, Amount: 900_000,
		Base: 300_000, Units: 3, Citation: q.Lines[0].Citation}
	if q.Total != 900_000 || !reflect.DeepEqual(q.Lines[0], want) {
		t.Errorf("three sheets: %d, %+v, want %+v", q.Total, q.Lines[0], want)
	}

	q, err = set.Quote(Request{Service: "PETITION", Date: day(t, "1406/01/01"), Units: 2})
	must(t, err)
	if !slices.Equal(q.Shares, []Share{{"R-102-140102-01", 40_000}}) {
		t.Errorf("shares of a petition: %v", q.Shares)
	}
}

func TestQuoteChoosesVersionByDate(t *testing.T) {
	set, err := NewSet([]Version{
		version(t, "FEE", "1405/01/01", "1406/01/01", fixed("fee", 200)),
		version(t, "FEE", "1403/01/01", "1404/01/01", fixed("fee", 100)),
		version(t, "FEE", "1407/01/01", "", fixed("fee", 300)),
	})
	must(t, err)
	for _, row := range []struct {
		date  string
		total money.Rial // negative: no version
	}{
		{"1402/12/29", -1}, {"1403/01/01", 100}, {"1403/12/30", 100}, {"1404/01/01", -1}, {"1404/12/29", -1},
		{"1405/01/01", 200}, {"1405/12/29", 200}, {"1406/01/01", -1}, {"1406/12/29", -1}, {"1407/01/01", 300}, {"1450/01/01", 300},
	} {
		q, err := set.Quote(Request{Service: "FEE", Date: day(t, row.date)})
		if row.total < 0 {
			if !errors.Is(err, ErrNoVersion) || fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %d, %v", row.date, q.Total, err)
			}
			continue
		}
		if err != nil || q.Total != row.total || len(q.Versions) != 1 {
			t.Errorf("%s: %d of %v, %v, want %d", row.date, q.Total, q.Versions, err, row.total)
		}
	}
}

func TestQuoteRefusals(t *testing.T) {
	set, err := NewSet([]Version{
		version(t, "UNITS", "1405/01/01", "", perUnit("sheet", 300_000, 1)),
		version(t, "RATE", "1405/01/01", "", percent("duty", "1", Rounding{})),
		version(t, "BOTH", "1405/01/01", "", fixed("a", money.MaxPayment), percent("b", "1", Rounding{})),
	})
	must(t, err)
	for name, row := range map[string]struct {
		request Request
		want    error
		kind    fault.Kind
	}{
		"unknown service":    {Request{Service: "NOTHING"}, ErrUnknownService, fault.NotFound},
		"unprintable":        {Request{Service: "6037990000000014"}, ErrUnknownService, fault.NotFound},
		"no units":           {Request{Service: "UNITS"}, ErrMissingUnits, fault.Invalid},
		"negative units":     {Request{Service: "UNITS", Units: -1}, ErrBadInput, fault.Invalid},
		"too many units":     {Request{Service: "UNITS", Units: 3_333_334}, ErrTooLarge, fault.Invalid},
		"overflow of units":  {Request{Service: "UNITS", Units: 1 << 62}, ErrTooLarge, fault.Invalid},
		"no base":            {Request{Service: "RATE"}, ErrMissingBase, fault.Invalid},
		"base without flag":  {Request{Service: "RATE", Base: 5}, ErrMissingBase, fault.Invalid},
		"negative base":      {Request{Service: "RATE", Base: -1, HasBase: true}, ErrBadInput, fault.Invalid},
		"rate above largest": {Request{Service: "RATE", Base: 99_999_999_999_950, HasBase: true}, ErrTooLarge, fault.Invalid},
		"largest base":       {Request{Service: "RATE", Base: 1<<63 - 1, HasBase: true}, ErrTooLarge, fault.Invalid},
		"sum above largest":  {Request{Service: "BOTH", Base: 100, HasBase: true}, ErrTooLarge, fault.Invalid},
	} {
		row.request.Date = day(t, "1405/06/01")
		q, err := set.Quote(row.request)
		if !errors.Is(err, row.want) || fault.KindOf(err) != row.kind || strings.Contains(err.Error(), "603799") || q.Total != 0 {
			t.Errorf("%s: %d, %v, want %v", name, q.Total, err, row.want)
		}
	}
	// The largest payment itself is allowed.
	for service, base := range map[string]money.Rial{"BOTH": 49, "RATE": 99_999_999_999_949} {
		q, err := set.Quote(Request{Service: service, Date: day(t, "1405/06/01"), Base: base, HasBase: true})
		if err != nil || q.Total != money.MaxPayment {
			t.Errorf("%s of %d: %d, %v", service, base, q.Total, err)
		}
	}
}

func TestZeroTotalIsExempt(t *testing.T) {
	set, err := NewSet([]Version{version(t, "FREE", "1405/01/01", "", fixed("fee", 0))})
	must(t, err)
	q, err := set.Quote(Request{Service: "FREE", Date: day(t, "1405/01/01")})
	if err != nil || q.Total != 0 || len(q.Lines) != 1 || len(q.Shares) != 0 {
		t.Errorf("%+v, %v", q, err)
	}
}

func TestNewSetRefuses(t *testing.T) {
	a := version(t, "FEE", "1405/01/01", "1406/01/01", fixed("fee", 1))
	other := version(t, "FEE", "1406/01/01", "", fixed("fee", 1))
	other.Agency = 102
	other.ID = identify(other)
	for name, row := range map[string]struct {
		versions []Version
		kind     fault.Kind
	}{
		"same id":           {[]Version{a, a}, fault.Invalid},
		"overlap by a day":  {[]Version{a, version(t, "FEE", "1405/12/29", "", fixed("fee", 2))}, fault.Conflict},
		"overlap with open": {[]Version{version(t, "FEE", "1404/01/01", "", fixed("fee", 2)), a}, fault.Conflict},
		"two agencies":      {[]Version{a, other}, fault.Invalid},
		"faulty":            {[]Version{version(t, "FEE", "1405/01/01", "", fixed("fee", -1))}, fault.Invalid},
	} {
		if _, err := NewSet(row.versions); err == nil || fault.KindOf(err) != row.kind {
			t.Errorf("%s: %v, want %s", name, err, row.kind)
		}
	}
	set, err := NewSet([]Version{a, version(t, "FEE", "1406/01/01", "", fixed("fee", 2))})
	must(t, err)
	if n := len(set.Versions("FEE")); n != 2 {
		t.Errorf("%d versions", n)
	}
	var problem Problem
	if _, err = NewSet([]Version{{}}); !errors.As(err, &problem) {
		t.Errorf("an empty version: %v", err)
	}
}

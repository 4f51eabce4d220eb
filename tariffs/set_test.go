package tariffs

import (
	"errors"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// day reads a Jalali date of a test.
func day(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseJalali(s)
	require.NoError(t, err)
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
	v.ID = Identify(v)
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
	require.NoError(t, err)
	set, err := NewSet(versions)
	require.NoError(t, err)
	require.Equal(t, []string{"COPY", "PASSPORT", "PETITION"}, set.Services())

	q, err := set.Quote(Request{Service: "PASSPORT", Date: day(t, "1405/08/30")})
	require.NoError(t, err)
	require.Equal(t, money.Rial(1_476_112), q.Total)
	require.Equal(t, int32(101), q.Agency)
	require.Equal(t, []Share{{"R-101-140101-01", 10_000}, {"R-105-140201-01", 37_500},
		{"R-101-160101-01", 1_000_000}, {"P-106-01", 428_612}}, q.Shares)
	require.Equal(t, "identity", q.Lines[0].Component)
	require.Equal(t, "قانون وصول برخی از درآمدهای دولت", q.Lines[0].Citation.Instrument)
	require.Equal(t, "1373/12/28", q.Lines[0].Citation.GazetteDate.JalaliString())
	require.Equal(t, day(t, "1405/08/30"), q.Date)

	q, err = set.Quote(Request{Service: "COPY", Date: day(t, "1404/12/29"), Units: 3})
	require.NoError(t, err)
	require.Equal(t, money.Rial(900_000), q.Total)
	require.Equal(t, Line{Component: "sheet", Title: Title{Fa: "هزینه هر برگ رونوشت", En: "Copy, a sheet"}, Amount: 900_000,
		Base: 300_000, Units: 3, Citation: q.Lines[0].Citation}, q.Lines[0])

	q, err = set.Quote(Request{Service: "PETITION", Date: day(t, "1406/01/01"), Units: 2})
	require.NoError(t, err)
	require.Equal(t, []Share{{"R-102-140102-01", 40_000}}, q.Shares)
}

func TestQuoteChoosesVersionByDate(t *testing.T) {
	set, err := NewSet([]Version{
		version(t, "FEE", "1405/01/01", "1406/01/01", fixed("fee", 200)),
		version(t, "FEE", "1403/01/01", "1404/01/01", fixed("fee", 100)),
		version(t, "FEE", "1407/01/01", "", fixed("fee", 300)),
	})
	require.NoError(t, err)
	for _, row := range []struct {
		date  string
		total money.Rial // negative: no version
	}{
		{"1402/12/29", -1}, {"1403/01/01", 100}, {"1403/12/30", 100}, {"1404/01/01", -1}, {"1404/12/29", -1},
		{"1405/01/01", 200}, {"1405/12/29", 200}, {"1406/01/01", -1}, {"1406/12/29", -1}, {"1407/01/01", 300}, {"1450/01/01", 300},
	} {
		q, err := set.Quote(Request{Service: "FEE", Date: day(t, row.date)})
		if row.total < 0 {
			require.ErrorIs(t, err, ErrNoVersion, row.date)
			require.Equal(t, fault.NotFound, fault.KindOf(err))
			continue
		}
		require.NoError(t, err, row.date)
		require.Equal(t, row.total, q.Total, row.date)
		require.Len(t, q.Versions, 1)
	}
}

func TestQuoteRefusals(t *testing.T) {
	set, err := NewSet([]Version{
		version(t, "UNITS", "1405/01/01", "", perUnit("sheet", 300_000, 1)),
		version(t, "RATE", "1405/01/01", "", percent("duty", "1", Rounding{})),
		version(t, "BOTH", "1405/01/01", "", fixed("a", money.MaxPayment), percent("b", "1", Rounding{})),
	})
	require.NoError(t, err)
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
		require.ErrorIs(t, err, row.want, name)
		require.Equal(t, row.kind, fault.KindOf(err), name)
		require.NotContains(t, err.Error(), "603799", name)
		require.Zero(t, q.Total, name)
	}
	// The largest payment itself is allowed.
	q, err := set.Quote(Request{Service: "BOTH", Date: day(t, "1405/06/01"), Base: 49, HasBase: true})
	require.NoError(t, err)
	require.Equal(t, money.MaxPayment, q.Total)
	q, err = set.Quote(Request{Service: "RATE", Date: day(t, "1405/06/01"), Base: 99_999_999_999_949, HasBase: true})
	require.NoError(t, err)
	require.Equal(t, money.MaxPayment, q.Total)
}

func TestZeroTotalIsExempt(t *testing.T) {
	set, err := NewSet([]Version{version(t, "FREE", "1405/01/01", "", fixed("fee", 0))})
	require.NoError(t, err)
	q, err := set.Quote(Request{Service: "FREE", Date: day(t, "1405/01/01")})
	require.NoError(t, err)
	require.Zero(t, q.Total)
	require.Len(t, q.Lines, 1)
	require.Empty(t, q.Shares)
}

func TestNewSetRefuses(t *testing.T) {
	a := version(t, "FEE", "1405/01/01", "1406/01/01", fixed("fee", 1))
	other := version(t, "FEE", "1406/01/01", "", fixed("fee", 1))
	other.Agency = 102
	other.ID = Identify(other)
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
		_, err := NewSet(row.versions)
		require.Error(t, err, name)
		require.Equal(t, row.kind, fault.KindOf(err), name)
	}
	set, err := NewSet([]Version{a, version(t, "FEE", "1406/01/01", "", fixed("fee", 2))})
	require.NoError(t, err)
	require.Len(t, set.Versions("FEE"), 2)
	var problem Problem
	_, err = NewSet([]Version{{}})
	require.True(t, errors.As(err, &problem))
}

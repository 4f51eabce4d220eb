package tariffs

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// quoteOf quotes a tariff of several components that Check must accept.
func quoteOf(t testing.TB, v Version, r Request) (Quote, error) {
	t.Helper()
	set, err := NewSet([]Version{v})
	must(t, err)
	if r.Service = v.Service; r.Date.IsZero() {
		r.Date = v.From
	}
	q, err := set.Quote(r)
	if err == nil {
		addsUp(t, q)
	}
	return q, err
}

func percentOfOthers(code, rate string, of ...string) Component {
	c := percent(code, rate, Rounding{})
	c.Kind, c.Of, c.OfTaxable = PercentOf, of, len(of) == 0
	return c
}

func taxable(c Component) Component { c.Taxable = true; return c }

func exempt(c Component, category, percent string) Component {
	c.Exemptions = append(slices.Clone(c.Exemptions), Relief{Category: category, Percent: rate(percent), Basis: Citation{Instrument: "relief"}})
	return c
}

func amounts(q Quote) []money.Rial {
	list := make([]money.Rial, len(q.Lines))
	for i, l := range q.Lines {
		list[i] = l.Amount
	}
	return list
}

func TestPercentOfOtherComponents(t *testing.T) {
	v := version(t, "LICENCE", "1405/01/01", "",
		percentOfOthers("vat", "10"), // listed first, reckoned last
		taxable(fixed("fee", 2_000_005)), percentOfOthers("duty", "5", "fee"), taxable(fixed("card", 350_000)),
		percentOfOthers("stamp", "1", "duty", "vat"))
	q, err := quoteOf(t, v, Request{})
	want := []money.Rial{235_001, 2_000_005, 100_000, 350_000, 3_350} // 235,000.5 and 100,000.25 and 3,350.01
	if err != nil || !slices.Equal(amounts(q), want) {
		t.Fatalf("%v, %v, want %v", amounts(q), err, want)
	}
	if l := q.Lines[0]; l.Base != 2_350_005 || !slices.Equal(l.Of, []string{"fee", "card"}) || l.Rate != "10" || l.Exact != "235000.5" {
		t.Errorf("%+v", l)
	}
	if l := q.Lines[4]; l.Base != 335_001 || !slices.Equal(l.Of, []string{"vat", "duty"}) || l.Exact != "3350.01" {
		t.Errorf("%+v", l)
	}

	// It is charged on what the others charge: after exemption and penalty.
	v.Components[1] = exempt(v.Components[1], "NEEDY", "50")
	if q, err = quoteOf(t, v, Request{Category: "NEEDY"}); err != nil || q.Lines[2].Base != 1_000_003 || q.Lines[2].Amount != 50_000 {
		t.Errorf("%+v, %v", q.Lines, err)
	}
}

func TestCirclesAreRefused(t *testing.T) {
	for name, row := range map[string]struct {
		components []Component
		want       string
	}{
		"itself":   {[]Component{percentOfOthers("a", "1", "a")}, "a > a"},
		"two":      {[]Component{fixed("x", 1), percentOfOthers("a", "1", "b"), percentOfOthers("b", "1", "x", "a")}, "a > b > a"},
		"taxable":  {[]Component{taxable(fixed("x", 1)), taxable(percentOfOthers("a", "1"))}, "a > a"},
		"the long": {[]Component{percentOfOthers("a", "1", "b"), percentOfOthers("b", "1", "c"), percentOfOthers("c", "1", "b")}, "b > c > b"},
	} {
		err := version(t, "FEE", "1405/01/01", "", row.components...).Check()
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "in a circle: "+row.want) {
			t.Errorf("%s: %v, want %s", name, err, row.want)
		}
	}
}

func TestExemptions(t *testing.T) {
	complaint := exempt(exempt(fixed("complaint", 100_000), "NEEDY", "100"), "VETERAN", "33.3333")
	v := version(t, "COMPLAINT", "1405/01/01", "", complaint, fixed("post", 5_000))
	for category, row := range map[string]struct{ total, exempted money.Rial }{
		"": {105_000, 0}, "NEEDY": {5_000, 100_000}, "VETERAN": {71_667, 33_333}, // 66,666.7
	} {
		q, err := quoteOf(t, v, Request{Category: category})
		if err != nil || q.Total != row.total {
			t.Errorf("%q: %d, %v, want %d", category, q.Total, err, row.total)
		}
		if row.exempted == 0 {
			if len(q.Exemptions) != 0 {
				t.Errorf("%q: %v", category, q.Exemptions)
			}
			continue
		}
		want := []Exemption{{Component: "complaint", Category: category, Percent: q.Exemptions[0].Percent, Amount: row.exempted, Citation: Citation{Instrument: "relief"}}}
		if !reflect.DeepEqual(q.Exemptions, want) {
			t.Errorf("%q: %+v, want %+v", category, q.Exemptions, want)
		}
	}

	// Each of the two amounts is rounded once, the minimum comes before.
	c := exempt(percent("fee", "1", Rounding{Unit: 1000, Direction: Up}), "NEEDY", "50")
	c.Minimum = 3_000
	q, err := quoteOf(t, version(t, "FEE", "1405/01/01", "", c), Request{Base: 1, HasBase: true, Category: "NEEDY"})
	if err != nil || q.Total != 2_000 || q.Exemptions[0].Amount != 1_000 || q.Lines[0].Exact != "1500" {
		t.Errorf("%+v, %v", q, err)
	}
}

func TestExemptionsFollowTheLines(t *testing.T) {
	v := version(t, "FEE", "1405/01/01", "", exempt(percentOfOthers("duty", "10", "fee"), "NEEDY", "100"), exempt(fixed("fee", 1000), "NEEDY", "50"))
	q, err := quoteOf(t, v, Request{Category: "NEEDY"})
	if err != nil || len(q.Exemptions) != 2 || q.Exemptions[0].Component != "duty" || q.Exemptions[0].Amount != 50 || q.Exemptions[1].Amount != 500 {
		t.Errorf("%+v, %v", q.Exemptions, err)
	}
}

func TestTotalIsRoundedIntoTheCarrier(t *testing.T) {
	for _, row := range []struct {
		direction Direction
		duty      money.Rial
		total     money.Rial
		carried   money.Rial
	}{
		{Up, 0, 5_000, 0}, {Up, 1, 6_000, 999}, {Up, 999, 6_000, 1},
		{Down, 0, 5_000, 0}, {Down, 999, 5_000, -999}, {Down, 1_000, 6_000, 0},
		{HalfUp, 499, 5_000, -499}, {HalfUp, 500, 6_000, 500}, {"", 501, 6_000, 499},
	} {
		v := version(t, "FEE", "1405/01/01", "", fixed("duty", row.duty), fixed("fee", 5_000))
		v.Total = &Total{Rounding: Rounding{Unit: 1000, Direction: row.direction}, Carrier: "fee"}
		q, err := quoteOf(t, v, Request{})
		if err != nil || q.Total != row.total || q.Lines[1].Carried != row.carried || q.Lines[1].Amount != 5_000+row.carried ||
			q.Lines[0].Carried != 0 || q.Rounding != v.Total.spelled() {
			t.Errorf("%s of %d: %+v, %v", row.direction, row.duty, q, err)
		}
	}
	v := version(t, "FEE", "1405/01/01", "", fixed("fee", money.MaxPayment))
	v.Total = &Total{Rounding: Rounding{Unit: 1000, Direction: Up}, Carrier: "fee"}
	if _, err := quoteOf(t, v, Request{}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("rounded above the largest payment: %v", err)
	}
}

func TestSharesAreDatedApart(t *testing.T) {
	v := version(t, "FEE", "1405/01/01", "", fixed("fee", 100), fixed("post", 10))
	half := Sharing{Component: "fee", From: day(t, "1405/07/01"), Basis: Citation{Instrument: "half"},
		Shares: []Portion{inParts("R-101-140101-01", 1), inParts("P-106-01", 1)}}
	none := Sharing{Component: "fee", From: day(t, "1405/10/01"), Basis: Citation{Instrument: "none"}, Shares: all("P-106-01")}
	v.Sharing = []Sharing{none, half} // in whatever order
	v.DecidedBy = RequestDate
	const own = "R-101-140101-01"
	for paid, row := range map[string]struct {
		shares []Share
		law    string
	}{
		"1405/01/01": {[]Share{{own, 110}}, ""}, "1405/06/31": {[]Share{{own, 110}}, ""},
		"1405/07/01": {[]Share{{own, 60}, {"P-106-01", 50}}, "half"}, "1405/09/30": {[]Share{{own, 60}, {"P-106-01", 50}}, "half"},
		"1405/10/01": {[]Share{{"P-106-01", 100}, {own, 10}}, "none"}, "1410/01/01": {[]Share{{"P-106-01", 100}, {own, 10}}, "none"},
	} {
		// The day of payment decides who gets the money, not that of the request.
		q, err := quoteOf(t, v, Request{Date: day(t, paid), Requested: v.From})
		law := ""
		if by := q.Lines[0].SharedBy; by != nil {
			law = by.Instrument
		}
		if err != nil || q.Total != 110 || !slices.Equal(q.Shares, row.shares) || law != row.law || q.Lines[1].SharedBy != nil {
			t.Errorf("%s: %v by %q, %v, want %v by %q", paid, q.Shares, law, err, row.shares, row.law)
		}
	}
}

func TestWhichDateDecides(t *testing.T) {
	old, now := version(t, "FEE", "1404/01/01", "1405/01/01", fixed("fee", 100)), version(t, "FEE", "1405/01/01", "", fixed("fee", 200))
	before, after := day(t, "1404/12/29"), day(t, "1405/01/01")
	for name, row := range map[string]struct {
		by      Decider
		request Request
		want    money.Rial
	}{
		"payment":               {PaymentDate, Request{Date: after, Requested: before, Served: before}, 200},
		"payment, by default":   {"", Request{Date: after, Requested: before, Served: before}, 200},
		"request":               {RequestDate, Request{Date: after, Requested: before, Served: after}, 100},
		"service":               {ServiceDate, Request{Date: after, Requested: after, Served: before}, 100},
		"request, in the new":   {RequestDate, Request{Date: after, Requested: after, Served: before}, 200},
		"service, not told":     {ServiceDate, Request{Date: after, Requested: before}, 200},
		"request, paid earlier": {RequestDate, Request{Date: before, Requested: after}, 200},
	} {
		old.DecidedBy, now.DecidedBy = row.by, row.by
		set, err := NewSet([]Version{old, now})
		must(t, err)
		row.request.Service = "FEE"
		q, err := set.Quote(row.request)
		decided := map[money.Rial]bool{100: q.Decided == before, 200: q.Decided == after}
		if err != nil || q.Total != row.want || !decided[q.Total] || q.Date != row.request.Date {
			t.Errorf("%s: %+v, %v, want %d", name, q, err, row.want)
		}
	}
}

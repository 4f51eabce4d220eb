package tariffs

import (
	"fmt"
	"slices"
	"testing"
)

// told is a change in short: service/component what fields before>after percent.
func told(c Change) string {
	return fmt.Sprintf("%s/%s %s %v %d>%d %d %s", c.Service, c.Component, c.What, c.Fields, c.Before, c.After, c.Difference, c.Percent)
}

func TestDiffTellsWhatChanges(t *testing.T) {
	slab := brackets(Slab, Bracket{UpTo: 200_000_000, Rate: rate("2.5")}, Bracket{Rate: rate("3.5")})
	marginal := slab
	marginal.Mode = Marginal
	moved := fixed("moved", 50)
	moved.Shares = all("P-106-01")
	shared := version(t, "SHARED", "1404/01/01", "", fixed("fee", 100))
	shared.Sharing = []Sharing{{Component: "fee", From: day(t, "1405/01/01"), Shares: all("P-106-01"), Basis: shared.Basis}}
	cited := version(t, "CITED", "1405/01/01", "", fixed("fee", 1))
	cited.Basis.Article = "2"
	aged := percent("duty", "1", Rounding{})
	aged.Depreciation = &Depreciation{PerYear: rate("10"), Years: 6, Floor: rate("40")}
	set, err := NewSet([]Version{
		version(t, "CLAIM", "1404/01/01", "1405/01/01", slab), version(t, "CLAIM", "1405/01/01", "", marginal),
		version(t, "MIXED", "1404/01/01", "1405/01/01", fixed("fee", 300), percentOfOthers("vat", "10", "fee"), fixed("moved", 50), fixed("gone", 7)),
		version(t, "MIXED", "1405/01/01", "", fixed("fee", 350), percentOfOthers("vat", "10", "fee"), moved, fixed("new", 5)),
		version(t, "SAME", "1404/01/01", "1405/01/01", fixed("fee", 1), aged), version(t, "SAME", "1405/01/01", "", fixed("fee", 1), aged),
		version(t, "OLD", "1404/01/01", "1405/01/01", fixed("fee", 1)), version(t, "NEW", "1405/01/01", "", fixed("fee", 2)),
		version(t, "OPEN", "1404/01/01", "", fixed("fee", 1)), version(t, "LATER", "1406/01/01", "", fixed("fee", 1)),
		shared, version(t, "CITED", "1404/01/01", "1405/01/01", fixed("fee", 1)), cited,
		version(t, "FREE", "1404/01/01", "1405/01/01", fixed("fee", 0)), version(t, "FREE", "1405/01/01", "", fixed("fee", 5)),
	})
	must(t, err)
	var got []string
	for _, c := range Diff(set, day(t, "1404/12/29"), day(t, "1405/01/01")) {
		got = append(got, told(c))
		if c.Agency != 101 || c.Title != title || c.Request.Service != c.Service || c.Unpriced != "" {
			t.Errorf("%+v", c)
		}
	}
	want := []string{
		"CITED/ changed [basis] 1>1 0 0",
		"CLAIM/fee changed [price] 35000000>33000000 -2000000 -5.71",
		"CLAIM/ changed [] 35000000>33000000 -2000000 -5.71",
		"FREE/fee changed [price] 0>5 5 ",
		"FREE/ changed [] 0>5 5 ",
		"MIXED/fee changed [price] 300>350 50 16.67",
		"MIXED/vat changed [] 30>35 5 16.67",
		"MIXED/moved changed [shares] 50>50 0 0",
		"MIXED/new added [] 0>5 5 ",
		"MIXED/gone removed [] 7>0 -7 -100",
		"MIXED/ changed [] 387>440 53 13.7",
		"NEW/ added [] 0>2 2 ",
		"OLD/ removed [] 1>0 -1 -100",
		"SHARED/fee changed [shares] 100>100 0 0",
		"SHARED/ changed [] 100>100 0 0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	if same := Diff(set, day(t, "1405/01/01"), day(t, "1405/12/29")); len(same) != 0 {
		t.Errorf("within a year: %+v", same)
	}
}

func TestDiffTellsWhatHasNoPrice(t *testing.T) {
	big, bigger := perUnit("sheet", 999_999_999_999, 1), percent("duty", "1000", Rounding{})
	set, err := NewSet([]Version{version(t, "FEE", "1404/01/01", "1405/01/01", fixed("fee", 1)), version(t, "FEE", "1405/01/01", "", big, bigger)})
	must(t, err)
	changes := Diff(set, day(t, "1404/01/01"), day(t, "1405/01/01"))
	for _, c := range changes {
		if c.Unpriced == "" || c.Difference != 0 || c.Percent != "" {
			t.Errorf("%+v", c)
		}
	}
	if len(changes) != 4 {
		t.Errorf("%d changes", len(changes))
	}
}

func TestReferenceIsPricedByEveryShape(t *testing.T) {
	versions, err := Parse("shapes.yaml", []byte(shapesFile))
	must(t, err)
	v := versions[0]
	set, err := NewSet(versions)
	must(t, err)
	q, err := set.Quote(reference(v, v.From))
	if err != nil || q.Lines[0].Option != "HOME" || q.Total == 0 {
		t.Errorf("%+v, %v", q, err)
	}
}

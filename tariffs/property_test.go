package tariffs

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// quotable holds what every tariff that Check accepts answers: a price whose
// lines and shares sum to the total, or a refusal of a known kind; and the same
// answer again.
func quotable(t rapid.TB, a asked) {
	v, request := a.version, a.request
	if v.Check() != nil {
		return
	}
	set, err := NewSet([]Version{v})
	must(t, err)
	q, err := set.Quote(request)
	twice, again := set.Quote(request)
	first, second := written(q), written(twice)
	if !bytes.Equal(first, second) || (err == nil) != (again == nil) {
		t.Fatalf("%s, %v; and again %s, %v", first, err, second, again)
	}
	if err != nil {
		if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.NotFound {
			t.Fatalf("%s: %v", kind, err)
		}
		return
	}
	addsUp(t, q)
	for _, e := range q.Exemptions {
		if e.Amount < 0 {
			t.Fatalf("exempted %d", e.Amount)
		}
	}
}

func TestQuoteProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { quotable(t, anyAsked.Draw(t, "asked")) })
}

// FuzzQuote looks for a tariff that passes Check and a request that make Quote
// panic, or answer with a price that does not add up.
// A seed gives a whole set and request: bytes drawn from one by one would
// rarely make a tariff.
func FuzzQuote(f *testing.F) {
	f.Add(1)
	f.Fuzz(func(t *testing.T, seed int) { quotable(t, anyAsked.Example(seed)) })
}

// asked is a tariff and a request for it.
type asked struct {
	version Version
	request Request
}

var anyAsked = rapid.Custom(func(t *rapid.T) asked {
	v := anyVersion(t)
	return asked{v, anyRequest(t, v)}
})

// Most tariffs drawn must pass Check, most requests be priced and every shape
// come up, or the properties prove nothing.
func TestGeneratorsReachEveryShape(t *testing.T) {
	const tries = 400
	valid, priced := 0, 0
	seen := make(map[string]int)
	for seed := range tries {
		a := anyAsked.Example(seed)
		if a.version.Check() != nil {
			continue
		}
		valid++
		set, err := NewSet([]Version{a.version})
		must(t, err)
		q, err := set.Quote(a.request)
		if err == nil {
			priced++
		}
		for _, refusal := range []error{ErrMissingUnits, ErrMissingBase, ErrMissingFirstYear, ErrMissingDue, ErrUnknownOption, ErrUnknownCategory, ErrMissingOption,
			ErrTooLarge, ErrBadInput, ErrNoVersion} {
			count(seen, refusal.Error(), errors.Is(err, refusal))
		}
		for _, l := range q.Lines {
			count(seen, "units", l.Units > 0)
			count(seen, "option", l.Option != "")
			count(seen, "brackets", len(l.Brackets) > 1)
			count(seen, "penalty", l.Penalty != nil)
			count(seen, "capped", l.Penalty != nil && l.Penalty.Capped)
			count(seen, "age", l.Age > 0)
			count(seen, "others", len(l.Of) > 0)
			count(seen, "minimum", l.Bound == AtMinimum)
			count(seen, "maximum", l.Bound == AtMaximum)
			count(seen, "exact", l.Exact != "")
			count(seen, "carried", l.Carried != 0)
			count(seen, "dated shares", l.SharedBy != nil)
			count(seen, "without base", l.WithoutBase)
		}
		count(seen, "exempted", len(q.Exemptions) > 0)
	}
	if valid < tries/2 || priced < valid/2 {
		t.Errorf("%d tariffs drawn, %d valid, %d priced", tries, valid, priced)
	}
	for what, times := range seen {
		if times == 0 {
			t.Errorf("never seen: %s", what)
		}
	}
}

func count(seen map[string]int, what string, happened bool) {
	if seen[what] += 0; happened {
		seen[what]++
	}
}

func TestExportAndImportAreInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyVersion(t)
		if v.Check() != nil {
			return
		}
		file := Export(v)
		read, err := Parse("exported.yaml", file)
		if err != nil || len(read) != 1 {
			t.Fatalf("%v in\n%s", err, file)
		}
		if !bytes.Equal(read[0].body(), v.body()) || read[0].ID != v.ID {
			t.Fatalf("%s\nread back from\n%s\nis\n%s", v.body(), file, read[0].body())
		}
		if again := Export(read[0]); !bytes.Equal(again, file) {
			t.Fatalf("exported again it is\n%s\nnot\n%s", again, file)
		}
		stored, err := versionOf(v.ID, v.body())
		must(t, err)
		if identify(stored) != v.ID {
			t.Fatalf("stored and read it is tariff %d, not %d", identify(stored), v.ID)
		}
	})
}

// A larger base never costs less where brackets are marginal, or where there is
// one rate.
func TestMarginalBracketsAreMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Component{Code: "a", Kind: Bracketed, Basis: Citation{Instrument: "x"}, Title: title, Shares: anyShares(t)}
		anyPrice(t, &c, nil)
		c.Mode = Marginal
		v := Version{Agency: 1, Service: "ANY", From: 1, Title: title, Basis: c.Basis, Components: []Component{c}}
		set, err := NewSet([]Version{v})
		must(t, err)
		base := rapid.Int64Range(0, 4_000_000_000)
		low, high := base.Draw(t, "low"), base.Draw(t, "high")
		if rapid.Bool().Draw(t, "at a bound") {
			low = int64(c.Brackets[0].UpTo)
			high = low + 1
		}
		cheap, err := set.Quote(Request{Service: "ANY", Date: 1, HasBase: true, Base: money.Rial(min(low, high))})
		must(t, err)
		dear, err := set.Quote(Request{Service: "ANY", Date: 1, HasBase: true, Base: money.Rial(max(low, high))})
		must(t, err)
		if cheap.Total > dear.Total {
			t.Fatalf("%d costs %d, %d costs %d", min(low, high), cheap.Total, max(low, high), dear.Total)
		}
	})
}

// What the database holds is trusted no more than a file: absurd numbers are
// refused in no time.
func TestAbsurdNumbersAreRefused(t *testing.T) {
	for _, rate := range []string{`"1e9999"`, `"1e-9999"`, `"-1"`} {
		for _, body := range []string{
			`{"components":[{"code":"a","kind":"percent","rate":` + rate + `}]}`,
			`{"components":[{"code":"a","kind":"fixed","late":{"every":"once","times":` + rate + `}}]}`,
			`{"components":[{"code":"a","kind":"fixed","exemptions":[{"category":"A","percent":` + rate + `}]}],"total":{"unit":5,"carrier":"a"}}`,
			`{"components":[{"code":"a","kind":"fixed","shares":[{"method":"percent","percent":` + rate + `},{"method":"percent","percent":"1"}]}]}`,
			`{"components":[{"code":"a","kind":"percent","depreciation":{"per_year":` + rate + `,"floor":"1"}}]}`,
			`{"components":[{"code":"a","kind":"fixed","options":[{"code":"A","rate":` + rate + `}]}]}`,
			`{"components":[{"code":"a","kind":"brackets","brackets":[{"rate":` + rate + `}]}]}`,
		} {
			var v Version
			must(t, json.Unmarshal([]byte(body), &v))
			if err := v.Check(); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", body, err)
			}
		}
	}
	v := version(t, "ANY", "1405/01/01", "", fixed("a", 1), percent("b", "1", Rounding{}))
	v.Components[0].Rounding.Unit, v.Components[0].Amount = math.MinInt64, math.MinInt64
	v.Components[1].Rate = decimal.New(1, math.MaxInt32) // would take a gigabyte to write out
	if v.Check() == nil {
		t.Error("the smallest amount and the largest rate were accepted")
	}
}

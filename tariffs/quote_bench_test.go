package tariffs

import (
	"fmt"
	"testing"
)

// manyServices is a set of ten thousand services, PASSPORT among them.
func manyServices(t testing.TB) *Set {
	t.Helper()
	versions, err := ParseFiles("../examples/tariffs/1405/passport.yaml", "../examples/tariffs/1405/copy.yaml")
	must(t, err)
	for i := range 10_000 {
		versions = append(versions, version(t, fmt.Sprintf("SERVICE-%d", i), "1405/01/01", "", fixed("fee", 1)))
	}
	set, err := NewSet(versions)
	must(t, err)
	return set
}

func TestFixedQuoteAllocatesAtMostTwice(t *testing.T) {
	set := manyServices(t)
	request := Request{Service: "PASSPORT", Date: day(t, "1405/08/30")}
	allocations := testing.AllocsPerRun(100, func() {
		if q, err := set.Quote(request); err != nil || q.Total != 1_476_112 {
			t.Error(q, err)
		}
	})
	if allocations > 2 {
		t.Errorf("%v allocations", allocations)
	}
}

func BenchmarkQuoteFixed(b *testing.B) {
	set, request := manyServices(b), Request{Service: "PASSPORT", Date: day(b, "1405/08/30")}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := set.Quote(request); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkQuotePerUnit(b *testing.B) {
	set, request := manyServices(b), Request{Service: "COPY", Date: day(b, "1405/08/30"), Units: 3}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := set.Quote(request); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkQuoteEveryShape prices six components by brackets, options, age,
// lateness, exemption, rounding and dated shares.
func BenchmarkQuoteEveryShape(b *testing.B) {
	versions, err := Parse("shapes.yaml", []byte(shapesFile))
	must(b, err)
	set, err := NewSet(versions)
	must(b, err)
	request := reference(versions[0], day(b, "1405/08/30"))
	request.Due, request.Category = day(b, "1405/03/01"), "VETERAN"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := set.Quote(request); err != nil {
			b.Fatal(err)
		}
	}
}

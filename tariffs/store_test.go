package tariffs

import (
	"context"
	"log/slog"
	"reflect"
	"slices"
	"testing"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/page"
	"treasury-switch/internal/postgres"
	"treasury-switch/internal/testdb"
	"treasury-switch/security/access"
)

// noon is when the tests act; later steps are later by whole hours.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func as(user string, hours int) access.By {
	return access.By{User: user, At: noon.Add(time.Duration(hours) * time.Hour)}
}

// enter brings versions as far as a state by maker and checker, at an hour.
func enter(t *testing.T, db postgres.DB, hour int, to State, versions ...Version) []Record {
	t.Helper()
	ctx := context.Background()
	sell(t, versions...)
	entered, err := Import(ctx, db, as("maker", hour), versions, false)
	must(t, err)
	all, ids := make([]Record, len(entered)), make([]int64, len(entered))
	for i, e := range entered {
		all[i], ids[i] = e.Record, e.ID
	}
	if to == Submitted || to == Approved {
		all, err = Submit(ctx, db, as("maker", hour), ids)
		must(t, err)
	}
	if to == Approved {
		effect, err := Approve(ctx, db, as("checker", hour), ids)
		must(t, err)
		all = effect.Approved
	}
	return all
}

func wantFault(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if fault.KindOf(err) != kind {
		t.Errorf("%s: %v (%s), want %s", what, err, fault.KindOf(err), kind)
	}
}

// prices quotes a service of fixed price on days; 0 where it has no tariff.
func prices(t *testing.T, s *Set, service string, days ...string) []int64 {
	t.Helper()
	var all []int64
	for _, d := range days {
		q, err := s.Quote(Request{Service: service, Date: day(t, d)})
		if err != nil {
			wantFault(t, service+" on "+d, err, fault.NotFound)
		}
		all = append(all, int64(q.Total))
	}
	return all
}

func wantPrices(t *testing.T, what string, got []int64, want ...int64) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: prices %v, want %v", what, got, want)
	}
}

func loaded(t *testing.T, db postgres.Querier) *Set {
	t.Helper()
	set, err := LoadSet(context.Background(), db)
	must(t, err)
	return set
}

func TestWhatIsApprovedComesBack(t *testing.T) {
	db := testdb.New(t)
	versions, err := ParseFiles("../examples/tariffs/1405/passport.yaml", "../examples/tariffs/1405/copy.yaml")
	must(t, err)
	versions = append(versions, version(t, "RATE", "1404/01/01", "1405/01/01", percent("duty", "2.5", Rounding{Unit: 1000, Direction: Up})))
	enter(t, db, 0, Approved, versions...)

	before, err := NewSet(versions)
	must(t, err)
	set := loaded(t, db)
	for _, r := range []Request{
		{Service: "PASSPORT", Date: day(t, "1405/08/30")},
		{Service: "COPY", Date: day(t, "1405/08/30"), Units: 3},
		{Service: "RATE", Date: day(t, "1404/12/29"), Base: 1_000_001, HasBase: true},
	} {
		want, err := before.Quote(r)
		must(t, err)
		got, err := set.Quote(r)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v, want %+v", r.Service, got, err, want)
		}
		if id := identify(set.Versions(r.Service)[0]); got.Versions[0] != id {
			t.Errorf("%s: quoted by tariff %d, identified as %d", r.Service, got.Versions[0], id)
		}
	}
}

func TestImportingAgainChangesNothing(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	v := version(t, "FEE", "1405/01/01", "", fixed("fee", 1))
	enter(t, db, 0, Submitted, v)
	before, err := revision(ctx, db)
	must(t, err)
	entered, err := Import(ctx, db, as("checker", 1), []Version{v, v}, true)
	must(t, err)
	after, err := revision(ctx, db)
	must(t, err)
	for _, e := range entered {
		if e.New || e.State != Submitted || e.EnteredBy != "maker" {
			t.Errorf("imported again: %+v", e)
		}
	}
	if len(entered) != 2 || after != before {
		t.Errorf("%d entries, revision %d after %d", len(entered), after, before)
	}
}

func TestImportIsAllOrNone(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	faulty := version(t, "BAD", "1405/01/01", "", fixed("fee", 1))
	faulty.Components[0].Shares = nil
	sell(t, faulty, version(t, "GOOD", "1405/01/01", "", fixed("fee", 1)))
	_, err := Import(ctx, db, as("maker", 0), []Version{version(t, "GOOD", "1405/01/01", "", fixed("fee", 1)), faulty}, false)
	wantFault(t, "a faulty version", err, fault.Invalid)
	_, err = Import(ctx, db, as("stranger", 0), []Version{version(t, "GOOD", "1405/01/01", "", fixed("fee", 1))}, false)
	wantFault(t, "by a stranger", err, fault.Denied)
	if l, err := List(ctx, db, Filter{}, page.Request{}); err != nil || len(l.Items) != 0 {
		t.Errorf("entered: %+v, %v", l.Items, err)
	}
}

// Every node polls: what one of them approves or withdraws, all of them quote.
func TestEveryNodeSwapsTheWholeSet(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	db := testdb.New(t)
	here, err := NewWatcher(ctx, db, slog.New(slog.DiscardHandler))
	must(t, err)
	there, err := NewWatcher(ctx, testdb.Owner(t), slog.New(slog.DiscardHandler))
	must(t, err)
	first := here.Current()
	if changed, err := here.Refresh(ctx); err != nil || changed || here.Current() != first {
		t.Errorf("without a change: %t, %v", changed, err)
	}
	ticks, done := make(chan time.Time), make(chan struct{})
	go func() { there.Run(ctx, ticks); close(done) }()
	tick := func() {
		ticks <- time.Time{}
		ticks <- time.Time{} // taken after the first was worked off
		_, err := here.Refresh(ctx)
		must(t, err)
	}
	for _, step := range []struct {
		name string
		do   func()
		want int64
	}{
		{"a draft", func() { enter(t, db, 0, Submitted, version(t, "FEE", "1405/01/01", "", fixed("fee", 7))) }, 0},
		{"approved", func() { approveAll(t, db, "FEE") }, 7},
		{"withdrawn", func() { withdrawAll(t, db, "FEE") }, 0},
	} {
		step.do()
		tick()
		for _, w := range []*Watcher{here, there} {
			wantPrices(t, step.name, prices(t, w.Current(), "FEE", "1405/08/30"), step.want)
		}
	}
	close(ticks)
	<-done
	if len(first.Services()) != 0 {
		t.Errorf("the first set has %v now", first.Services())
	}
}

func approveAll(t *testing.T, db postgres.DB, ref string) {
	t.Helper()
	found, err := Find(context.Background(), db, ref, Submitted)
	must(t, err)
	for _, r := range found {
		_, err := Approve(context.Background(), db, as("checker", 1), []int64{r.ID})
		must(t, err)
	}
}

func withdrawAll(t *testing.T, db postgres.DB, ref string) {
	t.Helper()
	found, err := Find(context.Background(), db, ref, Approved)
	must(t, err)
	for _, r := range found {
		_, err := Withdraw(context.Background(), db, as("checker", 2), r.ID, 0, "typed wrongly")
		must(t, err)
	}
}

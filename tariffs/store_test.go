package tariffs

import (
	"context"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/testdb"
)

func TestImportAndLoad(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	versions, err := ParseFiles("../examples/tariffs/1405/passport.yaml", "../examples/tariffs/1405/copy.yaml")
	must(t, err)
	versions = append(versions, version(t, "RATE", "1404/01/01", "1405/01/01", percent("duty", "2.5", Rounding{Unit: 1000, Direction: Up})))

	if added, err := Import(ctx, db, versions); err != nil || added != 3 {
		t.Fatalf("added %d, %v", added, err)
	}
	if revision, err := Revision(ctx, db); err != nil || revision != 1 {
		t.Errorf("revision %d, %v", revision, err)
	}

	// The same content again changes nothing, not even the revision.
	if added, err := Import(ctx, db, append(versions, versions...)); err != nil || added != 0 {
		t.Errorf("added again %d, %v", added, err)
	}
	set, err := LoadSet(ctx, db)
	must(t, err)
	if set.Revision() != 1 {
		t.Errorf("revision of the set %d", set.Revision())
	}

	// What comes back is what went in: same ids, same quotes.
	before, err := NewSet(versions)
	must(t, err)
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
		if id := Identify(set.Versions(r.Service)[0]); got.Versions[0] != id {
			t.Errorf("%s: quoted by tariff %d, identified as %d", r.Service, got.Versions[0], id)
		}
	}
}

func TestImportIsAllOrNone(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	_, err := Import(ctx, db, []Version{version(t, "FEE", "1405/01/01", "", fixed("fee", 1))})
	must(t, err)
	_, err = Import(ctx, db, []Version{
		version(t, "OTHER", "1405/01/01", "", fixed("fee", 1)),
		version(t, "FEE", "1406/01/01", "1407/01/01", fixed("fee", 2)),
	})
	if fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "FEE") {
		t.Errorf("an overlap: %v", err)
	}
	set, err := LoadSet(ctx, db)
	must(t, err)
	if !slices.Equal(set.Services(), []string{"FEE"}) || set.Revision() != 1 {
		t.Errorf("services %v at revision %d", set.Services(), set.Revision())
	}
}

// The database refuses what the program would refuse, were the program wrong.
func TestDatabaseRefuses(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	_, err := Import(ctx, db, []Version{version(t, "FEE", "1405/01/01", "1406/01/01", fixed("fee", 1))})
	must(t, err)
	insertRaw := func(v Version) error {
		tx, err := db.Begin(ctx)
		must(t, err)
		defer tx.Rollback(ctx)
		return insert(ctx, tx, []Version{v})
	}
	if overlap := insertRaw(version(t, "FEE", "1405/12/29", "", fixed("fee", 2))); fault.KindOf(overlap) != fault.Conflict {
		t.Errorf("an overlap: %v", overlap)
	}
	must(t, insertRaw(version(t, "FEE", "1406/01/01", "", fixed("fee", 2))))

	for name, statement := range map[string]string{
		"change":     `UPDATE tariff_version SET valid_to = NULL`,
		"delete":     `DELETE FROM tariff_version`,
		"truncate":   `TRUNCATE tariff_version`,
		"other body": `INSERT INTO tariff_version (agency, id, service, valid_from, body) SELECT agency, id + 1, 'X1', valid_from, body FROM tariff_version`,
		"no period":  `INSERT INTO tariff_version (agency, id, service, valid_from, valid_to, body) SELECT agency, id + 1, service, '2030-01-01', '2030-01-01', body FROM tariff_version`,
		"revisions":  `INSERT INTO tariff_revision (id, revision) VALUES (2, 0)`,
	} {
		if _, err := db.Exec(ctx, statement); err == nil {
			t.Errorf("%s was allowed", name)
		}
	}
}

func TestWatcherSwapsTheWholeSet(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	db := testdb.New(t)
	w, err := NewWatcher(ctx, db, slog.New(slog.DiscardHandler))
	must(t, err)
	first := w.Current()
	if changed, err := w.Refresh(ctx); err != nil || changed || w.Current() != first || len(first.Services()) != 0 {
		t.Errorf("without a change: %t, %v, services %v", changed, err, w.Current().Services())
	}

	_, err = Import(ctx, db, []Version{version(t, "FEE", "1405/01/01", "", fixed("fee", 1))})
	must(t, err)
	ticks := make(chan time.Time)
	done := make(chan struct{})
	go func() { w.Run(ctx, ticks); close(done) }()
	ticks <- time.Time{}
	close(ticks) // read after the first tick is done with
	<-done
	if !slices.Equal(w.Current().Services(), []string{"FEE"}) || len(first.Services()) != 0 {
		t.Errorf("after a tick: %v, the first set has %v", w.Current().Services(), first.Services())
	}
}

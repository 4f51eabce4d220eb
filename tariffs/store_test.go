package tariffs

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/testdb"
)

func TestImportAndLoad(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	versions, err := ParseFiles("../examples/tariffs/1405/passport.yaml", "../examples/tariffs/1405/copy.yaml")
	require.NoError(t, err)
	versions = append(versions, version(t, "RATE", "1404/01/01", "1405/01/01", percent("duty", "2.5", Rounding{Unit: 1000, Direction: Up})))

	added, err := Import(ctx, db, versions)
	require.NoError(t, err)
	require.Equal(t, 3, added)
	revision, err := Revision(ctx, db)
	require.NoError(t, err)
	require.Equal(t, int64(1), revision)

	// The same content again changes nothing, not even the revision.
	added, err = Import(ctx, db, append(versions, versions...))
	require.NoError(t, err)
	require.Zero(t, added)
	set, err := LoadSet(ctx, db)
	require.NoError(t, err)
	require.Equal(t, int64(1), set.Revision())

	// What comes back is what went in: same ids, same quotes.
	before, err := NewSet(versions)
	require.NoError(t, err)
	for _, r := range []Request{
		{Service: "PASSPORT", Date: day(t, "1405/08/30")},
		{Service: "COPY", Date: day(t, "1405/08/30"), Units: 3},
		{Service: "RATE", Date: day(t, "1404/12/29"), Base: 1_000_001, HasBase: true},
	} {
		want, err := before.Quote(r)
		require.NoError(t, err)
		got, err := set.Quote(r)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Equal(t, Identify(set.Versions(r.Service)[0]), got.Versions[0])
	}
}

func TestImportIsAllOrNone(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	_, err := Import(ctx, db, []Version{version(t, "FEE", "1405/01/01", "", fixed("fee", 1))})
	require.NoError(t, err)
	_, err = Import(ctx, db, []Version{
		version(t, "OTHER", "1405/01/01", "", fixed("fee", 1)),
		version(t, "FEE", "1406/01/01", "1407/01/01", fixed("fee", 2)),
	})
	require.Equal(t, fault.Conflict, fault.KindOf(err))
	require.ErrorContains(t, err, "FEE")
	set, err := LoadSet(ctx, db)
	require.NoError(t, err)
	require.Equal(t, []string{"FEE"}, set.Services())
	require.Equal(t, int64(1), set.Revision())
}

// The database refuses what the program would refuse, were the program wrong.
func TestDatabaseRefuses(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	_, err := Import(ctx, db, []Version{version(t, "FEE", "1405/01/01", "1406/01/01", fixed("fee", 1))})
	require.NoError(t, err)
	insertRaw := func(v Version) error {
		tx, err := db.Begin(ctx)
		require.NoError(t, err)
		defer tx.Rollback(ctx)
		return insert(ctx, tx, []Version{v})
	}
	overlap := insertRaw(version(t, "FEE", "1405/12/29", "", fixed("fee", 2)))
	require.Equal(t, fault.Conflict, fault.KindOf(overlap))
	require.NoError(t, insertRaw(version(t, "FEE", "1406/01/01", "", fixed("fee", 2))))

	for name, statement := range map[string]string{
		"change":     `UPDATE tariff_version SET valid_to = NULL`,
		"delete":     `DELETE FROM tariff_version`,
		"truncate":   `TRUNCATE tariff_version`,
		"other body": `INSERT INTO tariff_version (agency, id, service, valid_from, body) SELECT agency, id + 1, 'X1', valid_from, body FROM tariff_version`,
		"no period":  `INSERT INTO tariff_version (agency, id, service, valid_from, valid_to, body) SELECT agency, id + 1, service, '2030-01-01', '2030-01-01', body FROM tariff_version`,
		"revisions":  `INSERT INTO tariff_revision (id, revision) VALUES (2, 0)`,
	} {
		_, err := db.Exec(ctx, statement)
		require.Error(t, err, name)
	}
}

func TestWatcherSwapsTheWholeSet(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	db := testdb.New(t)
	w, err := NewWatcher(ctx, db, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	first := w.Current()
	require.Empty(t, first.Services())
	changed, err := w.Refresh(ctx)
	require.NoError(t, err)
	require.False(t, changed)
	require.Same(t, first, w.Current())

	_, err = Import(ctx, db, []Version{version(t, "FEE", "1405/01/01", "", fixed("fee", 1))})
	require.NoError(t, err)
	ticks := make(chan time.Time)
	done := make(chan struct{})
	go func() { w.Run(ctx, ticks); close(done) }()
	ticks <- time.Time{}
	close(ticks) // read after the first tick is done with
	<-done
	require.Equal(t, []string{"FEE"}, w.Current().Services())
	require.Empty(t, first.Services())
}

package pan

import (
	"slices"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/testdb"
)

// searched records that the payments of days were gone through, as package switching does.
func searched(t *testing.T, days ...calendar.Date) {
	t.Helper()
	for _, day := range days {
		_, err := testdb.Owner(t).Exec(t.Context(), `INSERT INTO pan_key_search (day, done_until) VALUES ($1, $2)
			ON CONFLICT (day) DO UPDATE SET done_until = excluded.done_until`, day.Time(), day.Add(1).Begins())
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Whatever a node takes for today: by the database's clock a day is past for long before its key can be destroyed, and not before its
// payments were gone through.
func TestOnlyTheKeyOfAPastDayIsDestroyed(t *testing.T) {
	vault, pool, _ := newVault(t)
	today := calendar.DateOf(time.Now())
	days := []calendar.Date{today.Add(1), today, today.Add(-1), today.Add(-2), day}
	for _, d := range days {
		seal(t, vault, d, card(t, "6037990000000014"), payment)
	}
	past, err := vault.Past(t.Context())
	if err != nil || len(past) != 1 || past[0] != day {
		t.Errorf("past are %v, %v", past, err)
	}
	if err := vault.DestroyDay(t.Context(), day); !fault.Is(err, fault.Conflict) {
		t.Errorf("a day whose payments nobody went through: %v", err)
	}
	_, err = testdb.Owner(t).Exec(t.Context(), `INSERT INTO pan_key_search (day, done_until) VALUES ($1, $2)`, day.Time(), day.Add(1).Begins().Add(-1e6))
	if err != nil {
		t.Fatal(err)
	}
	if err := vault.DestroyDay(t.Context(), day); !fault.Is(err, fault.Conflict) {
		t.Errorf("a day whose last payments nobody went through: %v", err)
	}
	searched(t, days...)
	for _, d := range days[:4] {
		if err := vault.DestroyDay(t.Context(), d); !fault.Is(err, fault.Conflict) {
			t.Errorf("key of %s: %v", d, err)
		}
	}
	if err := vault.DestroyDay(t.Context(), day); err != nil {
		t.Error(err)
	}
	for _, statement := range []string{
		`UPDATE pan_key SET wrapped = NULL, destroyed_at = now() WHERE purpose = 'day'`,
		`UPDATE pan_key SET wrapped = NULL WHERE purpose = 'day'`,
		`DELETE FROM pan_key`,
	} {
		if _, err := pool.Exec(t.Context(), statement); err == nil {
			t.Errorf("the program may %s", statement)
		}
	}
	if _, err := pool.Exec(t.Context(), `UPDATE pan_key SET destroyed_at = now() WHERE wrapped IS NOT NULL`); err == nil {
		t.Error("a key that lives was called destroyed")
	}
	if days, err := vault.Days(t.Context()); err != nil || len(days) != 5 || days[0].Date != today.Add(1) || !days[0].Live() {
		t.Errorf("days %v, %v", days, err)
	}
}

func TestDestroyDay(t *testing.T) {
	here, pool, master := newVault(t)
	there := open(t, pool, master)
	p := card(t, "6037990000000014")
	lost, kept := seal(t, here, day, p, payment), seal(t, there, nextDay, p, payment)
	searched(t, day, day.Add(9))
	if _, err := there.Unseal(t.Context(), day, lost, payment); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time changes nothing
		if err := here.DestroyDay(t.Context(), day); err != nil {
			t.Fatal(err)
		}
	}
	if err := there.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, vault := range map[string]*Vault{"here": here, "there": there, "restarted": open(t, pool, master)} {
		if _, err := vault.Unseal(t.Context(), day, lost, payment); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: unseal of a destroyed day: %v", name, err)
		}
		if _, err := vault.Seal(t.Context(), day, p, payment); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: seal on a destroyed day: %v", name, err)
		}
		if err := vault.Prepare(t.Context(), day); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: prepare a destroyed day: %v", name, err)
		}
		if back, err := vault.Unseal(t.Context(), nextDay, kept, payment); err != nil || back != p {
			t.Errorf("%s: the next day is lost too: %v", name, err)
		}
	}
	if err := here.DestroyDay(t.Context(), day.Add(9)); !fault.Is(err, fault.NotFound) {
		t.Errorf("destroy a day without a key: %v", err)
	}
}

// TestFirstTimeOfDestructionStays: neither who destroys the key again nor who asks for it changes when it went.
func TestFirstTimeOfDestructionStays(t *testing.T) {
	vault, pool, master := newVault(t)
	seal(t, vault, day, card(t, "6037990000000014"), payment)
	searched(t, day)
	destroyed := func() time.Time {
		t.Helper()
		days, err := vault.Days(t.Context())
		if err != nil || len(days) != 1 || days[0].Live() {
			t.Fatalf("days %v, %v", days, err)
		}
		return days[0].DestroyedAt
	}
	if err := vault.DestroyDay(t.Context(), day); err != nil {
		t.Fatal(err)
	}
	first := destroyed()
	if err := vault.DestroyDay(t.Context(), day); err != nil {
		t.Fatal(err)
	}
	if again := destroyed(); !again.Equal(first) {
		t.Errorf("destroyed at %s, and at %s when it was destroyed again", first, again)
	}
	if err := open(t, pool, master).Prepare(t.Context(), day); !fault.Is(err, fault.Conflict) {
		t.Errorf("prepare a destroyed day: %v", err)
	}
	if asked := destroyed(); !asked.Equal(first) {
		t.Errorf("destroyed at %s, and at %s when it was asked for", first, asked)
	}
}

func TestDestroyedKeyIsGoneFromTheRow(t *testing.T) {
	vault, pool, _ := newVault(t)
	seal(t, vault, day, card(t, "6037990000000014"), payment)
	searched(t, day)
	if err := vault.DestroyDay(t.Context(), day); err != nil {
		t.Fatal(err)
	}
	var gone bool
	err := pool.QueryRow(t.Context(), `SELECT wrapped IS NULL AND destroyed_at IS NOT NULL
		FROM pan_key WHERE purpose = 'day' AND day = $1`, day.Time()).Scan(&gone)
	if err != nil || !gone {
		t.Fatalf("row still holds the key (%v)", err)
	}
	days, err := vault.Days(t.Context())
	if err != nil || len(days) != 1 {
		t.Fatalf("days %v, %v", days, err)
	}
	if days[0].Date != day || days[0].Live() || days[0].CreatedAt.IsZero() {
		t.Fatalf("day %+v", days[0])
	}
}

func TestRowsCannotBeExchanged(t *testing.T) {
	vault, pool, master := newVault(t)
	p := card(t, "6037990000000014")
	seal(t, vault, day, p, payment)
	seal(t, vault, nextDay, p, payment)
	_, err := testdb.Owner(t).Exec(t.Context(), `UPDATE pan_key SET wrapped =
		(SELECT wrapped FROM pan_key WHERE purpose = 'day' AND day = $1) WHERE purpose = 'day' AND day = $2`,
		day.Time(), nextDay.Time())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), pool, master); !fault.Is(err, fault.Bug) {
		t.Fatalf("a key moved to another day opens: %v", err)
	}
}

func TestRowsAreChecked(t *testing.T) {
	newVault(t)
	bad := map[string]string{
		"destroyed permanent key": `UPDATE pan_key SET wrapped = NULL, destroyed_at = now() WHERE purpose = 'permanent'`,
		"second permanent key": `INSERT INTO pan_key SELECT purpose, DATE '2026-01-01', wrapped, master_id, now(), NULL
			FROM pan_key WHERE purpose = 'permanent'`,
		"key and time of destruction": `UPDATE pan_key SET destroyed_at = now() WHERE purpose = 'permanent'`,
		"short key":                   `UPDATE pan_key SET wrapped = '\x00' WHERE purpose = 'permanent'`,
	}
	for name, statement := range bad {
		if _, err := testdb.Owner(t).Exec(t.Context(), statement); err == nil {
			t.Errorf("%s: the database accepts it", name)
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	vault, pool, master := newVault(t)
	p := card(t, "6037990000000014")
	first := seal(t, vault, day, p, payment)
	for i := range maxCached {
		seal(t, vault, day.Add(i+1), p, payment)
	}
	if n := len(vault.days.Load().byDay); n != maxCached {
		t.Fatalf("%d days cached, want %d", n, maxCached)
	}
	if _, cached := vault.days.Load().get(day); cached {
		t.Fatal("the day that was loaded first is still cached")
	}
	if back, err := vault.Unseal(t.Context(), day, first, payment); err != nil || back != p {
		t.Fatalf("a day outside the cache: %v", err)
	}
	restarted := open(t, pool, master)
	latest := calendar.Date(day + maxCached)
	if _, cached := restarted.days.Load().get(latest); !cached {
		t.Fatal("the latest day is not loaded at start")
	}
	if n := len(restarted.days.Load().order); n != maxCached {
		t.Fatalf("%d days loaded at start", n)
	}
}

// TestDayCache: a day that is taken out leaves nothing behind, and one that is put in again counts as new.
func TestDayCache(t *testing.T) {
	none := &dayCache{}
	c := none.with(1, nil).with(2, nil).with(3, nil)
	for name, got := range map[string]struct {
		cache *dayCache
		want  []calendar.Date
	}{
		"three days": {c, []calendar.Date{1, 2, 3}}, "one less": {c.without(2), []calendar.Date{1, 3}}, "one that is not there": {c.without(9), []calendar.Date{1, 2, 3}},
		"one again": {c.with(1, nil), []calendar.Date{2, 3, 1}}, "none": {none, nil},
	} {
		if !slices.Equal(got.cache.dates(), got.want) || len(got.cache.byDay) != len(got.want) {
			t.Errorf("%s: %v and %d ciphers, want %v", name, got.cache.dates(), len(got.cache.byDay), got.want)
		}
	}
}

func TestDatabaseGone(t *testing.T) {
	vault, pool, master := newVault(t)
	p := card(t, "6037990000000014")
	sealed := seal(t, vault, day, p, payment)
	pool.Close()
	if _, err := vault.Unseal(t.Context(), day, sealed, payment); err != nil {
		t.Fatalf("a cached day needs the database: %v", err)
	}
	if _, err := vault.Seal(t.Context(), nextDay, p, payment); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("a new day: %v", err)
	}
	if _, err := Open(t.Context(), pool, master); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("open: %v", err)
	}
}

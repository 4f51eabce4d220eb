package pan

import (
	"testing"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
)

func TestDestroyDay(t *testing.T) {
	here, pool, master := newVault(t)
	there := open(t, pool, master)
	p := card(t, "6037990000000014")
	lost, kept := seal(t, here, day, p, payment), seal(t, there, nextDay, p, payment)
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

func TestDestroyedKeyIsGoneFromTheRow(t *testing.T) {
	vault, pool, _ := newVault(t)
	seal(t, vault, day, card(t, "6037990000000014"), payment)
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
	_, err := pool.Exec(t.Context(), `UPDATE pan_key SET wrapped =
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
	_, pool, _ := newVault(t)
	bad := map[string]string{
		"destroyed permanent key": `UPDATE pan_key SET wrapped = NULL, destroyed_at = now() WHERE purpose = 'permanent'`,
		"second permanent key": `INSERT INTO pan_key SELECT purpose, DATE '2026-01-01', wrapped, master_id, now(), NULL
			FROM pan_key WHERE purpose = 'permanent'`,
		"key and time of destruction": `UPDATE pan_key SET destroyed_at = now() WHERE purpose = 'permanent'`,
		"short key":                   `UPDATE pan_key SET wrapped = '\x00' WHERE purpose = 'permanent'`,
	}
	for name, statement := range bad {
		if _, err := pool.Exec(t.Context(), statement); err == nil {
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

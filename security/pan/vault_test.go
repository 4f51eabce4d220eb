package pan

import (
	"bytes"
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/testdb"
)

var (
	day      = calendar.On(2024, time.November, 21) // long past by every clock
	nextDay  = day.Add(1)
	payment  = []byte("payment-00000001")
	otherPay = []byte("payment-00000002")
)

// card parses a card number that the test knows to be good.
func card(t testing.TB, digits string) identity.PAN {
	t.Helper()
	p, err := identity.ParsePAN(digits)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// newMaster makes a fresh master key.
func newMaster(t testing.TB) MasterKey {
	t.Helper()
	master, err := CreateMasterKey(filepath.Join(t.TempDir(), "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	return master
}

// open opens a vault, as one node does.
func open(t testing.TB, db DB, master MasterKey) *Vault {
	t.Helper()
	vault, err := Open(t.Context(), db, master)
	if err != nil {
		t.Fatal(err)
	}
	return vault
}

// newVault opens a vault over an empty database.
func newVault(t testing.TB) (*Vault, *pgxpool.Pool, MasterKey) {
	t.Helper()
	pool, master := testdb.New(t), newMaster(t)
	return open(t, pool, master), pool, master
}

// seal seals or ends the test.
func seal(t testing.TB, v *Vault, on calendar.Date, p identity.PAN, bind []byte) []byte {
	t.Helper()
	sealed, err := v.Seal(t.Context(), on, p, bind)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestSealAndUnseal(t *testing.T) {
	vault, _, _ := newVault(t)
	// Twelve, sixteen and nineteen digits: the bounds and the usual length.
	for _, digits := range []string{"603799000004", "6037990000000014", "6037990000000000004"} {
		p := card(t, luhn(digits))
		sealed := seal(t, vault, day, p, payment)
		if len(sealed) != sealedSize || cap(sealed) != sealedSize {
			t.Fatalf("sealed to %d bytes of %d, want %d", len(sealed), cap(sealed), sealedSize)
		}
		back, err := vault.Unseal(t.Context(), day, sealed, payment)
		if err != nil || back != p {
			t.Fatalf("unsealed to %v, %v", back, err)
		}
		if again := seal(t, vault, day, p, payment); bytes.Equal(again, sealed) {
			t.Fatal("two seals are equal: the nonce is not fresh")
		}
	}
}

// luhn replaces the last digit by the right check digit (ISO/IEC 7812-1).
func luhn(digits string) string {
	for c := byte('0'); c <= '9'; c++ {
		try := digits[:len(digits)-1] + string(c)
		if _, err := identity.ParsePAN(try); err == nil {
			return try
		}
	}
	return digits
}

func TestSealRefuses(t *testing.T) {
	vault, _, _ := newVault(t)
	p := card(t, "6037990000000014")
	tests := []struct {
		name string
		day  calendar.Date
		pan  identity.PAN
		bind []byte
	}{
		{"no day", 0, p, payment},
		{"no card", day, identity.PAN{}, payment},
		{"no bind", day, p, nil},
		{"endless bind", day, p, make([]byte, maxBind+1)},
	}
	for _, test := range tests {
		if _, err := vault.Seal(t.Context(), test.day, test.pan, test.bind); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestLongestBind is as good as any other.
func TestLongestBind(t *testing.T) {
	vault, _, _ := newVault(t)
	p, bind := card(t, "9999999999999999998"), make([]byte, maxBind)
	sealed, err := vault.Seal(t.Context(), day, p, bind)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := vault.Unseal(t.Context(), day, sealed, bind); err != nil || back != p {
		t.Errorf("%v, %v", back, err)
	}
	short := keyRow{MasterID: vault.masterID, Wrapped: []byte("short")}
	if _, err := vault.unwrap(day, short); !fault.Is(err, fault.Bug) {
		t.Errorf("a wrapped key of five bytes: %v", err)
	}
}

func TestUnsealRefuses(t *testing.T) {
	vault, _, _ := newVault(t)
	p := card(t, "6037990000000014")
	sealed, other := seal(t, vault, day, p, payment), seal(t, vault, nextDay, p, payment)
	unseal := func(on calendar.Date, sealed, bind []byte) error {
		_, err := vault.Unseal(t.Context(), on, sealed, bind)
		return err
	}
	for i := range sealed {
		altered := bytes.Clone(sealed)
		altered[i] ^= 1
		want := fault.Denied
		if i == 0 {
			want = fault.Invalid // another version
		}
		if err := unseal(day, altered, payment); !fault.Is(err, want) {
			t.Fatalf("byte %d altered: %v", i, err)
		}
	}
	tests := []struct {
		name   string
		on     calendar.Date
		sealed []byte
		bind   []byte
		kind   fault.Kind
	}{
		{"other payment", day, sealed, otherPay, fault.Denied},
		{"no bind", day, sealed, nil, fault.Denied},
		{"sealed on the next day", day, other, payment, fault.Denied},
		{"asked on the next day", nextDay, sealed, payment, fault.Denied},
		{"a day without a key", day.Add(40), sealed, payment, fault.NotFound},
		{"cut short", day, sealed[:sealedSize-1], payment, fault.Invalid},
		{"nothing", day, nil, payment, fault.Invalid},
	}
	for _, test := range tests {
		if err := unseal(test.on, test.sealed, test.bind); !fault.Is(err, test.kind) {
			t.Errorf("%s: %v is %v, want %v", test.name, err, fault.KindOf(err), test.kind)
		}
	}
}

func TestTwoNodesShareEveryKey(t *testing.T) {
	pool, master := testdb.New(t), newMaster(t)
	const nodes = 8
	vaults := make([]*Vault, nodes)
	sealed := make([][]byte, nodes)
	p := card(t, "6037990000000014")
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range nodes {
		done.Go(func() {
			start.Wait()
			vault, err := Open(context.WithoutCancel(t.Context()), pool, master)
			if err != nil {
				t.Error(err)
				return
			}
			vaults[i] = vault
			if sealed[i], err = vault.Seal(t.Context(), day, p, payment); err != nil {
				t.Error(err)
			}
		})
	}
	start.Done()
	done.Wait()
	if t.Failed() {
		return
	}
	for i, vault := range vaults {
		if vault.Token(p) != vaults[0].Token(p) || vault.Digest("a") != vaults[0].Digest("a") {
			t.Fatalf("node %d has another permanent key", i)
		}
		for k := range sealed {
			if back, err := vault.Unseal(t.Context(), day, sealed[k], payment); err != nil || back != p {
				t.Fatalf("node %d cannot read node %d: %v", i, k, err)
			}
		}
	}
}

func TestWrongMasterKey(t *testing.T) {
	vault, pool, master := newVault(t)
	sealed := seal(t, vault, day, card(t, "6037990000000014"), payment)
	if _, err := Open(t.Context(), pool, newMaster(t)); !fault.Is(err, fault.Denied) {
		t.Fatalf("another master key: %v", err)
	}
	if _, err := Open(t.Context(), pool, MasterKey{}); !fault.Is(err, fault.Invalid) {
		t.Fatalf("no master key: %v", err)
	}
	restarted := open(t, pool, master)
	if _, err := restarted.Unseal(t.Context(), day, sealed, payment); err != nil {
		t.Fatalf("after a restart: %v", err)
	}
}

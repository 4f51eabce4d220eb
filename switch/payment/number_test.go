package payment

import (
	"strings"
	"sync"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/testdb"
	"treasury-switch/ledger"
)

func TestNumbersOfAPayment(t *testing.T) {
	day := calendar.On(2026, time.November, 21) // 1405/08/30, day 246 of the year
	rrn := NewRRN(day, 7)
	if rrn.String() != "524600000007" || rrn.STAN() != 8 || rrn.Serial() != 7 {
		t.Errorf("RRN %s, STAN %d, serial %d", rrn, rrn.STAN(), rrn.Serial())
	}
	if back, err := ParseRRN(rrn.String()); err != nil || back != rrn {
		t.Errorf("parsed %v, %v", back, err)
	}
	for _, bad := range []string{"", "52460000000", "5246000000071", "52460000000x", "-24600000007"} {
		if _, err := ParseRRN(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestTrackingCode(t *testing.T) {
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	day := calendar.On(2026, time.November, 21)
	live, test := NewTracking(ledger.Live, day, 7), NewTracking(ledger.Test, day, 7)
	if len(live) != 16 || !strings.HasPrefix(string(live), "052461000000007") || live == test {
		t.Errorf("codes %s and %s", live, test)
	}
	persian := strings.NewReplacer("0", "۰", "1", "۱", "5", "۵").Replace(string(live))
	code, back, serial, err := ParseTracking(persian, now)
	if err != nil || code != live || back != day || serial != 7 {
		t.Errorf("parsed %s of %s, serial %d: %v", code, back, serial, err)
	}
	for i := range live { // every single wrong digit is noticed
		wrong := []byte(live)
		wrong[i] = '0' + (wrong[i]-'0'+1)%10
		if _, _, _, err := ParseTracking(string(wrong), now); !fault.Is(err, fault.Invalid) {
			t.Errorf("digit %d wrong: %v", i, err)
		}
	}
	for _, bad := range []string{"", "1", "abcdefghijklmnop", "00000000000000000"} {
		if _, _, _, err := ParseTracking(bad, now); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Numbers are unique over nodes, and a range is never given twice, also after a
// node lost its memory.
func TestSerialsAreUniqueOverNodes(t *testing.T) {
	db, now := testdb.New(t), time.Now()
	day := calendar.DateOf(now)
	var mu sync.Mutex
	seen := map[int32]bool{}
	var all sync.WaitGroup
	for _, node := range []string{"a", "b", "a"} { // the third is the first one, restarted
		n := NewNumbers(db, node)
		for range 2 {
			all.Go(func() {
				for range 300 {
					serial, err := n.Next(t.Context(), 101, day, now)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					if seen[serial] {
						t.Errorf("serial %d twice", serial)
					}
					seen[serial] = true
					mu.Unlock()
				}
			})
		}
	}
	all.Wait()
	for serial := range seen {
		agency, err := AgencyOfSerial(t.Context(), db, day, serial)
		if err != nil || agency != 101 {
			t.Fatalf("serial %d leads to %d: %v", serial, agency, err)
		}
	}
	if _, err := AgencyOfSerial(t.Context(), db, day, 90_000_000); !fault.Is(err, fault.NotFound) {
		t.Errorf("a serial that nobody took: %v", err)
	}
}

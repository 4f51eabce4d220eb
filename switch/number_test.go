package switching

import (
	"strings"
	"sync"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

func TestNumbersOfAPayment(t *testing.T) {
	day := calendar.On(2026, time.November, 21) // 1405/08/30, day 246 of the year
	rrn := payment.NewRRN(day, 7)
	if rrn.String() != "524600000007" || rrn.STAN() != 8 || rrn.Serial() != 7 {
		t.Errorf("RRN %s, STAN %d, serial %d", rrn, rrn.STAN(), rrn.Serial())
	}
	if back, err := payment.ParseRRN(rrn.String()); err != nil || back != rrn {
		t.Errorf("parsed %v, %v", back, err)
	}
	for _, bad := range []string{"", "52460000000", "5246000000071", "52460000000x", "-24600000007"} {
		if _, err := payment.ParseRRN(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestTrackingCode(t *testing.T) {
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	day := calendar.On(2026, time.November, 21)
	live, test := payment.NewTracking(ledger.Live, day, 7), payment.NewTracking(ledger.Test, day, 7)
	if len(live) != 16 || !strings.HasPrefix(string(live), "052461000000007") || live == test {
		t.Errorf("codes %s and %s", live, test)
	}
	persian := strings.NewReplacer("0", "۰", "1", "۱", "5", "۵").Replace(string(live))
	code, back, serial, err := payment.ParseTracking(persian, now)
	if err != nil || code != live || back != day || serial != 7 {
		t.Errorf("parsed %s of %s, serial %d: %v", code, back, serial, err)
	}
	for i := range live { // every single wrong digit is noticed
		wrong := []byte(live)
		wrong[i] = '0' + (wrong[i]-'0'+1)%10
		if _, _, _, err := payment.ParseTracking(string(wrong), now); !fault.Is(err, fault.Invalid) {
			t.Errorf("digit %d wrong: %v", i, err)
		}
	}
	for _, bad := range []string{"", "1", "abcdefghijklmnop", "00000000000000000"} {
		if _, _, _, err := payment.ParseTracking(bad, now); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Numbers are unique over nodes, and a range is never given twice, also after a
// node lost its memory.
func TestSerialsAreUniqueOverNodes(t *testing.T) {
	r := newRig(t)
	day := calendar.DateOf(r.clock.now())
	var mu sync.Mutex
	seen := map[int32]bool{}
	var all sync.WaitGroup
	for _, node := range []string{"a", "b", "a"} { // the third is the first one, restarted
		n := NewNumbers(r.db, node)
		for range 2 {
			all.Go(func() {
				for range 300 {
					serial, err := n.Next(t.Context(), 101, day, r.clock.now())
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
		agency, err := payment.AgencyOfSerial(t.Context(), r.db, day, serial)
		if err != nil || agency != 101 {
			t.Fatalf("serial %d leads to %d: %v", serial, agency, err)
		}
	}
	if _, err := payment.AgencyOfSerial(t.Context(), r.db, day, 90_000_000); !fault.Is(err, fault.NotFound) {
		t.Errorf("a serial that nobody took: %v", err)
	}
}

func TestLadderOfTimers(t *testing.T) {
	if err := DefaultTimers.Check(); err != nil {
		t.Error(err)
	}
	if err := testTimers.Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Timers){
		"switch before network":  func(l *Timers) { l.Switch = l.Network + time.Second },
		"terminal before switch": func(l *Timers) { l.Terminal = l.Switch + 4*time.Second },
		"send-before too long":   func(l *Timers) { l.SendBefore = l.Network },
		"no in-flight window":    func(l *Timers) { l.InFlight = 0 },
		"negative grace":         func(l *Timers) { l.Grace = -1 },
	} {
		l := DefaultTimers
		change(&l)
		if err := l.Check(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The order of checks: agency, service, price, limits, accounts, card.
func TestRefusalsBeforeAnythingIsSent(t *testing.T) {
	r := newRig(t)
	for name, c := range map[string]struct {
		change func(*Purchase)
		want   payment.Code
		kept   bool
	}{
		"unknown terminal":   {func(p *Purchase) { p.Terminal = "99999999" }, payment.UnknownTerminal, false},
		"wrong acceptor":     {func(p *Purchase) { p.Acceptor = "000000000000102" }, payment.InvalidAcceptor, true},
		"unknown service":    {func(p *Purchase) { p.Tariff.Service = "NOPE" }, payment.InvalidRequest, true},
		"wrong currency":     {func(p *Purchase) { p.Currency = "840" }, payment.InvalidRequest, true},
		"unknown processing": {func(p *Purchase) { p.Processing = "200000" }, payment.InvalidRequest, true},
		"amount zero":        {func(p *Purchase) { p.Amount = 0 }, payment.InvalidAmount, true},
		"amount not quoted":  {func(p *Purchase) { p.Amount++ }, payment.InvalidAmount, true},
		"bad Luhn":           {func(p *Purchase) { p.BadCard = true }, payment.InvalidCard, true},
		"units missing":      {func(p *Purchase) { p.Tariff.Units = 0 }, payment.FormatError, false},
	} {
		p := r.purchase()
		c.change(p)
		if a := r.Purchase(t.Context(), p); a.Code != c.want {
			t.Errorf("%s: answer %s, want %s", name, a.Code, c.want)
		}
		_, err := payment.Load(t.Context(), r.db, r.key(101, p.Identity))
		if (err == nil) != c.kept {
			t.Errorf("%s: its identity is taken: %v, want %v", name, err == nil, c.kept)
		}
	}
	r.cfg.Limits.Amount = 999_999
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OverLimit)
	if sent, _ := r.net.counts(); sent != 0 {
		t.Errorf("%d debits sent", sent)
	}
	r.holds()
}

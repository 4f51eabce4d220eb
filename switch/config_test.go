package switching

import (
	"testing"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment"
)

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

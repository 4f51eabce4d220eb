package switching

import (
	"slices"
	"testing"
	"time"

	"treasury-switch/identity"
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
		"unknown terminal":               {func(p *Purchase) { p.Terminal = "99999999" }, payment.UnknownTerminal, false},
		"wrong acceptor":                 {func(p *Purchase) { p.Acceptor = "000000000000102" }, payment.InvalidAcceptor, true},
		"unknown service":                {func(p *Purchase) { p.Tariff.Service = "NOPE" }, payment.InvalidRequest, true},
		"not served":                     {func(p *Purchase) { p.Refused = payment.InvalidRequest }, payment.InvalidRequest, true},
		"amount zero":                    {func(p *Purchase) { p.Amount = 0 }, payment.InvalidAmount, true},
		"amount not quoted":              {func(p *Purchase) { p.Amount++ }, payment.InvalidAmount, true},
		"not served, and a wrong amount": {func(p *Purchase) { p.Refused = payment.InvalidRequest; p.Amount++ }, payment.InvalidRequest, true},
		"bad Luhn, and a wrong amount":   {func(p *Purchase) { p.Refused = payment.InvalidCard; p.Amount++ }, payment.InvalidAmount, true},
		"bad Luhn":                       {func(p *Purchase) { p.Refused = payment.InvalidCard }, payment.InvalidCard, true},
		"units missing":                  {func(p *Purchase) { p.Tariff.Units = 0 }, payment.FormatError, false},
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

// partsVault keeps the parts of a digest.
type partsVault struct {
	Vault
	parts []string
}

func (v *partsVault) Digest(parts ...string) (d [16]byte) {
	v.parts = parts
	return d
}

// What a repeat must not change, in the order in which it always was: a repeat is one still after an upgrade. What the card proves is not part of
// it, and so is never kept, not even as a hash.
func TestContentOfARequest(t *testing.T) {
	vault := &partsVault{}
	s := &Switch{Parts: Parts{Vault: vault}}
	cvv2, err := identity.ParseCVV2("123")
	if err != nil {
		t.Fatal(err)
	}
	s.fingerprint(&Purchase{
		Amount: 1_000_000, Card: Card{PAN: mustPAN(t, "6037990000000014"), CVV2: cvv2}, Repeat: true, Reference: "7", Refused: payment.InvalidCard,
		Content: Content{Operation: "000000", Currency: "364", Text: "SVC004FORM"},
	})
	if want := []string{"content", "6037990000000014", "000000", "364", "1000000", "SVC004FORM"}; !slices.Equal(vault.parts, want) {
		t.Errorf("%q, want %q", vault.parts, want)
	}
}

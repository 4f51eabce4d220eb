package switching

import (
	"reflect"
	"strings"
	"testing"

	"treasury-switch/calendar"
	"treasury-switch/switch/payment"
	"treasury-switch/tariffs"
)

// manyTariff has two levels and an exemption, by codes with digits and hyphens. Until 20 days ago the day of payment
// decided, and a unit cost 1,000 or 3,000; since then the day of the request does, and it costs 2,000 or 6,000.
const manyTariff = `
service: FORM
agency: 101
title: {fa: فرم, en: Form}
from: 1400/01/01
until: CHANGED
basis: {instrument: قانون}
components:
  - code: form
    title: {fa: فرم, en: Form}
    per_unit: {LEVEL-1: 1000, LEVEL-2: 3000}
    exempt:
      - {category: VETERAN-25, percent: 25, basis: {instrument: قانون}}
    account: P-101-01
---
service: FORM
agency: 101
title: {fa: فرم, en: Form}
from: CHANGED
decided_by: request
basis: {instrument: قانون}
components:
  - code: form
    title: {fa: فرم, en: Form}
    per_unit: {LEVEL-1: 2000, LEVEL-2: 6000}
    exempt:
      - {category: VETERAN-25, percent: 25, basis: {instrument: قانون}}
    account: P-101-01
`

// newManyRig is a rig with that tariff, and the day on which it changed.
func newManyRig(t *testing.T) (*rig, calendar.Date) {
	t.Helper()
	r := newRig(t)
	changed := calendar.DateOf(r.clock.Now()).Add(-20)
	versions, err := tariffs.Parse("many.yaml", []byte(strings.ReplaceAll(manyTariff, "CHANGED", changed.JalaliString())))
	r.must(err)
	set, err := tariffs.NewSet(versions)
	r.must(err)
	r.Tariffs = func() *tariffs.Set { return set }
	return r, changed
}

// What a price was asked with is kept, so that it can be reckoned again: codes with digits in them as well, and the days
// of the request and of the service.
func TestInputsOfAPriceAreKept(t *testing.T) {
	r, changed := newManyRig(t)
	p := r.purchase()
	p.Tariff = tariffs.Request{Service: "FORM", Units: 10, Base: 5, HasBase: true, Category: "VETERAN-25", Option: "LEVEL-2", FirstYear: 1402,
		Due: p.LocalDate, Requested: changed.Add(3), Served: changed.Add(7)}
	p.Amount = 45_000
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	there := r.payment(p)
	want := p.Tariff
	want.Date = p.LocalDate
	if asked := there.Price.Request(p.LocalDate); asked != want {
		t.Errorf("kept %+v, asked %+v", asked, want)
	}
	quote, err := r.Tariffs().Quote(there.Price.Request(p.LocalDate))
	if err != nil || quote.Total != p.Amount || quote.Versions[0] != there.Price.Versions[0] {
		t.Errorf("asked again: %+v, %v", quote, err)
	}
	r.holds()
}

// A code that the tariff does not know is refused as a fault of form, and nothing of it is kept: it may be anything that
// was typed, even the digits of a card.
func TestUnknownCodesAreRefusedAndNotKept(t *testing.T) {
	r, changed := newManyRig(t)
	for _, change := range []func(*tariffs.Request){
		func(r *tariffs.Request) { r.Category = "VETERAN" }, func(r *tariffs.Request) { r.Category = "6037990000000014" },
		func(r *tariffs.Request) { r.Option = "LEVEL-3" }, func(r *tariffs.Request) { r.Option = "A6037990000000014" },
	} {
		p := r.purchase()
		p.Tariff = tariffs.Request{Service: "FORM", Units: 500, Option: "LEVEL-1", Requested: changed}
		change(&p.Tariff)
		r.wantCode(r.Purchase(t.Context(), p), payment.FormatError)
		if a := r.Inquire(t.Context(), &Inquiry{Acceptor: acceptor, Terminal: "10100001", Tariff: p.Tariff}); a.Code != payment.FormatError {
			t.Errorf("%+v: inquiry answered %s", p.Tariff, a.Code)
		}
	}
	var rows int
	r.must(r.owner.QueryRow(t.Context(), `SELECT count(*) FROM payment`).Scan(&rows))
	if sent, _ := r.net.counts(); rows != 0 || sent != 0 || len(r.Switch.terms(r.clock.Now()).offers.known) != 0 {
		t.Errorf("%d payments, %d debits, %d prices remembered", rows, sent, len(r.Switch.terms(r.clock.Now()).offers.known))
	}
}

// Where the day of the request decides, it must be named: the day of payment is not taken for it.
func TestTheDayThatDecidesMustBeNamed(t *testing.T) {
	r, changed := newManyRig(t)
	today := calendar.DateOf(r.clock.Now())
	for name, row := range map[string]struct {
		requested, served calendar.Date
		unit              int64
		code              payment.Code
		decided           calendar.Date
		by                tariffs.Decider
	}{
		"not named":            {0, 0, 2_000, payment.FormatError, 0, ""},
		"another one is named": {0, changed, 2_000, payment.FormatError, 0, ""},
		"before the change":    {changed.Add(-1), 0, 1_000, payment.OK, today, tariffs.PaymentDate},
		"on the day of it":     {changed, 0, 2_000, payment.OK, changed, tariffs.RequestDate},
		"today":                {today, 0, 2_000, payment.OK, today, tariffs.RequestDate},
		"before all tariffs":   {calendar.On(1990, 1, 1), 0, 1_000, payment.OK, today, tariffs.PaymentDate},
	} {
		p := r.purchase()
		p.Tariff = tariffs.Request{Service: "FORM", Units: 500, Option: "LEVEL-1", Requested: row.requested, Served: row.served}
		p.Amount = 500 * 1_000
		if row.unit == 2_000 {
			p.Amount = 500 * 2_000
		}
		inquired := r.Inquire(t.Context(), &Inquiry{Acceptor: acceptor, Terminal: "10100001", Tariff: p.Tariff})
		paid := r.Purchase(t.Context(), p)
		for what, a := range map[string]Answer{"inquired": inquired, "paid": paid} {
			if a.Code != row.code || a.Decided != row.decided || a.DecidedBy != row.by || a.Code == payment.OK && a.Amount != p.Amount {
				t.Errorf("%s, %s: %s, %s rial, decided by the %s, %s", name, what, a.Code, a.Amount, a.DecidedBy, a.Decided)
			}
		}
		// The answer of a repeat is the recorded one.
		if p.Repeat = true; row.code == payment.OK && !reflect.DeepEqual(r.Purchase(t.Context(), p), paid) {
			t.Errorf("%s: answered %+v, repeated otherwise", name, paid)
		}
	}
	r.holds()
}

// A6: what is sent again to a node by whose tariffs it has no price gets the answer of its original, not 30: that would say
// that nothing was done.
func TestA6_SentAgainWithoutAPrice(t *testing.T) {
	r, changed := newManyRig(t)
	other, stop, stopped := r.node("node-2") // knows neither options nor days
	defer func() { stop(); <-stopped }()
	p := r.purchase()
	p.Tariff = tariffs.Request{Service: "FORM", Units: 500, Option: "LEVEL-1", Requested: changed}
	r.wantCode(other.Purchase(t.Context(), p), payment.FormatError) // and takes no identity
	paid := r.Purchase(t.Context(), p)
	r.wantCode(paid, payment.OK)
	for _, repeat := range []bool{false, true} {
		p.Repeat = repeat
		if again := other.Purchase(t.Context(), p); !reflect.DeepEqual(again, paid) {
			t.Errorf("repeat %t: answered %+v, then %+v", repeat, paid, again)
		}
	}
	p.Repeat, p.Amount = false, p.Amount+1
	r.wantCode(other.Purchase(t.Context(), p), payment.Duplicate)
	if sent, _ := r.net.counts(); sent != 1 {
		t.Errorf("%d debits", sent)
	}
	r.holds()
}

// A price is remembered for the days that it was asked with, and for no others.
func TestOffersAreKeyedByEveryDay(t *testing.T) {
	r, changed := newManyRig(t)
	term, _ := r.Directory().Terminal("10100001")
	d := r.Switch.terms(r.clock.Now())
	ask := tariffs.Request{Service: "FORM", Units: 1, Option: "LEVEL-1"}
	for range 2 {
		for _, row := range []struct {
			requested, served calendar.Date
			want              int64
		}{{changed.Add(-1), 0, 1_000}, {changed, 0, 2_000}, {changed, changed, 2_000}, {changed.Add(-1), changed, 1_000}} {
			ask.Requested, ask.Served = row.requested, row.served
			made, code := d.offer(term, ask)
			if code != "" || int64(made.total) != row.want || made.price.Requested != row.requested || made.price.Served != row.served {
				t.Errorf("%+v: %d rial, %+v, %q", row, made.total, made.price.Inputs, code)
			}
		}
	}
	if len(d.offers.known) != 4 {
		t.Errorf("%d prices are remembered", len(d.offers.known))
	}
}

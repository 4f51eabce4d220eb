package endtoend

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/pos"
	"treasury-switch/internal/testdb"
	"treasury-switch/iso"
	"treasury-switch/money"
	"treasury-switch/switch/payment"
	"treasury-switch/tariffs"
)

// A claim is charged by the day on which it was filed. The terminal names that day, the answer says that it decided, and
// the payment keeps it, so that the price can be explained and reckoned again.
func TestTheDayOfTheRequestOnTheWire(t *testing.T) {
	n, network := startNode(t)
	defer func() {
		if err := n.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
		_ = network.Close()
	}()
	today := calendar.DateOf(time.Now())
	filed, err := calendar.ParseJalali("1404/12/29") // the last day on which the whole value is charged at the higher rate
	if err != nil {
		t.Fatal(err)
	}
	court := openCounter(t, n, "10200001", 102, 100)
	claim := func(filed calendar.Date) iso.Private {
		return iso.Private{Service: "COURT-CLAIM", Base: 300_000_000, HasBase: true, Requested: filed}
	}
	for _, row := range []struct {
		filed calendar.Date
		total money.Rial
	}{{filed, 10_500_000}, {filed.Add(1), 8_500_000}, {today, 8_500_000}} {
		inquiry := court.send(court.pos.Tariff("COURT-CLAIM", 0), claim(row.filed))
		paid := court.pay(claim(row.filed), row.total)
		for what, answer := range map[string]*iso.Message{"inquiry": inquiry, "payment": paid} {
			told, err := iso.ParsePrivate(answer.Get(48))
			if want := (iso.Decided{By: iso.DecidedByRequest, Day: row.filed}); err != nil || pos.Code(answer) != "00" || pos.Amount(answer) != row.total || told.Decided != want {
				t.Errorf("filed on %s, %s: %s, %s rial, decided by %+v, %v", row.filed, what, pos.Code(answer), pos.Amount(answer), told.Decided, err)
			}
		}
	}
	// Paid today for a claim of then, by the price of now.
	if code := pos.Code(court.pay(claim(filed), 8_500_000)); code != "13" {
		t.Errorf("for the price of another day: %s", code)
	}
	// No day, and none that is one.
	for name, private := range map[string]string{
		"no day": "SVC011COURT-CLAIMBAS009300000000", "the day of the service": "SVC011COURT-CLAIMBAS009300000000SVD00820260320",
		"no such day": "SVC011COURT-CLAIMBAS009300000000RQD00820260230", "Jalali": "SVC011COURT-CLAIMBAS009300000000RQD00814041229",
		"short": "SVC011COURT-CLAIMBAS009300000000RQD006260320", "twice": "SVC011COURT-CLAIMBAS009300000000RQD00820260320RQD00820260320",
		"an unknown category": "SVC011COURT-CLAIMBAS009300000000RQD00820260320CAT004NEDY",
	} {
		m := court.pos.Purchase(pos.Sale{Amount: 8_500_000})
		m.Set(2, "6037990000000014")
		m.Set(48, private)
		answer, err := court.line.Exchange(t.Context(), m)
		if err != nil || pos.Code(answer) != "30" {
			t.Errorf("%s: %s, %v", name, pos.Code(answer), err)
		}
	}
	credited(t, map[string]money.Rial{"R-102-140102-01": 10_500_000 + 2*8_500_000})
	pricesOf(t).explained("request "+filed.String(), "request "+filed.Add(1).String(), "request "+today.String())
	holds(t)
}

// recordedPrices are the prices of a test's payments, as the database has them.
type recordedPrices struct {
	t      *testing.T
	prices []payment.RecordedPrice
}

func pricesOf(t *testing.T) recordedPrices {
	t.Helper()
	r := recordedPrices{t: t}
	today := calendar.DateOf(time.Now())
	err := payment.RecordedPrices(t.Context(), testdb.New(t), payment.PriceQuery{Book: 1, From: today.Add(-1), To: today.Add(1)},
		func(batch []payment.RecordedPrice, _, _ int64) error {
			r.prices = append(r.prices, batch...)
			return nil
		})
	if err != nil || len(r.prices) == 0 {
		t.Fatalf("%d prices, %v", len(r.prices), err)
	}
	return r
}

// explained reckons each price again from what was recorded, by the versions that it names and by those in force, and holds which days decided.
func (r recordedPrices) explained(decided ...string) {
	r.t.Helper()
	set, err := tariffs.LoadSet(r.t.Context(), testdb.New(r.t))
	if err != nil {
		r.t.Fatal(err)
	}
	var seen []string
	for _, p := range r.prices {
		day, by := p.Price.Decided(calendar.DateOf(p.OpenedAt))
		seen = append(seen, string(by)+" "+day.String())
		var versions []tariffs.Version
		for _, id := range p.Price.Versions {
			v, _ := set.Version(id)
			versions = append(versions, v)
		}
		again, err := tariffs.QuoteBy(versions, p.Price.Request(calendar.DateOf(p.OpenedAt)))
		now, nowErr := set.Quote(p.Price.Request(calendar.DateOf(p.OpenedAt)))
		if err != nil || nowErr != nil || again.Total != p.Amount || now.Total != p.Amount || again.DecidedBy != by || now.Decided != day {
			text, _ := json.Marshal(&p.Price)
			r.t.Errorf("%s: %d and %d rial, %v, %v", text, again.Total, now.Total, err, nowErr)
		}
	}
	slices.Sort(seen)
	slices.Sort(decided)
	if !slices.Equal(seen, decided) {
		r.t.Errorf("the payments keep %v, want %v", seen, decided)
	}
}

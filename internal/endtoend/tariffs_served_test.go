package endtoend

import (
	"fmt"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/pos"
	"treasury-switch/internal/testdb"
	"treasury-switch/iso"
	"treasury-switch/money"
	"treasury-switch/security/access"
	"treasury-switch/tariffs"
)

// servedTariff is a price of a sheet that the day of the service decides.
const servedTariff = `
service: COPY
agency: 102
title: {fa: رونوشت, en: Copy}
from: %s
decided_by: service
basis: {instrument: قانون نمونه, article: "1", gazette: "1", gazette_date: 1400/01/01}
components:
  - {code: sheet, title: {fa: برگ, en: Sheet}, per_unit: %d, account: R-102-140102-01}
`

// enforce brings tariffs into force as two persons do.
func enforce(t *testing.T, texts ...string) {
	t.Helper()
	db := testdb.New(t)
	maker, checker := access.By{User: "maker", At: time.Now()}, access.By{User: "checker", At: time.Now()}
	for _, text := range texts {
		versions, err := tariffs.Parse("copy.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		entered, err := tariffs.Import(t.Context(), db, maker, versions, false)
		if err != nil {
			t.Fatal(err)
		}
		ids := []int64{entered[0].ID}
		if _, err := tariffs.Submit(t.Context(), db, maker, ids); err != nil {
			t.Fatal(err)
		}
		if _, err := tariffs.Approve(t.Context(), db, checker, ids); err != nil {
			t.Fatal(err)
		}
	}
}

// A copy is charged by the day on which it was made, from a change of its tariff on. The terminal names that day, the answer says that it
// decided, and the ledger has its price. What was made before the change is charged by the day of payment, as it was; a day must be named.
func TestTheDayOfTheServiceOnTheWire(t *testing.T) {
	n, network := startNode(t)
	defer func() {
		if err := n.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
		_ = network.Close()
	}()
	today := calendar.DateOf(time.Now())
	first, second := today.Add(-60), today.Add(-30)
	enforce(t, fmt.Sprintf(servedTariff, first.JalaliString(), 400_000), fmt.Sprintf(servedTariff, second.JalaliString(), 500_000))
	court := openCounter(t, n, "10200001", 102, 100)
	sheets := func(served, requested calendar.Date) iso.Private {
		return iso.Private{Service: "COPY", Units: 2, Served: served, Requested: requested}
	}
	const before, between, now = money.Rial(600_000), money.Rial(800_000), money.Rial(1_000_000)
	await(t, "the node knows the new tariffs", func() bool {
		asked := pos.Amount(court.send(court.pos.Tariff("COPY", 0), sheets(second, second)))
		return asked != before && asked != between
	})
	service := func(day calendar.Date) iso.Decided { return iso.Decided{By: iso.DecidedByService, Day: day} }
	for _, row := range []struct {
		served calendar.Date
		total  money.Rial
		by     iso.Decided
	}{
		{today, now, service(today)}, {second, now, service(second)}, {second.Add(-1), between, service(second.Add(-1))},
		{first, between, service(first)}, {first.Add(-1), before, iso.Decided{By: iso.DecidedByPayment, Day: today}},
	} {
		inquiry := court.send(court.pos.Tariff("COPY", 0), sheets(row.served, 0))
		paid := court.pay(sheets(row.served, second.Add(-1)), row.total) // The day of the request decides nothing.
		for what, answer := range map[string]*iso.Message{"inquiry": inquiry, "payment": paid} {
			told, err := iso.ParsePrivate(answer.Get(48))
			if err != nil || pos.Code(answer) != "00" || pos.Amount(answer) != row.total || told.Decided != row.by {
				t.Errorf("made on %s, %s: %s, %s rial, decided by %+v, %v", row.served, what, pos.Code(answer), pos.Amount(answer), told.Decided, err)
			}
		}
	}
	if code := pos.Code(court.pay(sheets(second.Add(-1), 0), now)); code != "13" {
		t.Errorf("for the price of another day: %s", code)
	}
	for name, asked := range map[string]iso.Private{"no day": sheets(0, 0), "the day of the request": sheets(0, today)} {
		if code := pos.Code(court.pay(asked, now)); code != "30" {
			t.Errorf("%s: paid by %s", name, code)
		}
		if code := pos.Code(court.send(court.pos.Tariff("COPY", 0), asked)); code != "30" {
			t.Errorf("%s: asked by %s", name, code)
		}
	}
	credited(t, map[string]money.Rial{"R-102-140102-01": 2*now + 2*between + before})
	pricesOf(t).explained("service "+today.String(), "service "+second.String(), "service "+second.Add(-1).String(), "service "+first.String(),
		"payment "+today.String())
	holds(t)
}

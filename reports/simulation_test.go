package reports

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
	"treasury-switch/switch/payment"
	"treasury-switch/tariffs"
)

// tried reads files of the sample with some words replaced.
func tried(t *testing.T, replaced *strings.Replacer, files ...string) []tariffs.Version {
	t.Helper()
	var all []tariffs.Version
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join("../examples/tariffs", file))
		if err != nil {
			t.Fatal(err)
		}
		versions, err := tariffs.Parse(file, []byte(replaced.Replace(string(text))))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, versions...)
	}
	return all
}

// paid is a payment of a service on a Jalali day.
func paid(t *testing.T, agency int32, service, day string, amount money.Rial, units int64, base money.Rial) payment.RecordedPrice {
	t.Helper()
	return payment.RecordedPrice{
		Key: payment.Key{Agency: agency}, Amount: amount, OpenedAt: jalali(t, day).Begins().Add(time.Hour),
		Price: payment.Price{Service: service, Inputs: payment.Inputs{Units: units, Base: base}},
	}
}

func TestSimulation(t *testing.T) {
	replaced := strings.NewReplacer("10,000", "15,000", "from: 1405/01/01", "from: 1406/01/01", "300,000", "330,000")
	s, err := NewSimulator(sampleSet(t), tried(t, replaced, "1405/passport.yaml", "1405/copy.yaml", "1405/court-claim.yaml",
		"1405/traffic-fine.yaml", "1405/complaint.yaml", "1405/vehicle-transfer.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []payment.RecordedPrice{
		paid(t, 101, "PASSPORT", "1405/08/30", 1_476_112, 0, 0),               // 5,000 more
		paid(t, 101, "PASSPORT", "1405/08/30", 1_476_112, 0, 0),               // again
		paid(t, 102, "COPY", "1405/08/30", 900_000, 3, 0),                     // 3 times 30,000 more
		paid(t, 102, "COURT-CLAIM", "1404/06/01", 10_500_000, 0, 300_000_000), // slab then, marginal now: 8,500,000
		paid(t, 103, "DEED", "1405/01/01", 10_000, 0, 1_000_000),              // nothing else is tried on it
		paid(t, 104, "TRAFFIC-FINE", "1405/01/01", 500_000, 0, 500_000),       // for which day was it due?
		paid(t, 102, "COMPLAINT", "1405/01/01", 40_000, 0, 0),                 // who paid less, and why?
		paid(t, 102, "COPY", "1405/08/30", 300_000, 0, 0),                     // how many sheets?
		paid(t, 102, "COPY", "1380/08/30", 300_000, 1, 0),                     // before the first tariff
		paid(t, 108, "VEHICLE-TRANSFER", "1405/01/01", 1, 0, 100),             // home-made or imported?
	} {
		if err := s.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Result(jalali(t, "1404/01/01"), jalali(t, "1405/12/29"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Revenue{Payments: 5, Before: 14_362_224, After: 12_462_224, Difference: -1_900_000, Percent: "-13.23"}); got.Total != want {
		t.Errorf("total %+v", got.Total)
	}
	checkAgencies(t, got)
	left := []UnpricedRevenue{
		{102, "COMPLAINT", otherInputs, 1, 40_000},
		{102, "COPY", tariffs.ErrNoVersion.Error(), 1, 300_000},
		{102, "COPY", tariffs.ErrMissingUnits.Error(), 1, 300_000},
		{104, "TRAFFIC-FINE", tariffs.ErrMissingDue.Error(), 1, 500_000},
		{108, "VEHICLE-TRANSFER", tariffs.ErrMissingFirstYear.Error(), 1, 1},
	}
	if !reflect.DeepEqual(got.Unpriced, left) {
		t.Errorf("left out: %+v", got.Unpriced)
	}
}

// checkAgencies checks the rows, agency by agency.
func checkAgencies(t *testing.T, got Simulation) {
	t.Helper()
	if len(got.Agencies) != 3 || got.Agencies[0].Agency != 101 || got.Agencies[1].Agency != 102 || got.Agencies[2].Agency != 103 {
		t.Fatalf("agencies %+v", got.Agencies)
	}
	if want := (Revenue{Payments: 2, Before: 2_952_224, After: 2_962_224, Difference: 10_000, Percent: "0.34"}); got.Agencies[0].Revenue != want {
		t.Errorf("agency 101: %+v", got.Agencies[0].Revenue)
	}
	courts := got.Agencies[1]
	if len(courts.Services) != 2 || courts.Services[0].Service != "COPY" || courts.Services[0].After != 990_000 ||
		courts.Services[1].Service != "COURT-CLAIM" || courts.Services[1].After != 8_500_000 || courts.Difference != -1_910_000 {
		t.Errorf("agency 102: %+v", courts)
	}
	if deeds := got.Agencies[2]; !deeds.Services[0].Same || deeds.Difference != 0 || deeds.Percent != "0" {
		t.Errorf("agency 103: %+v", deeds)
	}
}

// Last year's tariff, which has an end, can be tried on this year's payments.
func TestATariffIsTriedBeyondItsDays(t *testing.T) {
	s, err := NewSimulator(sampleSet(t), tried(t, strings.NewReplacer(), "1404/court-claim.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Add(paid(t, 102, "COURT-CLAIM", "1405/06/01", 8_500_000, 0, 300_000_000)); err != nil {
		t.Fatal(err)
	}
	got, err := s.Result(jalali(t, "1405/01/01"), jalali(t, "1405/12/29"), nil)
	if err != nil || got.Total.After != 10_500_000 {
		t.Errorf("%+v, %v", got, err)
	}
}

// Whatever a price depended on is recorded and asked with again: the payer's category and option, and the days of the
// request and of the service.
func TestRecordedInputsAreAskedAgain(t *testing.T) {
	replaced := strings.NewReplacer("HOME: 1", "HOME: 3", "from: 1405/01/01", "from: 1406/01/01", "100,000", "200,000", "percent: 100", "percent: 50")
	s, err := NewSimulator(sampleSet(t), tried(t, replaced, "1405/court-claim.yaml", "1405/complaint.yaml", "1405/vehicle-transfer.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	claim := paid(t, 102, "COURT-CLAIM", "1405/06/01", 10_500_000, 0, 300_000_000) // filed in 1404: 8,500,000 by the other
	claim.Price.Requested, claim.Price.By = jalali(t, "1404/12/29"), tariffs.RequestDate
	complaint := paid(t, 102, "COMPLAINT", "1405/06/01", 0, 0, 0) // half of 200,000 by the other
	complaint.Price.Category = "NEEDY"
	transfer := paid(t, 108, "VEHICLE-TRANSFER", "1405/06/01", 7_000_000, 0, 1_000_000_000) // 1 % of 70 %; 3 % by the other
	transfer.Price.Option, transfer.Price.FirstYear = "HOME", 1402
	unknown := paid(t, 102, "COMPLAINT", "1405/06/01", 100_000, 0, 0)
	unknown.Price.Category = "FREE"
	for _, p := range []payment.RecordedPrice{claim, complaint, transfer, unknown} {
		if err := s.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Result(jalali(t, "1405/01/01"), jalali(t, "1405/12/29"), nil)
	if want := (Revenue{Payments: 3, Before: 17_500_000, After: 8_500_000 + 100_000 + 21_000_000, Difference: 12_100_000, Percent: "69.14"}); err != nil || got.Total != want {
		t.Errorf("%+v, %v", got.Total, err)
	}
	if want := []UnpricedRevenue{{102, "COMPLAINT", tariffs.ErrUnknownCategory.Error(), 1, 100_000}}; !reflect.DeepEqual(got.Unpriced, want) {
		t.Errorf("left out: %+v", got.Unpriced)
	}
}

func TestEveryReasonIsTold(t *testing.T) {
	for _, known := range reasons {
		if got := reason(fault.New(fault.KindOf(known), "service X: component y: %w", known)); got != known.Error() {
			t.Errorf("%v: %q", known, got)
		}
	}
	if got := reason(tariffs.ErrBadInput); got != otherPrice {
		t.Errorf("%q", got)
	}
}

func TestSimulationRefusals(t *testing.T) {
	twice := tried(t, strings.NewReplacer(), "1405/passport.yaml", "1405/passport.yaml")
	if _, err := NewSimulator(sampleSet(t), twice); err == nil {
		t.Error("the same tariff twice is taken")
	}
	s, err := NewSimulator(sampleSet(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	huge := paid(t, 101, "X", "1405/01/01", money.Rial(1<<63-1), 0, 0)
	if err := s.Add(huge); err != nil {
		t.Fatal(err)
	}
	if err := s.Add(huge); !fault.Is(err, fault.Bug) {
		t.Errorf("more than a Rial holds: %v", err)
	}
	empty, err := NewSimulator(sampleSet(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := empty.Result(calendar.Date(1), calendar.Date(2), nil)
	if err != nil || got.Agencies == nil || got.Unpriced == nil || got.Total != (Revenue{}) {
		t.Errorf("nothing paid: %+v, %v", got, err)
	}
}

package main

import (
	"encoding/json"
	"strings"
	"testing"

	"treasury-switch/dossier"
	"treasury-switch/internal/testdb"
	"treasury-switch/ledger"
)

// priced makes the payment of stuck one of three pages by a tariff, with the lines given.
func priced(t *testing.T, tariff, amount int64, lines string) string {
	t.Helper()
	code := stuck(t)
	account, err := ledger.Find(t.Context(), testdb.New(t), ledger.Live, "R-102-140102-01")
	if err != nil {
		t.Fatal(err)
	}
	price := `{"s":"COPY","v":[` + itoa(tariff) + `],"u":3,"l":[` + lines + `],"h":[{"a":` + itoa(int64(account.ID)) + `,"r":` + itoa(amount) + `}]}`
	if _, err := testdb.Owner(t).Exec(t.Context(), `UPDATE payment SET price = $1, amount = $2`, price, amount); err != nil {
		t.Fatal(err)
	}
	return code
}

// inForce brings the sample tariff of a copy into force and returns its id.
func inForce(t *testing.T, url string) int64 {
	t.Helper()
	file := tariffFile(t, "COPY", "1404/01/01", "250,000")
	var entered []struct{ ID int64 }
	_, out, problem := command(t, "tariffs", "import", file, "--as=maker", "--json", url)
	if err := json.Unmarshal([]byte(out), &entered); err != nil || len(entered) != 1 {
		t.Fatal(err, out, problem)
	}
	walk(t, url, []called{{"tariffs submit COPY --as maker", 0, ""}, {"tariffs approve " + itoa(entered[0].ID)[:9] + " --as checker", 0, "approved"}})
	return entered[0].ID
}

func TestAPaymentIsExplainedByTheTariffThatPricedIt(t *testing.T) {
	url := sampled(t)
	id := inForce(t, url)
	code := priced(t, id, 750_000, `{"c":"copy","r":750000,"l":"قانون نمونه 7"}`)
	// Later changes of the tariff do not matter.
	walk(t, url, []called{
		{"tariffs withdraw COPY --reason annulled --as checker", 0, "has no tariff"},
		{"tariffs explain " + code, 0, "3 x 250,000"},
		{"tariffs explain " + code, 0, "قانون نمونه art. 7"},
		{"tariffs explain " + code, 0, "R-102-140102-01"},
		{"tariffs explain 0524710000002577", 65, "check digit"},
	})
	_, out, problem := command(t, "tariffs", "explain", code, "--json", url)
	var e dossier.Explanation
	if err := json.Unmarshal([]byte(out), &e); err != nil {
		t.Fatal(err, out, problem)
	}
	if !e.Reproduced || e.Amount != 750_000 || len(e.Lines) != 1 || e.Lines[0].Units != 3 || e.Lines[0].Citation.Article != "7" {
		t.Errorf("lines: %s", out)
	}
	if len(e.Shares) != 1 || e.Shares[0].Account != "R-102-140102-01" || e.Shares[0].Name == "" || e.Shares[0].Amount != 750_000 {
		t.Errorf("shares: %+v", e.Shares)
	}
	if len(e.Tariffs) != 1 || e.Tariffs[0].ID != id || e.Tariffs[0].ApprovedBy != "checker" || e.Tariffs[0].SubmittedBy != "maker" ||
		e.Tariffs[0].State != "withdrawn" || len(e.Tariffs[0].History) != 4 {
		t.Errorf("tariffs: %+v", e.Tariffs)
	}
}

// The recorded lines are what was charged, also where the tariff cannot be asked again.
func TestAPaymentIsExplainedByItsRecordedLines(t *testing.T) {
	url := sampled(t)
	id := inForce(t, url)
	code := priced(t, id, 700_000, `{"c":"copy","r":500000,"l":"قانون نمونه 7"},{"c":"gone","r":200000,"l":"an older law"}`)
	walk(t, url, []called{{"tariffs explain " + code, 0, "These are the recorded lines"}, {"tariffs explain " + code, 0, "an older law"}})
	_, out, _ := command(t, "tariffs", "explain", code, "--json", url)
	var e dossier.Explanation
	if err := json.Unmarshal([]byte(out), &e); err != nil || e.Reproduced || len(e.Lines) != 2 || e.Lines[0].Amount != 500_000 || e.Lines[0].Title.En != "Copy" {
		t.Errorf("%v %s", err, out)
	}
	if _, err := testdb.Owner(t).Exec(t.Context(), `UPDATE payment SET price = '{"s":"COPY"}'`); err != nil {
		t.Fatal(err)
	}
	if _, out, _ := command(t, "tariffs", "explain", code, url); !strings.Contains(out, "before it had a price") {
		t.Errorf("without a price: %s", out)
	}
}

// A payment by codes with digits in them, decided by the day of its request, is reckoned again from what was recorded, also
// where its tariff has given way to another since.
func TestAPaymentIsExplainedByItsCodesAndDays(t *testing.T) {
	url := sampled(t)
	file := written(t, "copy.yaml", sold("1404/01/01", "until: 1405/01/01\ndecided_by: request\n",
		"per_unit: {LEVEL-1: 100000, LEVEL-2: 500000}, exempt: [{category: N1, percent: 50, basis: {instrument: a}}]", "R-102-140102-01")+
		"---\n"+sold("1405/01/01", "", "per_unit: 900000", "P-107-01"))
	var entered []struct{ ID int64 }
	_, out, problem := command(t, "tariffs", "import", file, "--as=maker", "--json", url)
	if err := json.Unmarshal([]byte(out), &entered); err != nil || len(entered) != 2 {
		t.Fatal(err, out, problem)
	}
	walk(t, url, []called{{"tariffs submit COPY --as maker", 0, ""}, {"tariffs approve COPY --as checker", 0, "approved"}})
	code := priced(t, entered[0].ID, 750_000, `{"c":"copy","r":750000,"l":"قانون نمونه"}`)
	if _, err := testdb.Owner(t).Exec(t.Context(), `UPDATE payment SET price = replace(price, '"u":3', '"u":3,"o":"LEVEL-2","k":"N1","q":"2025-06-01","g":"request"')`); err != nil {
		t.Fatal(err)
	}
	_, out, problem = command(t, "tariffs", "explain", code, "--json", url)
	var e dossier.Explanation
	if err := json.Unmarshal([]byte(out), &e); err != nil || !e.Reproduced || e.Decided.String() != "2025-06-01" || e.DecidedBy != "request" ||
		len(e.Lines) != 1 || e.Lines[0].Option != "LEVEL-2" || len(e.Exemptions) != 1 || e.Exemptions[0].Category != "N1" {
		t.Errorf("%v %s%s", err, out, problem)
	}
	walk(t, url, []called{{"tariffs explain " + code, 0, "The day of the request decides: 2025-06-01 (1404/03/11)."}})
}

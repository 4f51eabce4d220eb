package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"treasury-switch/internal/testdb"
	"treasury-switch/tariffs"
)

// sampledTariffs is sampled with the tariffs of 1405 in force.
func sampledTariffs(t *testing.T) string {
	t.Helper()
	url := sampled(t)
	files, err := filepath.Glob("../../examples/tariffs/1405/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	versions, err := tariffs.ParseFiles(files...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tariffs.LoadSample(t.Context(), testdb.New(t), versions, time.Now()); err != nil {
		t.Fatal(err)
	}
	return url
}

func TestPriceListInEveryForm(t *testing.T) {
	url := sampledTariffs(t)
	folder := t.TempDir()
	walk(t, url, []called{
		{"tariffs price-list --date 1405-08-30", 0, "حق تشخیص هویت"},
		{"tariffs price-list --date 1405-08-30 --language en", 0, "Up to 200,000,000: 2.5%"},
		{"tariffs price-list --date 1405-08-30 --agency 104", 0, "(LICENCE)"},
		{"tariffs price-list --date 1390-01-01", 0, "No tariff is in force on this day."},
		{"tariffs price-list --date 1405-08-30 --json", 0, `"total": 1476112`},
		{"tariffs price-list --format csv", 0, "\ufeffکد دستگاه,"},
		{"tariffs price-list --format pdf", 0, "%PDF-1.7"},
		{"tariffs price-list --format xlsx", 0, "PK"},
		{"tariffs price-list --format pdf --output " + folder + "/list.pdf", 0, ""},
		{"tariffs price-list --format pdf --output " + folder + "/none/list.pdf", 69, "none"},
		{"tariffs price-list --output " + folder + "/x", 65, "--format csv, xlsx or pdf"},
		{"tariffs price-list --format csv --json", 65, "choose one"},
		{"tariffs price-list --format doc", 64, "must be one of"},
		{"tariffs price-list --date yesterday", 65, "no day"},
	})
	file, err := os.ReadFile(folder + "/list.pdf")
	if err != nil || !strings.HasPrefix(string(file), "%PDF-1.7") || !strings.HasSuffix(string(file), "%%EOF\n") {
		t.Errorf("list.pdf: %d bytes, %v", len(file), err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// pay records an approved payment as the switch does.
func pay(t *testing.T, agency int, service, inputs string, amount int) {
	t.Helper()
	_, err := testdb.Owner(t).Exec(t.Context(), `
		WITH p AS (
			INSERT INTO payment (agency, opened_on, id, rrn, amount, opened_at, deadline, fingerprint, book, feed, channel, acquirer,
				acceptor, terminal, stan, local_time, processing, reference, price, pan_first6, pan_last4)
			SELECT $1, current_date, gen_random_uuid(), 1 + count(*), $2, current_date + time '12:00', now(), gen_random_uuid(), 1, false, 'pos',
				'', '', '', '', '', '', '', $3, '', '' FROM payment
			RETURNING agency, opened_on, id, opened_at)
		INSERT INTO event (agency, opened_on, payment, version, business_day, plan_id, at, was, status, reason, actor, network, told, approval)
		SELECT agency, opened_on, id, 1, opened_on, 1, opened_at, 'PENDING', 'APPROVED', '', '', '', '', '' FROM p`,
		agency, amount, `{"s":"`+service+`"`+inputs+`}`)
	if err != nil {
		t.Fatal(err)
	}
}

func TestSimulateComparesRevenue(t *testing.T) {
	url := sampledTariffs(t)
	for range 3 {
		pay(t, 102, "COPY", `,"u":2`, 600_000)
	}
	pay(t, 101, "PASSPORT", "", 1_476_112)
	pay(t, 102, "COPY", "", 300_000)
	file := tariffFile(t, "COPY", "1410/01/01", "330,000") // long after the payments
	period := " --from " + time.Now().AddDate(0, 0, -2).Format("2006-01-02") + " --to " + time.Now().AddDate(0, 0, 2).Format("2006-01-02")
	walk(t, url, []called{
		{"tariffs simulate --file " + file + period, 0, "1,980,000 |   +180,000 |"},
		{"tariffs simulate --file " + file + period, 0, "number of units is missing"},
		{"tariffs simulate --file " + file + period, 0, "PASSPORT (not in the files)"},
		{"tariffs simulate --book test --file " + file + period, 0, "There is no approved payment"},
		{"tariffs simulate --file " + file + " --from 1405-02-01 --to 1405-01-01", 65, "no days"},
		{"tariffs simulate --file none.yaml" + period, 66, "none.yaml"},
	})
	_, out, _ := command(t, strings.Fields("tariffs simulate --json --file "+file+period+" "+url)...)
	var result struct {
		Total struct {
			Payments, Before, After, Difference int64
			Percent                             string
		}
		Unpriced []struct{ Amount int64 }
	}
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		t.Fatal(err, out)
	}
	if r := result.Total; r.Payments != 4 || r.Before != 3_276_112 || r.After != 3_456_112 || r.Difference != 180_000 || r.Percent != "5.49" {
		t.Errorf("total %+v", r)
	}
	if len(result.Unpriced) != 1 || result.Unpriced[0].Amount != 300_000 {
		t.Errorf("left out %+v", result.Unpriced)
	}
}

// Payments by codes with digits in them are priced again by the same codes, each by its own, and one that the files do not know is left out.
func TestSimulateReadsCodesWithDigits(t *testing.T) {
	url := sampled(t)
	const levels = "per_unit: {LEVEL-1: %s, LEVEL-2: %s}, exempt: [{category: N1, percent: %s, basis: {instrument: a}}, {category: N2, percent: 100, basis: {instrument: a}}]"
	prices := func(name, one, two, percent string) string {
		return written(t, name, sold("1404/01/01", "", fmt.Sprintf(levels, one, two, percent), courts))
	}
	var entered []struct{ ID int64 }
	_, out, problem := command(t, "tariffs", "import", prices("now.yaml", "100000", "500000", "50"), "--as=maker", "--json", url)
	if err := json.Unmarshal([]byte(out), &entered); err != nil || len(entered) != 1 {
		t.Fatal(err, out, problem)
	}
	walk(t, url, []called{{"tariffs submit COPY --as maker", 0, ""}, {"tariffs approve COPY --as checker", 0, "approved"}})
	pay(t, 102, "COPY", `,"u":3,"o":"LEVEL-1"`, 300_000)
	pay(t, 102, "COPY", `,"u":3,"o":"LEVEL-2"`, 1_500_000)
	pay(t, 102, "COPY", `,"u":3,"o":"LEVEL-2","k":"N1"`, 750_000)
	pay(t, 102, "COPY", `,"u":3,"o":"LEVEL-3"`, 300_000)
	next := prices("next.yaml", "110000", "600000", "25") // 330,000, 1,800,000 and 1,350,000
	_, out, problem = command(t, "tariffs", "simulate", "--json", "--file="+next, "--from="+time.Now().AddDate(0, 0, -2).Format(time.DateOnly),
		"--to="+time.Now().AddDate(0, 0, 2).Format(time.DateOnly), url)
	var result struct {
		Total    struct{ Payments, Before, After, Difference int64 }
		Unpriced []struct {
			Amount int64
			Reason string
		}
	}
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		t.Fatal(err, out, problem)
	}
	if r := result.Total; r.Payments != 3 || r.Before != 2_550_000 || r.After != 3_480_000 || r.Difference != 930_000 {
		t.Errorf("total %+v", r)
	}
	if len(result.Unpriced) != 1 || result.Unpriced[0].Amount != 300_000 || !strings.Contains(result.Unpriced[0].Reason, "option") {
		t.Errorf("left out %+v", result.Unpriced)
	}
}

package reports

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/tariffs"
)

// sampleSet is the tariffs that ship with the program.
func sampleSet(t *testing.T) *tariffs.Set {
	t.Helper()
	files, err := filepath.Glob("../examples/tariffs/*/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	versions, err := tariffs.ParseFiles(files...)
	if err != nil {
		t.Fatal(err)
	}
	set, err := tariffs.NewSet(versions)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func jalali(t *testing.T, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseJalali(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// written is a document as plain text, for comparison with a file.
func written(d Document) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", d.Title, strings.Join(d.Facts, "\n"))
	for _, g := range d.Groups {
		fmt.Fprintf(&b, "\n== %s\n", g.Title)
		for _, item := range g.Items {
			fmt.Fprintf(&b, "\n-- %s | %s\n", item.Title, strings.ReplaceAll(item.Side, "\n", " | "))
			for _, row := range item.Rows {
				fmt.Fprintf(&b, "%s\n", row[0])
				for _, cell := range row[1:] {
					fmt.Fprintf(&b, "    %s\n", strings.ReplaceAll(cell, "\n", "\n    "))
				}
			}
		}
	}
	return b.String()
}

func TestPriceListOfTheSample(t *testing.T) {
	names := func(agency int32) (tariffs.Title, bool) {
		return tariffs.Title{Fa: "اداره گذرنامه", En: "Passport office"}, agency == 101
	}
	for _, language := range []Language{Persian, English} {
		list := NewPriceList(sampleSet(t), jalali(t, "1405/08/30"), 0, names)
		got := written(list.Document(language, time.Time{}))
		golden := "testdata/pricelist." + string(language) + ".txt"
		want, err := os.ReadFile(golden)
		if err != nil || got != string(want) {
			t.Errorf("%s, %v: the price list is\n%s", golden, err, got)
		}
	}
}

func TestPriceListOfADayAndAnAgency(t *testing.T) {
	set := sampleSet(t)
	if list := NewPriceList(set, jalali(t, "1390/01/01"), 0, nil); list.Agencies == nil || len(list.Agencies) != 0 {
		t.Errorf("a day without tariffs: %+v", list)
	}
	list := NewPriceList(set, jalali(t, "1405/08/30"), 101, nil)
	if len(list.Agencies) != 1 || list.Agencies[0].Name.En != "Agency 101" || len(list.Agencies[0].Services) != 1 {
		t.Fatalf("agency 101: %+v", list)
	}
	if total := list.Agencies[0].Services[0].Total; total == nil || *total != 1_476_112 {
		t.Errorf("total %v", total)
	}
	// Each day has its own version, and only one.
	for day, claims := range map[string]tariffs.Mode{"1404/12/29": tariffs.Slab, "1405/01/01": tariffs.Marginal} {
		for _, a := range NewPriceList(set, jalali(t, day), 102, nil).Agencies {
			for _, s := range a.Services {
				if s.Service == "COURT-CLAIM" && s.Components[0].Mode != claims {
					t.Errorf("%s: %s", day, s.Components[0].Mode)
				}
			}
		}
	}
}

func TestSheetOfTheSample(t *testing.T) {
	sheet := NewPriceList(sampleSet(t), jalali(t, "1404/12/29"), 0, nil).Sheet(Persian, time.Time{})
	if sheet.Name != "تعرفه 1404-12-29" {
		t.Errorf("name %q", sheet.Name)
	}
	rows := map[string][]Cell{}
	for _, row := range sheet.Rows {
		if len(row) != len(sheet.Columns) {
			t.Fatalf("%d cells in %d columns", len(row), len(sheet.Columns))
		}
		rows[row[2].Text+" "+row[6].Text] = row
	}
	identity, vat, claim := rows["PASSPORT identity"], rows["LICENCE vat"], rows["COURT-CLAIM claim"]
	if identity == nil || identity[0] != Number(101) || identity[8] != Number(10_000) || identity[5].Text != "1404/12/29" {
		t.Errorf("identity: %+v", identity)
	}
	if vat == nil || vat[9] != Text("10") || vat[8] != Text("") {
		t.Errorf("vat: %+v", vat)
	}
	if claim == nil || claim[10].Text != "تا ۲۰۰٬۰۰۰٬۰۰۰: ۲٫۵ درصد؛ بیش از ۲۰۰٬۰۰۰٬۰۰۰: ۳٫۵ درصد؛ نرخ پله بر کل مبنا؛ اگر مبنا معلوم نباشد: ۱٬۵۰۰٬۰۰۰ ریال" {
		t.Errorf("claim: %+v", claim)
	}
}

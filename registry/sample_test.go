package registry

import (
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/testdb"
	"treasury-switch/ledger"
)

func textLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

// TestSampleData loads the product's own sample data, twice, and checks it against what the guide promises.
func TestSampleData(t *testing.T) {
	ctx, db := t.Context(), testdb.New(t)
	files := os.DirFS("../examples/registry")
	loaded, err := LoadSample(ctx, db, files, noon)
	if want := (Loaded{Agencies: 8, Accounts: 26, Terminals: 8*20 + 8*5 + 5, Services: 10}); err != nil || loaded != want {
		t.Fatalf("loaded %+v, %v; want %+v", loaded, err, want)
	}
	if again, err := LoadSample(ctx, db, files, noon); err != nil || again != (Loaded{}) {
		t.Errorf("the second time loaded %+v, %v", again, err)
	}
	d, err := Load(ctx, db)
	must(t, err)
	for code := int32(101); code <= 108; code++ {
		if a, ok := d.Agency(code); !ok || a.State != ledger.Open {
			t.Errorf("agency %d: %+v", code, a)
		}
	}
	for id, want := range map[string]Terminal{
		"10100001": {"10100001", 101, ledger.Live, POS, ledger.Open, 0},
		"10800020": {"10800020", 108, ledger.Live, POS, ledger.Open, 0},
		"10290001": {"10290001", 102, ledger.Live, Kiosk, ledger.Open, 0},
		"19900005": {"19900005", 101, ledger.Test, POS, ledger.Open, 0},
	} {
		if got, _ := d.Terminal(id); got != want {
			t.Errorf("terminal %+v, want %+v", got, want)
		}
	}
	for code, agency := range map[string]int32{
		"PASSPORT": 101, "COPY": 102, "PETITION": 102, "COURT-CLAIM": 102, "COURT-APPEAL": 102, "COMPLAINT": 102, "DEED": 103,
		"TRAFFIC-FINE": 104, "LICENCE": 104, "VEHICLE-TRANSFER": 108,
	} {
		if s, ok := d.Service(code); !ok || s.Agency != agency {
			t.Errorf("service %+v", s)
		}
	}
	for _, code := range []string{
		"R-101-140101-01", "R-105-140201-01", "R-101-160101-01", "P-106-01", "R-102-140102-01", "R-103-160201-01", "R-104-140105-01",
		"R-108-110201-01",
	} {
		for _, book := range []ledger.Book{ledger.Live, ledger.Test} {
			if a, ok := d.Account(book, code); !ok || a.State != ledger.Open || !a.ValidOn(saturday) {
				t.Errorf("account %s in the %s book: %+v", code, book, a)
			} else if w := warnings(a); len(w) > 0 {
				t.Errorf("account %s: %v", code, w)
			}
		}
	}
	var agencies []int32
	for _, a := range d.accounts {
		if !a.Kind.IsHouse() {
			agencies = append(agencies, a.Agency)
		}
	}
	slices.Sort(agencies)
	if n := len(slices.Compact(agencies)); n != 8 {
		t.Errorf("%d of 8 agencies have accounts", n)
	}
}

func TestSampleDataRefused(t *testing.T) {
	ctx, db := t.Context(), testdb.New(t)
	good := map[string]string{"agencies.yaml": "[]", "accounts.yaml": "[]", "terminals.yaml": "[]", "services.yaml": "[]"}
	for name, c := range map[string]struct {
		file, text string
		kind       fault.Kind
	}{
		"unknown key":          {"agencies.yaml", "- {code: 101, name: x, name_en: x, colour: red}", fault.Invalid},
		"wrong type":           {"agencies.yaml", "- {code: many}", fault.Invalid},
		"not a list":           {"agencies.yaml", "code: 101", fault.Invalid},
		"account in no book":   {"accounts.yaml", "- {code: P-106-01, books: [third], valid_from: 1404-01-01}", fault.Invalid},
		"account without date": {"accounts.yaml", "- {code: P-106-01, books: [live]}", fault.Invalid},
		"account of nobody": {"accounts.yaml", "- {code: P-106-01, books: [live], name: x, iban: IR630100004001010203000123," +
			" deposit_mode: NONE, valid_from: 1404-01-01}", fault.NotFound},
		"service of nobody": {"services.yaml", "- {code: COPY, agency: 102, name: x, name_en: x}", fault.NotFound},
		"terminal limit":    {"terminals.yaml", "- {range: 10100001, agency: 101, book: live, type: 14, limit: 1.5}", fault.Invalid},
	} {
		files := fstest.MapFS{}
		for file, text := range good {
			files[file] = &fstest.MapFile{Data: []byte(text)}
		}
		files[c.file] = &fstest.MapFile{Data: []byte(c.text)}
		_, err := LoadSample(ctx, db, files, noon)
		expect(t, name, err, c.kind)
	}
	large := fstest.MapFS{"agencies.yaml": &fstest.MapFile{Data: []byte("[]" + strings.Repeat(" ", maxSampleFile-1))}}
	_, err := LoadSample(ctx, db, large, noon)
	expect(t, "a file over its size", err, fault.Invalid)
	_, err = LoadSample(ctx, db, fstest.MapFS{}, noon)
	expect(t, "no files", err, fault.NotFound)
}

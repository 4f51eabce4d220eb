package tariffs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"treasury-switch/calendar"
	"treasury-switch/money"
)

// goldenQuotes is the least number of quotes that the sheets must hold.
const goldenQuotes = 340

// goldenSheet is a file of testdata/golden/sheets: quotes of one service that a
// clerk reckoned from the law's words, not from this program.
type goldenSheet struct {
	Service string
	Quotes  []goldenQuote
}

// goldenQuote is what was asked, how it is reckoned, and what must come of it:
// a price with its lines and shares, or a refusal. Amounts are written in
// groups of three, lists as "code amount + code amount".
type goldenQuote struct {
	Case                    string
	Date, Requested, Served string
	Units, Base             string
	Category, Due, Option   string
	FirstYear               int `yaml:"first-year"`

	How     string
	Refused string
	// Version is the first day of the version that the price must come from.
	Version               string
	Lines, Shares, Exempt string
	Total                 string
}

// refusals are the errors that sheets can name, by their text.
var refusals = []error{ErrUnknownService, ErrNoVersion, ErrMissingUnits, ErrMissingBase, ErrMissingDue, ErrMissingFirstYear,
	ErrMissingOption, ErrUnknownOption, ErrUnknownCategory, ErrBadInput, ErrTooLarge}

// TestGolden reckons every quote of the sheets by the sample tariffs of both
// years, and by the tariffs of testdata/golden for shapes that no sample has.
func TestGolden(t *testing.T) {
	set := goldenSet(t)
	paths, err := filepath.Glob("testdata/golden/sheets/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	count, tested := 0, make(map[string]bool)
	for _, path := range paths {
		sheet := readSheet(t, path)
		count += len(sheet.Quotes)
		tested[sheet.Service] = true
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			for _, want := range sheet.Quotes {
				if got := reckonSheet(set, sheet.Service, want); got != want.expected() {
					t.Errorf("%s, %s\nreckoned %s\n    want %s", want.Case, want.How, got, want.expected())
				}
			}
		})
	}
	if count < goldenQuotes {
		t.Errorf("%d quotes in %d sheets, want at least %d", count, len(paths), goldenQuotes)
	}
	for _, service := range set.Services() {
		if !tested[service] {
			t.Errorf("service %s has no sheet", service)
		}
	}
}

func goldenSet(t *testing.T) *Set {
	t.Helper()
	var paths []string
	for _, pattern := range []string{"../examples/tariffs/*/*.yaml", "testdata/golden/tariffs/*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(found), err)
		}
		paths = append(paths, found...)
	}
	versions, err := ParseFiles(paths...)
	if err != nil {
		t.Fatal(err)
	}
	set, err := NewSet(versions)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// readSheet reads a sheet and refuses keys it does not know and quotes that do
// not say how they are reckoned.
func readSheet(t *testing.T, path string) goldenSheet {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var sheet goldenSheet
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&sheet); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	for _, q := range sheet.Quotes {
		if q.Case == "" || q.How == "" || (q.Refused == "") == (q.Total == "") {
			t.Fatalf("%s: quote %q: want case, how, and either total or refused", path, q.Case)
		}
	}
	return sheet
}

// expected is the outcome in the form that reckonSheet writes.
func (q goldenQuote) expected() string {
	if q.Refused != "" {
		return "refused: " + q.Refused
	}
	exempt := q.Exempt
	if exempt == "" {
		exempt = "none"
	}
	return outcome(q.Version, q.Lines, q.Shares, exempt, q.Total)
}

func outcome(version, lines, shares, exempt, total string) string {
	return fmt.Sprintf("by the version from %s; lines %s; shares %s; exempt %s; total %s", version, lines, shares, exempt, total)
}

// reckonSheet asks the set for what a sheet asks, and writes the answer in the
// sheet's words.
func reckonSheet(set *Set, service string, q goldenQuote) string {
	request, err := q.request(service)
	if err != nil {
		return "refused: " + err.Error()
	}
	quote, err := set.Quote(request)
	if err != nil {
		return "refused: " + refusal(err)
	}
	if len(quote.Versions) != 1 || quote.Service != service || quote.Date != request.Date {
		return fmt.Sprintf("quote %+v", quote)
	}
	version, _ := set.Version(quote.Versions[0])
	var lines, shares, exempt []string
	for _, l := range quote.Lines {
		lines = append(lines, l.Component+" "+l.Amount.Grouped())
	}
	for _, s := range quote.Shares {
		shares = append(shares, s.Account+" "+s.Amount.Grouped())
	}
	for _, e := range quote.Exemptions {
		exempt = append(exempt, fmt.Sprintf("%s %s %s %% %s by article %s",
			e.Component, e.Category, e.Percent, e.Amount.Grouped(), e.Citation.Article))
	}
	return outcome(version.From.JalaliString(), listed(lines), listed(shares), listed(exempt), quote.Total.Grouped())
}

func listed(parts []string) string {
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, " + ")
}

// request reads the inputs of a quote.
func (q goldenQuote) request(service string) (Request, error) {
	r := Request{Service: service, Category: q.Category, Option: q.Option, FirstYear: q.FirstYear}
	for _, field := range []struct {
		text string
		date *calendar.Date
	}{{q.Date, &r.Date}, {q.Requested, &r.Requested}, {q.Served, &r.Served}, {q.Due, &r.Due}} {
		if field.text == "" {
			continue
		}
		day, err := calendar.ParseJalali(field.text)
		if err != nil {
			return r, errors.New("no such day")
		}
		*field.date = day
	}
	if q.Units != "" {
		units, err := money.Parse(q.Units)
		if err != nil {
			return r, err
		}
		r.Units = int64(units)
	}
	if q.Base != "" {
		base, err := money.Parse(q.Base)
		if err != nil {
			return r, err
		}
		r.Base, r.HasBase = base, true
	}
	return r, nil
}

// refusal is the text of the package's own error in a chain.
func refusal(err error) string {
	for _, known := range refusals {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "unexpectedly: " + err.Error()
}

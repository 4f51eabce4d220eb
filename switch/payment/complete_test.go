package payment

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// declared are the names that a pattern finds in a file of the package.
func declared(t *testing.T, file, pattern string) (names []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
		names = append(names, found[1])
	}
	if len(names) == 0 {
		t.Fatalf("%s declares nothing like %s", file, pattern)
	}
	return names
}

// TestEveryEventIsDecided: an event that the sheet of decisions does not have is decided by nobody who reads it.
func TestEveryEventIsDecided(t *testing.T) {
	held := map[string]bool{}
	for _, e := range events() {
		held[reflect.TypeOf(e.event).Name()] = true
	}
	for _, name := range declared(t, "event.go", `func \((\w+)\) event\(\)`) {
		if !held[name] {
			t.Errorf("the sheet of decisions has no %s", name)
		}
	}
}

// TestEveryStatusIsReached: each status has its place in the table of steps, and a situation in the sheet of decisions.
func TestEveryStatusIsReached(t *testing.T) {
	reached := map[Status]bool{}
	for _, s := range situations(t) {
		reached[s.payment.Status] = true
	}
	for _, text := range declared(t, "status.go", `(?m)^\t\w+ +Status = "(\w*)"`) {
		s := Status(text)
		if _, known := next[s]; !known || !reached[s] {
			t.Errorf("%q has a place in the table of steps: %t, is reached in the sheet: %t", s, known, reached[s])
		}
	}
}

// TestStatementsNameStatusesThatAre: SQL that names a status which is none would find nothing, and say nothing.
func TestStatementsNameStatusesThatAre(t *testing.T) {
	known := declared(t, "status.go", `(?m)^\t\w+ +Status = "(\w+)"`)
	named := regexp.MustCompile(`\b(?:status|was)\b[^'\n]{0,30}((?:'[A-Z]+',? ?)+)`)
	found := 0
	for _, folder := range []string{"..", "../../reports", "../../dossier", "../../internal", "../../loadtest", "../../cmd"} {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, match := range named.FindAllStringSubmatch(string(text), -1) {
				for _, s := range strings.Split(match[1], ",") {
					found++
					if s = strings.Trim(s, " '"); !slices.Contains(known, s) {
						t.Errorf("%s names the status %q", path, s)
					}
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 20 {
		t.Errorf("only %d statuses were found in statements", found)
	}
}

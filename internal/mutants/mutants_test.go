package mutants

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var (
	plant = flag.Bool("plant", false, "plant the breaks and run their tests")
	part  = flag.String("part", "1/1", "which breaks: the second of ten parts is 2/10, today's is today/10")
)

// testLimit bounds the test of one break.
const testLimit = 5 * time.Minute

// root is the folder of the module.
const root = "../.."

// mutant is one break.
type mutant struct {
	name, what, file, pkg, test string
	old, new                    string
}

// read reads a break: lines "key: value", then the text to be replaced between "<<<<" and "====", and its replacement
// until ">>>>".
func read(name string) (m mutant, err error) {
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		return m, err
	}
	m.name = strings.TrimSuffix(name, ".txt")
	head, rest, ok := strings.Cut(string(text), "<<<<\n")
	old, rest, ok2 := strings.Cut(rest, "====\n")
	with, _, ok3 := strings.Cut(rest, ">>>>\n")
	if !ok || !ok2 || !ok3 {
		return m, fmt.Errorf("%s: want <<<<, ==== and >>>> on lines of their own", name)
	}
	m.old, m.new = old, with
	fields := map[string]*string{"what": &m.what, "file": &m.file, "package": &m.pkg, "test": &m.test}
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		field, known := fields[key]
		if !known {
			return m, fmt.Errorf("%s: %q is not one of what, file, package, test", name, key)
		}
		*field = value
	}
	for key, field := range fields {
		if *field == "" {
			return m, fmt.Errorf("%s: %s is missing", name, key)
		}
	}
	return m, nil
}

// source is the broken text of the file.
func (m *mutant) source() (string, error) {
	text, err := os.ReadFile(filepath.Join(root, m.file))
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), m.old); n != 1 {
		return "", fmt.Errorf("%s: the text to be replaced occurs %d times in %s, must be once", m.name, n, m.file)
	}
	if later, err := m.writtenAgain(); err != nil || later != "" {
		return "", fmt.Errorf("%s: %s writes anew what is broken in %s (%v)", m.name, later, m.file, err)
	}
	return strings.Replace(string(text), m.old, m.new, 1), nil
}

// writtenAgain is a later migration that has the same text: a break before it would be mended by it. Empty if there is none.
func (m *mutant) writtenAgain() (string, error) {
	if filepath.Ext(m.file) != ".sql" {
		return "", nil
	}
	all, err := filepath.Glob(filepath.Join(root, filepath.Dir(m.file), "*.sql"))
	for _, name := range all {
		text, failed := os.ReadFile(name)
		if err = errors.Join(err, failed); filepath.Base(name) > filepath.Base(m.file) && strings.Contains(string(text), m.old) {
			return filepath.Base(name), err
		}
	}
	return "", err
}

func all(t *testing.T) (breaks []mutant) {
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		m, err := read(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		breaks = append(breaks, m)
	}
	return breaks
}

// TestBreaksFit: the text that a break replaces is in its file, and its tests exist, so that no break is lost when the
// code changes.
func TestBreaksFit(t *testing.T) {
	for _, m := range all(t) {
		if _, err := m.source(); err != nil {
			t.Error(err)
		}
		for test := range strings.SplitSeq(m.test, "|") {
			if there, err := m.has(test); err != nil || !there {
				t.Errorf("%s: no test %s in %s (%v)", m.name, test, m.pkg, err)
			}
		}
	}
}

// has reports whether the package of a break's test has one whose name begins so, or is that if it ends with $.
func (m *mutant) has(test string) (bool, error) {
	name, _, _ := strings.Cut(strings.TrimPrefix(test, "^"), "/")
	if whole, ok := strings.CutSuffix(name, "$"); ok {
		name = whole + "("
	}
	files, err := filepath.Glob(filepath.Join(root, m.pkg, "*_test.go"))
	for _, file := range files {
		text, failed := os.ReadFile(file)
		if err = errors.Join(err, failed); strings.Contains(string(text), "\nfunc "+name) {
			return true, err
		}
	}
	return false, err
}

// TestPart holds how the breaks are divided.
func TestPart(t *testing.T) {
	day := time.Date(2026, time.January, 12, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		part string
		want []int
	}{{"1/1", []int{0, 1, 2, 3, 4}}, {"2/3", []int{1, 4}}, {"today/10", []int{2}}, {"3/2", nil}, {"x", nil}} {
		var got []int
		for n := range 5 {
			if in, err := inPart(c.part, n, day); err == nil && in {
				got = append(got, n)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s is %v, want %v", c.part, got, c.want)
		}
	}
}

// inPart reports whether a break belongs to a part.
func inPart(part string, n int, today time.Time) (bool, error) {
	which, parts := 0, 0
	if rest, ok := strings.CutPrefix(part, "today/"); ok {
		part = fmt.Sprintf("%s/%s", "1", rest)
		if _, err := fmt.Sscanf(part, "1/%d", &parts); err == nil && parts > 0 {
			which = today.YearDay() % parts
		}
	} else if _, err := fmt.Sscanf(part, "%d/%d", &which, &parts); err == nil {
		which--
	}
	if parts < 1 || which < 0 || which >= parts {
		return false, fmt.Errorf("part %q: want 2/10 or today/10", part)
	}
	return n%parts == which, nil
}

// TestMutants plants the breaks and sees that their tests fail.
func TestMutants(t *testing.T) {
	if !*plant {
		t.Log("the breaks are planted by make mutants")
		return
	}
	planted := 0
	for n, m := range all(t) {
		in, err := inPart(*part, n, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if !in {
			continue
		}
		planted++
		t.Run(m.name, func(t *testing.T) { m.run(t) })
	}
	t.Logf("%d breaks were planted", planted)
}

func (m *mutant) run(t *testing.T) {
	source, err := m.source()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	broken := filepath.Join(folder, filepath.Base(m.file))
	original, err := filepath.Abs(filepath.Join(root, m.file))
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: broken}})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{broken: source, filepath.Join(folder, "overlay.json"): string(overlay)} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	defer cancel()
	test := exec.CommandContext(ctx, "go", "test", "-vet=off", "-count=1", "-failfast", "-overlay", filepath.Join(folder, "overlay.json"), "-run", m.test, m.pkg)
	test.Dir = root
	out, err := test.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		t.Errorf("%s: %s did not end in %s", m.what, m.test, testLimit)
	case err == nil:
		t.Errorf("%s, and %s passes", m.what, m.test)
	case !strings.Contains(string(out), "--- FAIL: "):
		t.Errorf("%s: the test did not fail but\n%s", m.what, out)
	default:
		t.Logf("%s: noticed", m.what)
	}
}

package iso

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// vector is a file of testdata/vectors: a packed message and what must come of
// it. The outcome "want" is one of
//
//	ok                     readable, complete and well-formed; packs to the same bytes
//	close mti|bitmap       unreadable: the connection is closed
//	unpack 35              F35 could not be read (0: bytes left over); answer 30
//	faults 30 F11 F13      Check reports exactly these fields, together this code
//	decode 14 F2           passes Check; the purchase's values have these faults
type vector struct {
	dialect   *Dialect
	direction Direction
	want      []string
	fields    map[int]string
	raw       []byte
}

func TestVectors(t *testing.T) {
	files, err := filepath.Glob("testdata/vectors/*.txt")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d vectors, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			v := readVector(t, file)
			var m Message
			err := v.dialect.Unpack(v.raw, &m)
			if got := v.outcome(&m, err); !slices.Equal(got, v.want) {
				t.Errorf("outcome %v, want %v", got, v.want)
			}
			v.checkFields(t, &m)
			if v.want[0] == "ok" {
				v.checkRepack(t, &m)
			}
		})
	}
}

// outcome puts what happened in the words of the file.
func (v *vector) outcome(m *Message, err error) []string {
	var failed *UnpackError
	switch {
	case errors.As(err, &failed) && failed.MustClose():
		return []string{"close", failed.Path}
	case err != nil:
		return []string{"unpack", strconv.Itoa(failed.Field)}
	}
	kind, faults := "faults", v.dialect.Check(m, v.direction)
	if faults == nil && m.MTI.Original() == MTIPurchase {
		kind, faults = "decode", new(Purchase).Decode(m)
	}
	if faults == nil {
		return []string{"ok"}
	}
	out := []string{kind, string(faults.Code())}
	for _, one := range faults {
		out = append(out, fmt.Sprintf("F%d", one.Field))
	}
	return out
}

// checkFields holds the message against the fields the file names, if any.
func (v *vector) checkFields(t *testing.T, m *Message) {
	if len(v.fields) == 0 {
		return
	}
	for f, want := range v.fields {
		if !m.Has(f) || m.Get(f) != want {
			t.Errorf("F%d is %q, want %q", f, m.Get(f), want)
		}
	}
	for f := range m.Fields() {
		if _, named := v.fields[f]; !named {
			t.Errorf("F%d is there and should not be", f)
		}
	}
}

func (v *vector) checkRepack(t *testing.T, m *Message) {
	packed, err := v.dialect.Pack(nil, m)
	if err != nil || string(packed) != string(v.raw) {
		t.Errorf("packs to %q (%v), want %q", packed, err, v.raw)
	}
}

// readVector reads one file.
func readVector(t testing.TB, file string) *vector {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	v := &vector{fields: map[int]string{}}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		key, value, found := strings.Cut(line, ": ")
		if !found {
			t.Fatalf("%s: line %q", file, line)
		}
		if err := v.set(key, value); err != nil {
			t.Fatalf("%s: %s: %v", file, key, err)
		}
	}
	return v
}

func (v *vector) set(key, value string) (err error) {
	switch key {
	case "dialect":
		v.dialect = map[string]*Dialect{"terminal": TerminalDialect(), "shetab": ShetabDialect()}[value]
	case "direction":
		v.direction = directionNames[value]
	case "want":
		v.want = strings.Fields(value)
	case "hex":
		v.raw, err = hex.DecodeString(value)
	case "text":
		v.raw, err = unescape(value)
	default:
		var f int
		if f, err = strconv.Atoi(strings.TrimPrefix(key, "F")); err != nil {
			return err
		}
		var bytes []byte
		bytes, err = unescape(value)
		v.fields[f] = string(bytes)
	}
	return err
}

// unescape reads text in which \xNN stands for a byte.
func unescape(s string) ([]byte, error) {
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(s, `"`, `\"`) + `"`)
	return []byte(text), err
}

// seedVectors gives every vector's message to a fuzz target.
func seedVectors(f *testing.F) {
	files, err := filepath.Glob("testdata/vectors/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		f.Add(readVector(f, file).raw)
	}
}

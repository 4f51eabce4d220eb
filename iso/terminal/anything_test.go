package terminal

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"treasury-switch/iso"
)

// format is how the terminals' dialect file says that a field travels.
type format struct {
	Type   string `yaml:"type"`
	Len    int    `yaml:"len"`
	Prefix string `yaml:"prefix"`
}

// formats reads the dialect's file: what is malformed cannot be packed by the dialect itself.
func formats(t *testing.T) map[int]format {
	t.Helper()
	text, err := os.ReadFile("../dialects/terminal-1987.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Fields map[int]format `yaml:"fields"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil || len(file.Fields) < 50 {
		t.Fatalf("%d fields: %v", len(file.Fields), err)
	}
	return file.Fields
}

// size is the most characters that a field has on the wire.
func (f format) size() int {
	if f.Type == "hex" {
		return 2 * f.Len
	}
	return f.Len
}

// packed returns the bytes of a message unchanged, whatever is in its fields; length, if given, is the prefix of field "at".
func packed(fields map[int]format, m *iso.Message, at int, value, length string) []byte {
	values := map[int]string{at: value}
	for f := range fields {
		if m.Has(f) && f != at {
			values[f] = m.Get(f)
		}
	}
	bitmap := make([]byte, 16)
	var body strings.Builder
	for _, f := range slices.Sorted(maps.Keys(values)) {
		bitmap[(f-1)/8] |= 0x80 >> ((f - 1) % 8)
		if f > 64 {
			bitmap[0] |= 0x80
		}
		prefix := ""
		if p := fields[f].Prefix; p != "" {
			prefix = fmt.Sprintf("%0*d", len(p), len(values[f]))
			if f == at && length != "" {
				prefix = strings.Repeat(length, len(p))
			}
		}
		body.WriteString(prefix + values[f])
	}
	if bitmap[0]&0x80 == 0 {
		bitmap = bitmap[:8]
	}
	return fmt.Appendf(nil, "%s%X%s", m.MTI, bitmap, body.String())
}

// TestAnythingInAnyField is answered with a code that says what is wrong with it, if anything is: never with one that speaks of our own
// fault or of the outcome of a payment, and never with an answer that cannot be packed or read.
func TestAnythingInAnyField(t *testing.T) {
	fields := formats(t)
	repeated := with(purchase(), nil)
	repeated.MTI = iso.MTIPurchaseRepeat
	echo := message(iso.MTINetwork, map[int]string{7: "1121084500", 11: "000123", 12: "121459", 13: "1121", 41: "10100001", 70: "301"})
	for name, m := range map[string]*iso.Message{
		"0200": purchase(), "0201": repeated, "0400": reversalOf(iso.MTIReversal), "0420": reversalOf(iso.MTIReversalAdvice),
		"tariff": tariffInquiry(), "status": statusInquiry(), "0800": echo,
	} {
		r := newRig(t, approved())
		for f, format := range fields {
			if f < 2 {
				continue
			}
			for _, one := range []string{"0", "9", "Z", " ", "'", "\n", "\x00", "\xff", "=", "-"} {
				r.wantSound(t, name, f, packed(fields, m, f, strings.Repeat(one, format.size()), ""))
			}
			if format.Prefix == "" {
				continue
			}
			r.wantSound(t, name, f, packed(fields, m, f, "", ""))
			r.wantSound(t, name, f, packed(fields, m, f, strings.Repeat("1", min(format.size()+1, 999)), ""))
			for _, length := range []string{"9", "x", " "} {
				r.wantSound(t, name, f, packed(fields, m, f, "1", length))
			}
		}
		for f := range fields { // A bit too many or too few moves everything behind it.
			if f >= 2 && f <= 64 {
				raw := packed(fields, m, 3, m.Get(3), "")
				flip(raw, f)
				r.wantSound(t, name, f, raw)
				flip(raw, 1)
				r.wantSound(t, name, f, raw)
			}
		}
		if r.alarms.Load() != 0 {
			t.Errorf("%s: %d alarms of a bug", name, r.alarms.Load())
		}
	}
}

// TestAGarbledMessageNamesNoCard: where bits are wrong, digits of the card number stand in the place of the trace number.
func TestAGarbledMessageNamesNoCard(t *testing.T) {
	raw := packed(formats(t), purchase(), 2, "6037991234567893", "")
	for _, f := range []int{2, 3, 4} {
		flip(raw, f)
	}
	r := newRig(t, approved())
	r.wantSound(t, "0200", 2, raw)
	if line := r.log.String(); !strings.Contains(line, "message refused") || strings.Contains(line, "345678") {
		t.Errorf("the log says %s", line)
	}
}

// flip turns a field's bit in the first bitmap.
func flip(raw []byte, field int) {
	const digits = "0123456789ABCDEF"
	at := 4 + (field-1)/4
	raw[at] = digits[strings.IndexByte(digits, raw[at])^8>>((field-1)%4)]
}

// sound are the codes that an input may be answered with where the switch says 00 of everything that it is asked.
var sound = []string{"00", "12", "14", "30", "58"}

// about reports whether the messages of a name are about an earlier payment: they may be told 09.
func about(name string) bool { return name != "0200" && name != "tariff" && name != "0800" }

// wantSound sends bytes.
func (r *rig) wantSound(t *testing.T, name string, field int, raw []byte) {
	t.Helper()
	out := r.askRaw(raw, false)
	if out == nil || !slices.Contains(sound, out.Get(iso.FieldCode)) && !(out.Get(iso.FieldCode) == "09" && about(name)) {
		t.Errorf("%s with %q in F%d: answered %v", name, raw, field, out)
	}
}

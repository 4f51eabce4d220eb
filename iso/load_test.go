package iso

import (
	"strings"
	"testing"

	"treasury-switch/internal/fault"
)

// TestLoadReportsEveryFault loads a file in which much is wrong: each fault is
// in the one error.
func TestLoadReportsEveryFault(t *testing.T) {
	_, err := Load("bad.yaml", []byte(`
encoding: ebcdic
framing: {kind: length9, max: 70000}
text_order: sideways
colour: red
fields:
  1: {name: bitmap, type: n, len: 8}
  2: {name: pan, type: n, prefix: LL, len: 100, min: 12, show: pan}
  3: {name: code, type: digits, len: 6}
  4: {name: amount, type: n, prefix: XX, len: 12, form: money}
  5: {type: n, len: 12}
  35: {name: track, type: z, prefix: LL, len: 37, show: plain}
  49: {name: currency, type: n, len: 3, values: ["rial"]}
  52: {name: PIN block, type: hex, prefix: LL, len: 8}
  60: {name: more, type: ans, len: 5, min: 9, show: everything}
  129: {name: none, type: n, len: 1}
presence:
  - {mti: ["02x0"], direction: sideways, mandatory: [99, 2, 2], others: perhaps}
  - {mti: ["0200"], direction: to_switch, mandatory: [3], others: allowed}
  - {mti: ["0200"], direction: to_switch, mandatory: [3], others: allowed}
  - {mti: [], direction: to_switch, when: {77: ["1"]}, others: allowed}
unbound_codes: ["3"]
codes:
  answer: {approved: ["00"], final: ["00", "5-"]}
  reversal: {done: ["00"]}
`))
	if err == nil || !fault.Is(err, fault.Invalid) {
		t.Fatalf("error %v of kind %s", err, fault.KindOf(err))
	}
	for _, want := range []string{
		"bad.yaml", "colour", "dialect: no name", `encoding: "ebcdic"`, "length9", "max 70000", "text_order",
		"field 1: there", "field 2: len 100", `field 3: type "digits"`, `field 4: prefix "XX"`, `field 4: form "money"`,
		"field 5: no name", "field 35: may not be shown", `field 49: value "rial"`, "field 52: a hex field", "field 60: min 9",
		`field 60: show "everything"`, "field 129: there", "presence rule 1: message type", `presence rule 1: direction "sideways"`,
		"presence rule 1: field 99", "presence rule 1: field 2 is named twice", `presence rule 1: others "perhaps"`,
		"presence rule 3: 0200 to_switch has a rule already", "presence rule 4: no mti", "presence rule 4: when: field 77",
		`unbound_codes: "3"`, `codes: answer: "00" is named twice`, `codes: answer: "5-"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in the error:\n%v", want, err)
		}
	}
}

func TestLoadUnreadable(t *testing.T) {
	for _, text := range []string{"", ":", "fields: [1, 2]", "\xff\xfe"} {
		if d, err := Load("x", []byte(text)); err == nil || d != nil {
			t.Errorf("%q was loaded", text)
		}
	}
}

// TestLoadOwnDialect changes a shipped file as an operator would.
func TestLoadOwnDialect(t *testing.T) {
	text := strings.NewReplacer("dialect: terminal-1987", "dialect: own", "kind: length2, max: 4096", "kind: length2-tpdu, max: 1000",
		"text_order: visual", "text_order: logical", `41: {name: "terminal", type: ans, len: 8`, `41: {name: "terminal", type: ans, len: 10`,
		`unbound_codes: ["30", "09"]`, `unbound_codes: []`).Replace(string(terminalFile))
	d, err := Load("own.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if d.Name() != "own" || d.Framing() != (Framing{Kind: Length2TPDU, Max: 1000}) || d.FieldName(41) != "terminal" {
		t.Errorf("name %s framing %v field 41 %q", d.Name(), d.Framing(), d.FieldName(41))
	}
	m := Message{MTI: MTIPurchaseAnswer}
	m.Set(39, "30")
	m.Set(41, "1010000100")
	if faults := d.Check(&m, ToTerminal); len(faults) < 5 {
		t.Errorf("an answer 30 is bound by presence rules in this file, but: %v", faults)
	}
	packed, err := d.Pack(nil, &m)
	if err != nil || !strings.HasSuffix(string(packed), "301010000100") {
		t.Errorf("packs to %q, %v", packed, err)
	}
	if d.EncodeText("ab", 0) != "ab" || d.DecodeText(d.EncodeText("بابا", 0)) != "بابا" {
		t.Error("text does not survive")
	}
}

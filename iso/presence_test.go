package iso

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// presence is one line of the agreement: what a message must and may carry.
type presence struct {
	dialect     *Dialect
	direction   Direction
	mti         string // several, separated by spaces
	decides     string // "3=380000": the field and value that choose the rule
	mandatory   string
	oneOf       string
	conditional string
	strict      bool // nothing else may be there
}

func presences() []presence {
	terminal, shetab := TerminalDialect(), ShetabDialect()
	request := "2 3 7 11 12 13 17 18 19 22 25 26 32 37 41 42 43 48 49 100"
	network := []presence{
		{shetab, ToNetwork, "0100 0200", "", request, "", "4 14 35 52 53 55 90 95", true},
		{shetab, FromNetwork, "0210", "", "2 3 4 7 11 12 13 15 32 33 37 39 41 42 49", "", "38 44 54 55", false},
		{shetab, ToNetwork, "0400 0401 0420 0421", "", "2 3 4 7 11 12 13 17 32 37 41 42 49 90 100", "", "95", true},
		{shetab, FromNetwork, "0410 0430", "", "2 3 4 7 11 12 13 15 32 33 37 39 41 42 49", "", "", false},
		{shetab, FromNetwork, "0500 0520", "", "7 11 12 13 15 32 50 74 75 76 77 78 79 80 81 82 83 84 85 86 87 88 89 97 99", "", "", false},
		{shetab, ToNetwork, "0510 0530", "", "7 11 12 13 32 39 66 99", "", "", true},
	}
	for _, direction := range []Direction{ToNetwork, FromNetwork} {
		strict := direction == ToNetwork
		for _, f70 := range []string{"001", "002", "301"} {
			network = append(network, presence{shetab, direction, "0800", "70=" + f70, "7 11 12 13 33 70", "", "", strict})
		}
		for _, f70 := range []string{"201", "202"} {
			network = append(network, presence{shetab, direction, "0800", "70=" + f70, "7 11 12 13 15 33 70", "", "", strict})
		}
		for _, f70 := range []string{"161", "162", "164", "165"} {
			network = append(network, presence{shetab, direction, "0800", "70=" + f70, "7 11 12 13 15 33 53 70 96", "", "", strict})
		}
		network = append(network, presence{shetab, direction, "0810", "", "7 11 12 13 39 70 100", "", "", strict})
	}
	return append(network,
		presence{terminal, ToSwitch, "0100", "3=380000", "3 7 11 12 13 25 41 42 48 49", "", "2 4 18 22 32 90", false},
		presence{terminal, ToTerminal, "0110", "3=380000", "3 4 7 11 12 13 25 39 41 42 48 49", "", "2 18 22 32", false},
		presence{terminal, ToSwitch, "0100", "3=380001", "3 7 11 12 13 41 42 90", "", "25 32 48 49", false},
		presence{terminal, ToTerminal, "0110", "3=380001", "3 7 11 12 13 39 41 42", "", "4 37 48 90", false},
		presence{terminal, ToSwitch, "0200 0201", "3=000000", "3 4 7 11 12 13 22 25 41 42 48 49", "2 35", "14 18 26 32 37 52 53 55", false},
		presence{terminal, ToSwitch, "0200 0201", "3=170000", "3 4 7 11 12 13 22 25 41 42 48 49", "2 35", "", false},
		presence{terminal, ToTerminal, "0210", "", "3 4 7 11 12 13 15 37 39 41 42 49", "", "38 48 54 55", false},
		presence{terminal, ToSwitch, "0400 0401 0420 0421", "", "3 4 7 11 12 13 41 42 49 90", "", "2 32 37", false},
		presence{terminal, ToTerminal, "0410 0430", "", "7 11 12 13 39 41 42", "", "37 90", false},
		presence{terminal, ToSwitch, "0500", "", "7 11 12 13 41 42 74 75 76 77 86 87 88 89", "", "", false},
		presence{terminal, ToTerminal, "0510", "", "7 11 12 13 41 42 66 74 75 76 77 86 87 88 89", "", "", false},
		presence{terminal, ToSwitch, "0800", "", "7 11 12 13 70", "", "41 42 53 96", false},
		presence{terminal, ToTerminal, "0810", "", "7 11 12 13 39 70", "", "41 42 53 96", false},
		presence{terminal, ToSwitch, "0220", "", "7 11 12 13 39 41 42 90", "", "", false},
		presence{terminal, ToTerminal, "0230", "", "7 11 12 13 39 41 42 90", "", "", false},
	)
}

// TestPresence takes every field away from every message in turn, and adds every
// field it may not have.
func TestPresence(t *testing.T) {
	for _, p := range presences() {
		for mti := range strings.FieldsSeq(p.mti) {
			t.Run(fmt.Sprintf("%s %s %s %s", p.dialect.Name(), mti, p.direction, p.decides), func(t *testing.T) {
				m := p.message(t, mti)
				if faults := p.dialect.Check(m, p.direction); faults != nil {
					t.Fatalf("a complete message has faults: %v", faults)
				}
				p.checkMandatory(t, m)
				p.checkOneOf(t, m)
				p.checkOthers(t, m)
			})
		}
	}
}

func (p *presence) checkMandatory(t *testing.T, m *Message) {
	for _, f := range numbersOf(p.mandatory) {
		without := m.Clone()
		without.Unset(f)
		if faults := p.dialect.Check(without, p.direction); !faults.name(f) || faults.Code() != RC30FormatError {
			t.Errorf("without F%d: %v", f, faults)
		}
	}
}

func (p *presence) checkOneOf(t *testing.T, m *Message) {
	choices := numbersOf(p.oneOf)
	without := m.Clone()
	for i, f := range choices {
		without.Unset(f)
		faults := p.dialect.Check(without, p.direction)
		if last := i == len(choices)-1; last != (faults != nil) {
			t.Errorf("without F%d: %v", f, faults)
		}
	}
}

// checkOthers adds each field that the rule does not name.
func (p *presence) checkOthers(t *testing.T, m *Message) {
	named := slices.Concat(numbersOf(p.mandatory), numbersOf(p.oneOf), numbersOf(p.conditional), []int{64, 128})
	for f := 2; f <= MaxField; f++ {
		if slices.Contains(named, f) || !p.dialect.wire[f].known {
			continue
		}
		with := m.Clone()
		with.Set(f, sampleValue(p.dialect, f))
		if faults := p.dialect.Check(with, p.direction); p.strict != (faults != nil) {
			t.Errorf("with F%d: %v", f, faults)
		}
	}
}

// message gives a message with all fields of the rule.
func (p *presence) message(t *testing.T, mti string) *Message {
	number, err := ParseMTI(mti)
	if err != nil {
		t.Fatal(err)
	}
	m := &Message{MTI: number}
	for _, f := range slices.Concat(numbersOf(p.mandatory), numbersOf(p.oneOf), numbersOf(p.conditional)) {
		m.Set(f, sampleValue(p.dialect, f))
	}
	if field, value, found := strings.Cut(p.decides, "="); found {
		m.Set(numbersOf(field)[0], value)
	}
	return m
}

func numbersOf(s string) []int {
	var list []int
	for word := range strings.FieldsSeq(s) {
		n, err := strconv.Atoi(word)
		if err != nil {
			panic(err)
		}
		list = append(list, n)
	}
	return list
}

// sampleValue gives a well-formed value of a field.
func sampleValue(d *Dialect, f int) string {
	rule, format := &d.rules[f], &d.wire[f]
	switch rule.form {
	case formDate:
		return "1121"
	case formTime:
		return "135233"
	case formStamp:
		return "1121102233"
	case formTrack2:
		return "6037990000000014=0701"
	case formOriginal:
		return OriginalData{MTI: MTIPurchase, STAN: "000123", Stamp: "1121102233"}.Format()
	}
	switch {
	case f == 70:
		return "301"
	case len(rule.values) > 0:
		return rule.values[0]
	case format.charset == charsetSigned:
		return "C" + strings.Repeat("1", format.max-1)
	case format.prefix > 0:
		return strings.Repeat("1", min(max(format.min, 9), format.max))
	}
	return strings.Repeat("1", format.max)
}

// TestFaultsAreInOrder: all that is wrong is told, each field once, in the order of the fields.
func TestFaultsAreInOrder(t *testing.T) {
	m := samplePurchase()
	for f, v := range map[int]string{41: "", 13: "0000", 49: "840"} {
		m.Set(f, v)
	}
	m.Unset(7)
	m.Unset(3)
	faults := TerminalDialect().Check(m, ToSwitch)
	var fields []int
	for _, one := range faults {
		fields = append(fields, one.Field)
	}
	if want := []int{3, 7, 13, 41, 49}; !slices.Equal(fields, want) || faults.Code() != RC30FormatError || faults[3].Reason != "is missing" {
		t.Errorf("faults of %v, want %v: %v", fields, want, faults)
	}
	if faults.name(2) || !faults.name(49) {
		t.Errorf("they name F2: %t, F49: %t", faults.name(2), faults.name(49))
	}
	late := Faults{{49, "is not one of the values in use", RC12InvalidTransaction}, {13, "is not a date MMDD", RC30FormatError}}
	if late.Code() != RC30FormatError {
		t.Errorf("form comes first wherever it is: %s", late.Code())
	}
	if faults := TerminalDialect().Check(samplePurchase(), ToSwitch); faults != nil {
		t.Errorf("a purchase without fault: %v", faults)
	}
}

// TestFitsCity at the length of the city in F43.
func TestFitsCity(t *testing.T) {
	for city, want := range map[string]bool{strings.Repeat("a", 13): true, strings.Repeat("a", 14): false, "": true} {
		if got := ShetabDialect().FitsCity(city); got != want {
			t.Errorf("%d characters fit: %t", len(city), got)
		}
	}
}

// TestInquiryOfNoKind: an inquiry whose F3 is absent or malformed is malformed; one whose F3 names what is not served is an invalid transaction.
func TestInquiryOfNoKind(t *testing.T) {
	for f3, want := range map[string]Code{"": RC30FormatError, "38000": RC30FormatError, "38000x": RC30FormatError, "990000": RC12InvalidTransaction} {
		var m Message
		(&StatusInquiry{Trace: sampleTrace, Origin: sampleOrigin, Original: sampleSource}).Encode(&m)
		m.Unset(3)
		m.setIf(3, f3)
		faults := TerminalDialect().Check(&m, ToSwitch)
		if faults.Code() != want || !faults.name(3) {
			t.Errorf("F3 %q: %v", f3, faults)
		}
	}
}

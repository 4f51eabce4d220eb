package tariffs

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
	"go.yaml.in/yaml/v3"

	"treasury-switch/calendar"
	"treasury-switch/internal/digits"
	"treasury-switch/money"
)

// reader walks one document. It notes the line of every path, so that what
// Problems finds afterwards can be told with its line too.
type reader struct {
	file   string
	faults FileFaults
	lines  map[string]int  // path to line
	broken map[string]bool // paths already told of
}

// fail notes a fault at a path and its line.
func (r *reader) fail(path string, line int, text string) {
	r.broken[path] = true
	r.faults = append(r.faults, FileFault{File: r.file, Line: line, Text: text})
}

// fields is a mapping with known keys, read by the methods below.
type fields struct {
	r    *reader
	path string
	line int
	node map[string]*yaml.Node
}

// mapping reads a node that must be a mapping with none but the keys known by
// this name.
func (r *reader) mapping(node *yaml.Node, path, name string) fields {
	f, _ := r.read(node, path, keys[name])
	return f
}

// read reads a mapping, and its keys in their order. Without known keys any
// will do.
func (r *reader) read(node *yaml.Node, path string, known []string) (f fields, order []string) {
	f = fields{r: r, path: path, line: node.Line, node: make(map[string]*yaml.Node)}
	r.lines[path] = node.Line
	if node.Kind != yaml.MappingNode {
		r.fail(path, node.Line, "want keys with values here: "+strings.Join(known, ", "))
		return f, nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		name := digits.Latin(key.Value)
		if fault := f.keyFault(name, value, known); fault != "" {
			r.fail(f.at(name), key.Line, fault)
			continue
		}
		f.node[name] = value
		r.lines[f.at(name)] = value.Line
		order = append(order, name)
	}
	return f, order
}

// keyFault is the fault of a key, in Latin digits, or empty.
func (f fields) keyFault(key string, value *yaml.Node, known []string) string {
	switch {
	case digits.Only(key):
		return "unknown key " + strconv.Quote(key) + ": inside {} an amount must have no commas, or ٬"
	case invisible(key) != "":
		return "key " + strconv.Quote(key) + " holds " + invisible(key) + ", which nobody sees: take it out"
	case known != nil && !slices.Contains(known, key):
		return "unknown key " + strconv.Quote(key) + ": want one of " + strings.Join(known, ", ")
	case f.node[key] != nil:
		return key + ": given twice"
	case value.Kind == yaml.AliasNode:
		return key + ": references are not allowed, write it out"
	case value.Kind != yaml.ScalarNode && tagged(value):
		return key + ": YAML tags such as " + value.ShortTag() + " are not read here, write the value alone"
	}
	return ""
}

// at is the path of a key.
func (f fields) at(key string) string {
	if f.path == "" {
		return key
	}
	return f.path + "." + key
}

// has reports whether the key is there.
func (f fields) has(key string) bool { return f.node[key] != nil }

// text reads a scalar without white space around it; absent is empty.
func (f fields) text(key string) string {
	node := f.node[key]
	if node == nil {
		return ""
	}
	return f.r.scalar(node, f.at(key), key)
}

// code reads a code, in whatever digits it is typed.
func (f fields) code(key string) string { return digits.Latin(f.text(key)) }

// scalar reads a plain value without white space around it. A key without a
// value, or with null, is not taken for one that was left out, and nothing is
// read as something else than what people see.
func (r *reader) scalar(node *yaml.Node, path, key string) string {
	fail := func(text string) string {
		r.fail(path, node.Line, key+": "+text)
		return ""
	}
	text := strings.TrimSpace(node.Value)
	switch {
	case node.Kind != yaml.ScalarNode:
		return fail("want a plain value")
	case tagged(node):
		return fail("YAML tags such as " + node.ShortTag() + " are not read here, write the value alone")
	case node.ShortTag() == "!!null" && text != "":
		return fail(text + " means no value in YAML: leave the key out, or put the word in quotes")
	case text == "":
		return fail("has no value: write one, or leave the key out")
	}
	if name := invisible(text); name != "" {
		return fail("holds " + name + ", which nobody sees: take it out")
	}
	return text
}

// tagged reports whether the file gives a value an explicit type.
func tagged(node *yaml.Node) bool { return node.Style&yaml.TaggedStyle != 0 }

// wrong notes a fault of a key's value.
func (f fields) wrong(key, want string) {
	if f.r.broken[f.at(key)] {
		return // not even a plain value
	}
	f.r.fail(f.at(key), f.node[key].Line, key+": "+strconv.Quote(f.node[key].Value)+": "+want)
}

func (f fields) rial(key string) money.Rial {
	if !f.has(key) {
		return 0
	}
	amount, err := money.Parse(f.text(key))
	if err != nil {
		f.wrong(key, "want an amount in rial, in groups of three if separated")
	}
	return amount
}

// rialAbove reads an amount that may be left out but not be zero: a zero there is
// a clerk's mistake.
func (f fields) rialAbove(key, zero string) money.Rial {
	amount := f.rial(key)
	if f.has(key) && amount == 0 {
		f.wrong(key, zero)
	}
	return amount
}

// percentAbove is rialAbove for a rate.
func (f fields) percentAbove(key, zero string) decimal.Decimal {
	rate := f.percent(key)
	if f.has(key) && rate.IsZero() {
		f.wrong(key, zero)
	}
	return rate
}

// whole reads a whole number of at most nine digits.
func (f fields) whole(key string) int64 {
	if !f.has(key) {
		return 0
	}
	text := f.code(key)
	if len(text) > 9 || !digits.Only(text) {
		f.wrong(key, "want a whole number of at most nine digits")
		return 0
	}
	number, _ := strconv.ParseInt(text, 10, 64)
	return number
}

// percent reads a rate such as 2.5; the Persian decimal sign is accepted.
func (f fields) percent(key string) decimal.Decimal {
	if !f.has(key) {
		return decimal.Zero
	}
	whole, fraction, point := strings.Cut(strings.ReplaceAll(f.code(key), "٫", "."), ".")
	good := digits.Only(whole) && len(whole) <= 4 && (!point || digits.Only(fraction) && len(fraction) <= rateDecimals)
	if !good {
		f.wrong(key, "want a percentage such as 2.5, at most six decimals")
		return decimal.Zero
	}
	// Without zeros at the end the same rate has one form, and one id.
	text := whole
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		text += "." + fraction
	}
	rate, _ := decimal.NewFromString(text)
	return rate
}

func (f fields) date(key string) calendar.Date {
	if !f.has(key) {
		return 0
	}
	day, err := calendar.ParseJalali(f.text(key))
	switch {
	case errors.Is(err, calendar.ErrGregorian):
		f.r.fail(f.at(key), f.node[key].Line, key+": "+err.Error())
	case err != nil:
		f.wrong(key, "want a Jalali date such as 1405/01/01")
	}
	return day
}

// flag reads yes, or its absence.
func (f fields) flag(key string) bool {
	if f.has(key) && f.text(key) != "yes" && f.text(key) != "true" {
		f.wrong(key, "want yes, or leave it out")
	}
	return f.has(key)
}

// list reads the elements of a sequence; absent is none.
func (f fields) list(key string) []*yaml.Node {
	node := f.node[key]
	if node == nil {
		return nil
	}
	if node.Kind != yaml.SequenceNode {
		f.r.fail(f.at(key), node.Line, key+": want a list")
		return nil
	}
	return node.Content
}

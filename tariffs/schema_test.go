package tariffs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"treasury-switch/examples"
)

// rule is the part of JSON Schema that the tariff's schema uses.
type rule struct {
	Schema      string           `json:"$schema"`
	Title       string           `json:"title"`
	Description string           `json:"description"`
	Ref         string           `json:"$ref"`
	Defs        map[string]*rule `json:"$defs"`
	Type        any              `json:"type"`
	Properties  map[string]*rule `json:"properties"`
	Additional  any              `json:"additionalProperties"`
	Names       *rule            `json:"propertyNames"`
	Required    []string         `json:"required"`
	Enum        []any            `json:"enum"`
	Const       any              `json:"const"`
	OneOf       []*rule          `json:"oneOf"`
	AllOf       []*rule          `json:"allOf"`
	Items       *rule            `json:"items"`
	Pattern     string           `json:"pattern"`
	Minimum     *decimal.Decimal `json:"minimum"`
	Maximum     *decimal.Decimal `json:"maximum"`
	MinItems    int              `json:"minItems"`
	MaxItems    int              `json:"maxItems"`
	MinKeys     int              `json:"minProperties"`
	MaxKeys     int              `json:"maxProperties"`
	MaxLength   int              `json:"maxLength"`
	Unique      bool             `json:"uniqueItems"`
}

// readSchema fails on a keyword that rule does not know.
func readSchema(t testing.TB) *rule {
	t.Helper()
	text, err := os.ReadFile("schema/tariff.schema.json")
	must(t, err)
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var root rule
	must(t, decoder.Decode(&root))
	return &root
}

func TestSchemaKnowsEveryKey(t *testing.T) {
	root := readSchema(t)
	for name, known := range keys {
		d := root.Defs[name]
		if d == nil {
			t.Errorf("no definition of %s", name)
			continue
		}
		want, got := slices.Sorted(slices.Values(known)), slices.Sorted(maps.Keys(d.Properties))
		if !slices.Equal(got, want) || d.Additional != false {
			t.Errorf("%s has %v, the reader knows %v", name, got, want)
		}
	}
	for name, d := range root.Defs {
		if d.Properties != nil && keys[name] == nil {
			t.Errorf("the reader knows no %s", name)
		}
	}
	if root.Ref != "#/$defs/tariff" {
		t.Errorf("it describes %s", root.Ref)
	}
}

// fits checks a node by a rule, as far as rule goes.
func (root *rule) fits(r *rule, node *yaml.Node) error {
	if r.Ref != "" {
		return root.fits(root.Defs[strings.TrimPrefix(r.Ref, "#/$defs/")], node)
	}
	if len(r.OneOf) > 0 {
		matches := 0
		var all []error
		for _, one := range r.OneOf {
			err := root.fits(one, node)
			all = append(all, err)
			if err == nil {
				matches++
			}
		}
		if matches != 1 {
			return fmt.Errorf("line %d: %d of the alternatives fit: %w", node.Line, matches, errors.Join(all...))
		}
	}
	for _, one := range r.AllOf {
		if err := root.fits(one, node); err != nil {
			return err
		}
	}
	if r.Type != nil && !strings.Contains(fmt.Sprint(r.Type), kindOf(node)) && !(kindOf(node) == "integer" && strings.Contains(fmt.Sprint(r.Type), "number")) {
		return fmt.Errorf("line %d: a %s, want %v", node.Line, kindOf(node), r.Type)
	}
	if !r.lists(node.Value) {
		return fmt.Errorf("line %d: %q is none of those listed", node.Line, node.Value)
	}
	switch node.Kind {
	case yaml.MappingNode:
		return root.fitsKeys(r, node)
	case yaml.SequenceNode:
		return root.fitsItems(r, node)
	}
	return r.fitsValue(node)
}

func kindOf(node *yaml.Node) string {
	return map[string]string{"!!map": "object", "!!seq": "array", "!!str": "string", "!!int": "integer", "!!float": "number",
		"!!bool": "boolean", "!!timestamp": "string"}[node.ShortTag()]
}

func (root *rule) fitsKeys(r *rule, node *yaml.Node) error {
	var given []string
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i].Value, node.Content[i+1]
		given = append(given, key)
		if r.Names != nil && !regexp.MustCompile(r.Names.Pattern).MatchString(key) {
			return fmt.Errorf("line %d: key %s", node.Line, key)
		}
		if property := r.Properties[key]; property != nil {
			if err := root.fits(property, value); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
		} else if r.Additional == false {
			return fmt.Errorf("line %d: unknown key %s", value.Line, key)
		}
	}
	for _, key := range r.Required {
		if !slices.Contains(given, key) {
			return fmt.Errorf("line %d: no %s", node.Line, key)
		}
	}
	return nil
}

func (root *rule) fitsItems(r *rule, node *yaml.Node) error {
	if n := len(node.Content); n < r.MinItems || r.MaxItems > 0 && n > r.MaxItems {
		return fmt.Errorf("line %d: %d elements", node.Line, n)
	}
	for _, item := range node.Content {
		if r.Items == nil {
			break
		}
		if err := root.fits(r.Items, item); err != nil {
			return err
		}
	}
	return nil
}

// lists reports whether a value is one of those that the rule lists, if it does.
func (root *rule) lists(value string) bool {
	listed := root.Enum == nil && root.Const == nil
	for _, one := range append(slices.Clone(root.Enum), root.Const) {
		listed = listed || fmt.Sprint(one) == value
	}
	return listed
}

func (root *rule) fitsValue(node *yaml.Node) error {
	if root.Pattern != "" && !regexp.MustCompile(root.Pattern).MatchString(node.Value) {
		return fmt.Errorf("line %d: %q does not fit", node.Line, node.Value)
	}
	if root.Minimum != nil {
		n, err := decimal.NewFromString(node.Value)
		if err != nil || n.LessThan(*root.Minimum) || root.Maximum != nil && n.GreaterThan(*root.Maximum) {
			return fmt.Errorf("line %d: %s is out of range", node.Line, node.Value)
		}
	}
	return nil
}

// fitsFile checks every document of a file by the schema.
func (root *rule) fitsFile(text []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := root.fits(root, document.Content[0]); err != nil {
			return err
		}
	}
}

func TestFilesFitTheSchema(t *testing.T) {
	root, files := readSchema(t), 0
	must(t, fs.WalkDir(examples.Files, "tariffs", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".yaml") {
			return err
		}
		files++
		text, err := fs.ReadFile(examples.Files, path)
		if misfit := root.fitsFile(text); misfit != nil {
			t.Errorf("%s: %v", path, misfit)
		}
		return err
	}))
	if files < 3 {
		t.Errorf("%d samples", files)
	}
	for name, text := range map[string]string{"every key": wholeFile, "every shape": shapesFile} {
		if err := root.fitsFile([]byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for fault, text := range map[string]string{
		"no components": "service: FEE\nagency: 1\ntitle: {fa: a, en: b}\nfrom: 1405/01/01\nbasis: {instrument: a}\n",
		"unknown key":   component("    fixed: 1\n    colour: red\n" + account),
		"two prices":    component("    fixed: 1\n    percent: 1\n" + account),
		"amount":        component("    fixed: 1,00\n" + account),
		"mode":          component("    brackets: {mode: other, rates: [{percent: 1}]}\n" + account),
	} {
		if root.fitsFile([]byte(text)) == nil {
			t.Errorf("%s: it fits", fault)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if v := anyVersion(t); v.Check() == nil {
			must(t, root.fitsFile(Export(v)))
		}
	})
}

package iso

import (
	"bytes"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"

	"treasury-switch/internal/fault"
	"treasury-switch/iso/iransystem"
)

// dialectFile is a dialect as written in YAML. docs/wire.md describes it.
type dialectFile struct {
	Dialect   string            `yaml:"dialect"`
	Encoding  string            `yaml:"encoding"`
	Framing   framingFile       `yaml:"framing"`
	TextOrder string            `yaml:"text_order"`
	Fields    map[int]fieldFile `yaml:"fields"`
	Presence  []ruleFile        `yaml:"presence"`
	Unbound   []string          `yaml:"unbound_codes"`
	Codes     codesFile         `yaml:"codes"`
}

type framingFile struct {
	Kind string `yaml:"kind"`
	Max  int    `yaml:"max"`
}

type fieldFile struct {
	Name    string   `yaml:"name"`
	Type    string   `yaml:"type"`
	Len     int      `yaml:"len"`
	Min     int      `yaml:"min"`
	Prefix  string   `yaml:"prefix"`
	Form    string   `yaml:"form"`
	Values  []string `yaml:"values"`
	Refusal string   `yaml:"refusal"`
	Show    string   `yaml:"show"`
}

type ruleFile struct {
	MTI         []string         `yaml:"mti"`
	Direction   string           `yaml:"direction"`
	When        map[int][]string `yaml:"when"`
	Mandatory   []int            `yaml:"mandatory"`
	OneOf       [][]int          `yaml:"one_of"`
	Conditional []int            `yaml:"conditional"`
	Others      string           `yaml:"others"`
}

type codesFile struct {
	Answer struct {
		Approved []string `yaml:"approved"`
		Final    []string `yaml:"final"`
		Unknown  []string `yaml:"unknown"`
	} `yaml:"answer"`
	Reversal struct {
		Done     []string `yaml:"done"`
		NotFound []string `yaml:"not_found"`
		Reject   []string `yaml:"reject"`
		Retry    []string `yaml:"retry"`
	} `yaml:"reversal"`
}

// Load reads a dialect file. The error is of kind fault.Invalid and lists all faults of the file; it mentions name.
func Load(name string, data []byte) (*Dialect, error) {
	var file dialectFile
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	faults := &loadFaults{}
	if err := decoder.Decode(&file); err != nil {
		faults.unreadable(err)
	}
	d := &Dialect{
		spec: newSpec(file.Dialect), presence: map[ruleKey][]rule{}, answers: map[Code]Class{}, reversals: map[Code]ReversalClass{},
		encoded: new(encodedTexts),
	}
	d.loadHead(&file, faults)
	d.loadFields(file.Fields, faults)
	d.loadRules(file.Presence, faults)
	d.loadCodes(&file, faults)
	faults.err(d.spec.Validate())
	if len(faults.list) == 0 {
		faults.err(d.prove())
	}
	if len(faults.list) > 0 {
		return nil, fault.New(fault.Invalid, "dialect file %s: %w", name, errors.Join(faults.list...))
	}
	return d, nil
}

// loadFaults collects the faults of a file.
type loadFaults struct{ list []error }

func (l *loadFaults) add(format string, args ...any) {
	l.list = append(l.list, fmt.Errorf(format, args...))
}

func (l *loadFaults) err(err error) {
	if err != nil {
		l.list = append(l.list, err)
	}
}

// unreadable adds the YAML reader's errors, one fault each if it separates them.
func (l *loadFaults) unreadable(err error) {
	var typed *yaml.TypeError
	if !errors.As(err, &typed) {
		l.add("%w", err)
		return
	}
	for _, one := range typed.Errors {
		l.add("%s", one)
	}
}

// loadHead reads name, encoding, framing and order of text.
func (d *Dialect) loadHead(file *dialectFile, faults *loadFaults) {
	if file.Dialect == "" {
		faults.add("dialect: no name")
	}
	if file.Encoding != "ascii" {
		faults.add("encoding: %q is not known, only ascii (with hex bitmap)", file.Encoding)
	}
	kind, err := ParseFraming(file.Framing.Kind)
	faults.err(err)
	d.framing = Framing{Kind: kind, Max: file.Framing.Max}
	if file.Framing.Max < 0 || file.Framing.Max > 65535 {
		faults.add("framing: max %d is outside 0 to 65535", file.Framing.Max)
	}
	switch file.TextOrder {
	case "visual":
		d.textOrder = iransystem.Visual
	case "logical":
		d.textOrder = iransystem.Logical
	default:
		faults.add("text_order: %q is neither visual nor logical", file.TextOrder)
	}
}

package iso

import (
	"maps"
	"slices"
)

// Direction is the direction of a message, seen from the switch.
type Direction uint8

const (
	// ToNetwork is a message of the switch to the card network.
	ToNetwork Direction = iota + 1
	// FromNetwork is a message of the card network to the switch.
	FromNetwork
	// ToSwitch is a message of a terminal to the switch.
	ToSwitch
	// ToTerminal is a message of the switch to a terminal.
	ToTerminal
)

var directionNames = map[string]Direction{
	"to_network": ToNetwork, "from_network": FromNetwork, "to_switch": ToSwitch, "to_terminal": ToTerminal,
}

// String returns the name used in dialect files.
func (d Direction) String() string {
	for name, direction := range directionNames {
		if direction == d {
			return name
		}
	}
	return "unknown"
}

type ruleKey struct {
	mti       MTI
	direction Direction
}

// rule is the presence rule of one message type in one direction.
type rule struct {
	when      []condition
	mandatory fieldMask
	oneOf     [][]int
	allowed   fieldMask // mandatory, one of and conditional together
	others    bool      // any other field of the dialect is allowed
}

// condition holds if a field begins with one of the values.
type condition struct {
	field  int
	values []string
}

// loadRules reads the presence rules.
func (d *Dialect) loadRules(files []ruleFile, faults *loadFaults) {
	if len(files) == 0 {
		faults.add("presence: no rules")
	}
	for i := range files {
		file := &files[i]
		direction, known := directionNames[file.Direction]
		if !known {
			faults.add("presence rule %d: direction %q is not known", i+1, file.Direction)
		}
		r := d.loadRule(i+1, file, faults)
		for _, text := range file.MTI {
			mti, err := ParseMTI(text)
			if err != nil {
				faults.add("presence rule %d: %w", i+1, err)
			}
			key := ruleKey{mti, direction}
			if earlier := d.presence[key]; len(earlier) > 0 && (len(r.when) == 0 || len(earlier[len(earlier)-1].when) == 0) {
				faults.add("presence rule %d: %s %s has a rule already that applies always", i+1, text, file.Direction)
			}
			d.presence[key] = append(d.presence[key], r)
		}
		if len(file.MTI) == 0 {
			faults.add("presence rule %d: no mti", i+1)
		}
	}
}

// loadRule reads one rule; number names it in faults.
func (d *Dialect) loadRule(number int, file *ruleFile, faults *loadFaults) rule {
	r := rule{others: file.Others == "allowed", oneOf: file.OneOf}
	if file.Others != "allowed" && file.Others != "refused" {
		faults.add("presence rule %d: others %q is neither allowed nor refused", number, file.Others)
	}
	add := func(f int, set *fieldMask) {
		if f < 2 || f > MaxField || !d.wire[f].known {
			faults.add("presence rule %d: field %d is not defined", number, f)
			return
		}
		if r.allowed.has(f) {
			faults.add("presence rule %d: field %d is named twice", number, f)
		}
		set.add(f)
		r.allowed.add(f)
	}
	for _, f := range file.Mandatory {
		add(f, &r.mandatory)
	}
	var choices fieldMask
	for _, group := range file.OneOf {
		for _, f := range group {
			add(f, &choices)
		}
	}
	for _, f := range file.Conditional {
		add(f, &choices)
	}
	for _, f := range slices.Sorted(maps.Keys(file.When)) {
		if f < 2 || f > MaxField || !d.wire[f].known || len(file.When[f]) == 0 {
			faults.add("presence rule %d: when: field %d is not defined or has no values", number, f)
		}
		r.when = append(r.when, condition{f, file.When[f]})
	}
	return r
}

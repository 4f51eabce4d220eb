package tariffs

import (
	"slices"
	"strings"
)

// step is a component with its place in the version, made ready for quoting.
type step struct {
	*Component
	place int
	of    []int    // places of the components it is charged on
	names []string // their codes
	plain bool     // an integer times the units: no fractions can occur
}

// steps puts the components into the order of computation: as they are listed,
// but each after those it is charged on. A component that is charged on itself
// by some way round is named in the cycle, and the order is of no use.
func steps(components []Component) (ordered []step, cycle string) {
	o := ordering{components: components, state: make([]visit, len(components))}
	for i := range components {
		if !o.visit(i) {
			return nil, strings.Join(append(o.way, o.way[0]), " > ")
		}
	}
	return o.ordered, ""
}

type visit uint8

const (
	unseen visit = iota
	entered
	left
)

// ordering walks the components, those charged on first.
type ordering struct {
	components []Component
	state      []visit
	way        []string // codes entered and not left
	ordered    []step
}

// visit reports whether the component can be ordered. If not, the way is left
// as the cycle.
func (o *ordering) visit(i int) bool {
	c := &o.components[i]
	switch o.state[i] {
	case left:
		return true
	case entered:
		o.way = o.way[max(slices.Index(o.way, c.Code), 0):]
		return false
	}
	o.state[i] = entered
	o.way = append(o.way, c.Code)
	s := step{Component: c, place: i, of: o.base(i), plain: c.plain()}
	for _, other := range s.of {
		if !o.visit(other) {
			return false
		}
		s.names = append(s.names, o.components[other].Code)
	}
	o.state[i] = left
	o.way = o.way[:len(o.way)-1]
	o.ordered = append(o.ordered, s)
	return true
}

// base returns the places of the components that component i is charged on.
func (o *ordering) base(i int) []int {
	c := &o.components[i]
	if c.Kind != PercentOf {
		return nil
	}
	var places []int
	for j := range o.components {
		other := &o.components[j]
		if c.OfTaxable && other.Taxable || slices.Contains(c.Of, other.Code) {
			places = append(places, j)
		}
	}
	return places
}

// plain reports whether the component's amount is always a whole number of rial
// found by one multiplication.
func (c *Component) plain() bool {
	whole := c.Kind == Fixed || c.Kind == PerUnit
	return whole && len(c.Options) == 0 && c.Minimum == 0 && c.Maximum == 0 && c.Late == nil && c.Rounding == Rounding{}
}

package promrule

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"time"
)

// lookback is how old the newest sample of a series may be (Prometheus' query.lookback-delta).
const lookback = 5 * time.Minute

// Element is one member of a result.
type Element struct {
	Labels Labels
	Value  float64
}

// value is a number or a vector of elements.
type value struct {
	scalar bool
	number float64
	vector []Element
	ranges []series // of a range selector, with the points of its range
}

// Eval evaluates the expression at a time. The result of a number is an element without labels.
func (e *Expr) Eval(at time.Time, db *Samples) ([]Element, error) {
	v, err := e.root.eval(at, db)
	if err != nil {
		return nil, err
	}
	if v.ranges != nil {
		return nil, fmt.Errorf("a range is no result")
	}
	if v.scalar {
		return []Element{{Labels{}, v.number}}, nil
	}
	return v.vector, nil
}

type number float64

func (n number) eval(time.Time, *Samples) (value, error) {
	return value{scalar: true, number: float64(n)}, nil
}

type matcher struct {
	label, op string
	pattern   *regexp.Regexp
	text      string
}

func (m matcher) holds(l Labels) bool {
	switch m.op {
	case "=":
		return l[m.label] == m.text
	case "!=":
		return l[m.label] != m.text
	case "=~":
		return m.pattern.MatchString(l[m.label])
	}
	return !m.pattern.MatchString(l[m.label])
}

type selector struct {
	matchers     []matcher
	over, offset time.Duration
}

func (s selector) eval(at time.Time, db *Samples) (value, error) {
	at = at.Add(-s.offset)
	window := s.over
	if window == 0 {
		window = lookback
	}
	v := value{}
	if s.over > 0 {
		v.ranges = []series{}
	}
	for _, k := range slices.Sorted(maps.Keys(db.series)) {
		one := db.series[k]
		if slices.ContainsFunc(s.matchers, func(m matcher) bool { return !m.holds(one.labels) }) {
			continue
		}
		var points []point
		for _, p := range one.points {
			if p.at.After(at.Add(-window)) && !p.at.After(at) {
				points = append(points, p)
			}
		}
		switch {
		case len(points) == 0:
		case s.over > 0:
			v.ranges = append(v.ranges, series{one.labels, points})
		default:
			v.vector = append(v.vector, Element{one.labels, points[len(points)-1].value})
		}
	}
	return v, nil
}

type aggregation struct {
	name string
	by   []string
	of   node
}

func (a aggregation) eval(at time.Time, db *Samples) (value, error) {
	inner, err := a.of.eval(at, db)
	if err != nil || inner.scalar || inner.ranges != nil {
		return value{}, errAlso(err, "%s needs a vector", a.name)
	}
	groups := map[string]*Element{}
	for _, e := range inner.vector {
		l := e.Labels.only(a.by)
		k, x := l.key(), e.Value
		if a.name == "count" {
			x = 1
		}
		g := groups[k]
		switch {
		case g == nil:
			groups[k] = &Element{l, x}
		case a.name == "max":
			g.Value = math.Max(g.Value, x)
		case a.name == "min":
			g.Value = math.Min(g.Value, x)
		default:
			g.Value += x
		}
	}
	var v value
	for _, k := range slices.Sorted(maps.Keys(groups)) {
		v.vector = append(v.vector, *groups[k])
	}
	return v, nil
}

func errAlso(err error, format string, arguments ...any) error {
	if err != nil {
		return err
	}
	return fmt.Errorf(format, arguments...)
}

package promrule

import (
	"fmt"
	"time"
)

type operation struct {
	op          string
	left, right node
}

func (o operation) eval(at time.Time, db *Samples) (value, error) {
	l, err := o.left.eval(at, db)
	if err != nil {
		return l, err
	}
	r, err := o.right.eval(at, db)
	if err != nil {
		return r, err
	}
	if l.ranges != nil || r.ranges != nil {
		return value{}, fmt.Errorf("%s needs no range", o.op)
	}
	switch {
	case o.op == "or" || o.op == "and":
		if l.scalar || r.scalar {
			return value{}, fmt.Errorf("%s needs two vectors", o.op)
		}
		return set(o.op, l.vector, r.vector), nil
	case l.scalar && r.scalar:
		if compares(o.op) {
			return value{}, fmt.Errorf("two numbers are not compared")
		}
		x, _ := apply(o.op, l.number, r.number)
		return value{scalar: true, number: x}, nil
	}
	return pair(o.op, l, r)
}

// set is the union, or those of the left that the right has too.
func set(op string, left, right []Element) value {
	there := map[string]bool{}
	from := right
	if op == "or" {
		from = left
	}
	for _, e := range from {
		there[e.Labels.without("__name__").key()] = true
	}
	var v value
	for _, e := range left {
		if op == "or" || there[e.Labels.without("__name__").key()] {
			v.vector = append(v.vector, e)
		}
	}
	for _, e := range right {
		if op == "or" && !there[e.Labels.without("__name__").key()] {
			v.vector = append(v.vector, e)
		}
	}
	return v
}

func compares(op string) bool { return op[0] == '=' || op[0] == '!' || op[0] == '<' || op[0] == '>' }

// apply computes; of a comparison it keeps the left number, if the comparison holds.
func apply(op string, l, r float64) (x float64, keep bool) {
	switch op {
	case "+":
		return l + r, true
	case "-":
		return l - r, true
	case "*":
		return l * r, true
	case "/":
		return l / r, true
	case "==":
		return l, l == r
	case "!=":
		return l, l != r
	case "<":
		return l, l < r
	case "<=":
		return l, l <= r
	case ">":
		return l, l > r
	}
	return l, l >= r
}

// pair computes element by element: with a number, or with the one of the other side that has the same labels.
func pair(op string, l, r value) (value, error) {
	name := func(e Element) Labels {
		if compares(op) {
			return e.Labels
		}
		return e.Labels.without("__name__")
	}
	var v value
	add := func(labels Labels, x float64, keep bool) {
		if keep {
			v.vector = append(v.vector, Element{labels, x})
		}
	}
	switch {
	case r.scalar:
		for _, e := range l.vector {
			x, keep := apply(op, e.Value, r.number)
			add(name(e), x, keep)
		}
	case l.scalar:
		for _, e := range r.vector {
			x, keep := apply(op, l.number, e.Value)
			if compares(op) {
				x = e.Value
			}
			add(name(e), x, keep)
		}
	default:
		others := map[string]Element{}
		for _, e := range r.vector {
			k := e.Labels.without("__name__").key()
			if _, twice := others[k]; twice {
				return v, fmt.Errorf("%s: two elements of the right have the labels %s", op, k)
			}
			others[k] = e
		}
		seen := map[string]bool{}
		for _, e := range l.vector {
			k := e.Labels.without("__name__").key()
			other, there := others[k]
			if !there {
				continue
			}
			if seen[k] {
				return v, fmt.Errorf("%s: two elements of the left have the labels %s", op, k)
			}
			seen[k] = true
			x, keep := apply(op, e.Value, other.Value)
			add(name(e), x, keep)
		}
	}
	return v, nil
}

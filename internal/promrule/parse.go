package promrule

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Expr is an expression that can be evaluated.
type Expr struct{ root node }

// node is a part of an expression.
type node interface {
	eval(at time.Time, db *Samples) (value, error)
}

// parse reads an expression of PromQL; its error names the part that is not supported here.
func parse(text string) (*Expr, error) {
	words, err := tokens(text)
	if err != nil {
		return nil, err
	}
	p := &parser{words: words}
	root, err := p.binary(0)
	if err == nil && p.peek() != "" {
		err = fmt.Errorf("%q is not expected", p.peek())
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	return &Expr{root}, nil
}

type parser struct {
	words []string
	at    int
}

func (p *parser) peek() string {
	if p.at == len(p.words) {
		return ""
	}
	return p.words[p.at]
}

func (p *parser) take() string {
	word := p.peek()
	if word != "" {
		p.at++
	}
	return word
}

// skip takes a word if it comes.
func (p *parser) skip(word string) bool {
	if p.peek() != word {
		return false
	}
	p.at++
	return true
}

func (p *parser) want(word string) error {
	if !p.skip(word) {
		return fmt.Errorf("%q is expected before %q", word, p.peek())
	}
	return nil
}

// precedence lists the operators, the weakest first.
var precedence = [][]string{{"or"}, {"and"}, {"==", "!=", "<=", "<", ">=", ">"}, {"+", "-"}, {"*", "/"}}

// binary reads operators of a level and of stronger ones.
func (p *parser) binary(level int) (node, error) {
	if level == len(precedence) {
		return p.primary()
	}
	left, err := p.binary(level + 1)
	for err == nil && slices.Contains(precedence[level], p.peek()) {
		op := p.take()
		var right node
		if right, err = p.binary(level + 1); err == nil {
			left = operation{op, left, right}
		}
	}
	return left, err
}

// The functions and aggregations that are known.
var (
	functions    = []string{"rate", "increase", "histogram_quantile", "abs", "time"}
	aggregations = []string{"sum", "max", "min", "count"}
)

func (p *parser) primary() (node, error) {
	word := p.peek()
	switch {
	case p.skip("("):
		inner, err := p.binary(0)
		if err == nil {
			err = p.want(")")
		}
		return inner, err
	case word == "":
		return nil, fmt.Errorf("something is missing at the end")
	case slices.Contains(functions, word):
		return p.call(p.take())
	case slices.Contains(aggregations, word):
		return p.aggregate(p.take())
	case named(rune(word[0])):
		return p.selector(p.take())
	}
	n, err := strconv.ParseFloat(p.take(), 64)
	return number(n), err
}

func (p *parser) call(name string) (node, error) {
	c := call{name: name}
	err := p.want("(")
	for err == nil && !p.skip(")") {
		var one node
		if one, err = p.binary(0); err == nil {
			c.arguments = append(c.arguments, one)
			if p.peek() != ")" {
				err = p.want(",")
			}
		}
	}
	return c, err
}

func (p *parser) aggregate(name string) (node, error) {
	a := aggregation{name: name}
	var err error
	by := func() error {
		if !p.skip("by") {
			return nil
		}
		a.by, err = p.names()
		return err
	}
	if err := by(); err != nil {
		return nil, err
	}
	if err := p.want("("); err != nil {
		return nil, err
	}
	if a.of, err = p.binary(0); err != nil {
		return nil, err
	}
	if err := p.want(")"); err != nil {
		return nil, err
	}
	return a, by()
}

// names reads labels in parentheses.
func (p *parser) names() (names []string, err error) {
	err = p.want("(")
	for err == nil && !p.skip(")") {
		names = append(names, p.take())
		if p.peek() != ")" {
			err = p.want(",")
		}
	}
	return names, err
}

// selector reads a metric with what its labels must be, a range and an offset.
func (p *parser) selector(metric string) (node, error) {
	s := selector{matchers: []matcher{{"__name__", "=", regexp.MustCompile(""), metric}}}
	var err error
	if p.skip("{") {
		for err == nil && !p.skip("}") {
			var m matcher
			if m, err = p.matcher(); err == nil {
				s.matchers = append(s.matchers, m)
				if p.peek() != "}" {
					err = p.want(",")
				}
			}
		}
	}
	if err == nil && p.skip("[") {
		if s.over, err = duration(p.take()); err == nil {
			err = p.want("]")
		}
	}
	if err == nil && p.skip("offset") {
		s.offset, err = duration(p.take())
	}
	return s, err
}

func (p *parser) matcher() (m matcher, err error) {
	m.label, m.op = p.take(), p.take()
	if !slices.Contains([]string{"=", "!=", "=~", "!~"}, m.op) {
		return m, fmt.Errorf("label %s is compared by %q", m.label, m.op)
	}
	if m.text, err = strconv.Unquote(p.take()); err != nil {
		return m, fmt.Errorf("what label %s must be is no text", m.label)
	}
	m.pattern, err = regexp.Compile("^(?s:" + m.text + ")$")
	return m, err
}

package tariffs

import (
	"slices"
	"strings"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// priced is a version made ready for quoting.
type priced struct {
	Version
	ids   []int64
	steps []step
	// carrier is the place of the component that bears the rounding of the
	// total, if there is one.
	carrier int
	// categories are those that any component is exempted for, options those
	// that any component has, each once.
	categories, options []string
	// constant is the quote of everyone but the exempted, made once where
	// nothing in a request can change it.
	constant *Quote
	// all are the versions of the service in order of time, of which this is
	// one; none before the set is made.
	all []priced
	// next is the first day of the version after this one; no date if it is the
	// last.
	next calendar.Date
}

// prepare makes a version ready for quoting. The version has passed Check.
func prepare(v Version) priced {
	p := priced{Version: v, ids: []int64{v.ID}}
	p.steps, _ = steps(v.Components)
	constant := len(v.Sharing) == 0
	for i := range v.Components {
		c := &v.Components[i]
		constant = constant && c.constant()
		p.know(c)
		if v.Total != nil && v.Total.Carrier == c.Code {
			p.carrier = i
		}
	}
	if constant {
		// A price too large to pay is an error of the quote.
		if q, err := p.compute(&Request{Service: v.Service}, choice{}); err == nil {
			p.constant = &q
		}
	}
	return p
}

// know adds a component's categories and options to those of the version.
func (p *priced) know(c *Component) {
	for _, e := range c.Exemptions {
		if !slices.Contains(p.categories, e.Category) {
			p.categories = append(p.categories, e.Category)
		}
	}
	for _, o := range c.Options {
		if !slices.Contains(p.options, o.Code) {
			p.options = append(p.options, o.Code)
		}
	}
}

// constant reports whether only an exemption can change the component's amount.
func (c *Component) constant() bool {
	return (c.Kind == Fixed || c.Kind == PercentOf) && len(c.Options) == 0 && c.Late == nil
}

// quote prices a request on the day that chose the version.
func (p *priced) quote(r *Request, by choice) (Quote, error) {
	if err := p.knows(r); err != nil {
		return Quote{}, err
	}
	if p.constant != nil && r.Category == "" && p.divides(r.Date) {
		q := *p.constant
		q.Date, q.Decided, q.DecidedBy, q.Assumed = r.Date, by.day, by.decider, by.assumed
		return q, nil
	}
	return p.compute(r, by)
}

// knows refuses a category and an option that the tariff does not know, and
// lists those that it does. What was asked for is not told: it may be anything
// that was typed, a card number too.
func (p *priced) knows(r *Request) error {
	if r.Category != "" && !slices.Contains(p.categories, r.Category) {
		return fault.New(fault.Invalid, "%w: %s", ErrUnknownCategory, known("categories", p.categories))
	}
	if r.Option != "" && !slices.Contains(p.options, r.Option) {
		return fault.New(fault.Invalid, "%w: %s", ErrUnknownOption, known("options", p.options))
	}
	return nil
}

// known lists codes for people.
func known(what string, codes []string) string {
	if len(codes) == 0 {
		return "the tariff has no " + what
	}
	return "the tariff knows the " + what + " " + strings.Join(codes, ", ")
}

// divides reports whether this version alone decides who receives what is paid on a
// day.
func (p *priced) divides(day calendar.Date) bool {
	return day >= p.From && (p.next.IsZero() || day < p.next)
}

// compute prices a request by every component of the version.
func (p *priced) compute(r *Request, by choice) (Quote, error) {
	q := Quote{
		Service: p.Service, Agency: p.Agency, Date: r.Date, Decided: by.day, DecidedBy: by.decider, Assumed: by.assumed,
		Versions: p.ids, Lines: make([]Line, len(p.Components)),
	}
	for i := range p.steps {
		s := &p.steps[i]
		if err := q.reckon(s, r); err != nil {
			return Quote{}, fault.New(fault.KindOf(err), "component %s: %w", s.Code, err)
		}
		q.Total += q.Lines[s.place].Amount // at most fifty amounts of twelve digits
	}
	if err := p.roundTotal(&q); err != nil {
		return Quote{}, err
	}
	if err := p.share(&q); err != nil {
		return Quote{}, err
	}
	p.orderExemptions(&q)
	return q, nil
}

// roundTotal rounds the sum and lets the carrier bear the difference, which it
// can: Check has seen to it.
func (p *priced) roundTotal(q *Quote) error {
	if q.Total > money.MaxPayment {
		return ErrTooLarge
	}
	if p.Total == nil {
		return nil
	}
	rounded, err := p.Total.apply(rial(q.Total))
	if err != nil {
		return err
	}
	line := &q.Lines[p.carrier]
	line.Carried = rounded - q.Total
	line.Amount += line.Carried
	q.Total, q.Rounding = rounded, p.Total.spelled()
	if line.Amount < 0 {
		return fault.New(fault.Bug, "component %s: %d rial after the total was rounded", line.Component, line.Amount)
	}
	return nil
}

// orderExemptions puts them into the order of the lines, from which the order of
// computation may differ.
func (p *priced) orderExemptions(q *Quote) {
	if len(q.Exemptions) < 2 {
		return
	}
	place := make(map[string]int, len(p.Components))
	for i := range p.Components {
		place[p.Components[i].Code] = i
	}
	slices.SortFunc(q.Exemptions, func(a, b Exemption) int { return place[a.Component] - place[b.Component] })
}

package tariffs

import (
	"slices"

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
	// categories are those that any component is exempted for.
	categories []string
	// constant is the quote of everyone but the exempted, made once where
	// nothing in a request can change it.
	constant *Quote
}

// prepare makes a version ready for quoting. The version has passed Check.
func prepare(v Version) priced {
	p := priced{Version: v, ids: []int64{v.ID}}
	p.steps, _ = steps(v.Components)
	constant := len(v.Sharing) == 0
	for i := range v.Components {
		c := &v.Components[i]
		constant = constant && c.constant()
		for _, e := range c.Exemptions {
			p.categories = append(p.categories, e.Category)
		}
		if v.Total != nil && v.Total.Carrier == c.Code {
			p.carrier = i
		}
	}
	if constant {
		// What cannot be paid is told to whoever asks for it.
		if q, err := p.compute(&Request{Service: v.Service}, 0); err == nil {
			p.constant = &q
		}
	}
	return p
}

// constant reports whether only an exemption can change the component's amount.
func (c *Component) constant() bool {
	return (c.Kind == Fixed || c.Kind == PercentOf) && len(c.Options) == 0 && c.Late == nil
}

// decides returns the day that decides whether the version holds.
func (v *Version) decides(r *Request) calendar.Date {
	day := calendar.Date(0)
	switch v.DecidedBy {
	case RequestDate:
		day = r.Requested
	case ServiceDate:
		day = r.Served
	}
	if day.IsZero() {
		return r.Date
	}
	return day
}

// holds reports whether the version holds on its deciding day.
func (v *Version) holds(day calendar.Date) bool {
	return day >= v.From && day <= lastDay && (v.Until.IsZero() || day < v.Until)
}

// quote prices a request on the day that chose the version.
func (p *priced) quote(r *Request, decided calendar.Date) (Quote, error) {
	if p.constant != nil && (r.Category == "" || !slices.Contains(p.categories, r.Category)) {
		q := *p.constant
		q.Date, q.Decided = r.Date, decided
		return q, nil
	}
	return p.compute(r, decided)
}

// compute prices a request by every component of the version.
func (p *priced) compute(r *Request, decided calendar.Date) (Quote, error) {
	q := Quote{
		Service: p.Service, Agency: p.Agency, Date: r.Date, Decided: decided, Versions: p.ids,
		Lines: make([]Line, len(p.Components)),
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

// orderExemptions puts them into the order of the lines, which the order of
// reckoning may not be.
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

package tariffs

import (
	"treasury-switch/calendar"
	"treasury-switch/money"
)

// Change is one difference between the tariffs of two dates. Amounts are those
// of Request, in rial.
type Change struct {
	Agency  int32  `json:"agency"`
	Service string `json:"service"`
	// Component is the code of the component; empty for the service as a whole,
	// whose change follows those of its components.
	Component string     `json:"component,omitempty"`
	Title     Title      `json:"title"`
	What      ChangeKind `json:"what"`
	// Fields name what the law changed, in the words of a tariff file with
	// "price" for the rate or amount: "price", "shares", "basis". They are empty
	// for what was added or removed, and for a component whose amount changes
	// only with those it is charged on.
	Fields []string `json:"fields,omitempty"`
	// Before and After are the amounts for Request on the two dates; Percent is
	// the change in percent of Before, rounded half up to two decimals, and
	// empty where Before is zero.
	Before     money.Rial `json:"before"`
	After      money.Rial `json:"after"`
	Difference money.Rial `json:"difference"`
	Percent    string     `json:"percent,omitempty"`
	// Request is what was priced, as of the later date if it has a tariff then.
	Request Request `json:"request"`
	// Unpriced is the reason why Request has no price on one of the dates.
	Unpriced string `json:"unpriced,omitempty"`
}

// ChangeKind is the kind of a change between the dates.
type ChangeKind string

// The kinds of change.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
)

// Diff lists what changes from the tariffs of one day to those of another, by
// service in alphabetical order and by component in the order of the later
// tariff, removed ones last. What is the same on both days is not listed.
// Amounts are those of Reference.
func Diff(s *Set, before, after calendar.Date) []Change {
	var changes []Change
	for _, service := range s.Services() {
		a, b := s.side(service, before), s.side(service, after)
		switch {
		case a.priced == nil && b.priced == nil:
		case a.priced == nil:
			changes = append(changes, b.total(a, b, Added, nil))
		case b.priced == nil:
			changes = append(changes, a.total(a, b, Removed, nil))
		default:
			changes = append(changes, compare(a, b)...)
		}
	}
	return changes
}

// reference is a request to compare tariffs by: one unit, a base of
// 1,000,000,000 rial that is two years old, the first option, asked for,
// rendered and paid on the day, in time, by a payer of no category.
func reference(v Version, day calendar.Date) Request {
	year, _, _ := day.Jalali()
	r := Request{
		Service: v.Service, Date: day, Units: 1, Base: 1_000_000_000, HasBase: true, Due: day, FirstYear: year - 2,
	}
	for _, c := range v.Components {
		if len(c.Options) > 0 {
			r.Option = c.Options[0].Code
			break
		}
	}
	return r
}

// side is a service on one of the dates.
type side struct {
	*priced
	request Request
	quote   Quote
	err     error
}

func (s *Set) side(service string, day calendar.Date) side {
	p, by, err := s.at(&Request{Service: service, Date: day})
	if err != nil {
		return side{}
	}
	d := side{priced: p, request: reference(p.Version, day)}
	d.quote, d.err = p.quote(&d.request, by)
	return d
}

// compare lists the changes of a service that both days have.
func compare(a, b side) []Change {
	var changes []Change
	for i := range b.Components {
		c := b.Components[i]
		old := a.component(c.Code)
		switch {
		case old == nil:
			changes = append(changes, b.change(a, b, c, Added, nil))
		default:
			fields := differences(a.effective(*old), b.effective(c), componentFields)
			if len(fields) > 0 || a.amount(c.Code) != b.amount(c.Code) {
				changes = append(changes, b.change(a, b, c, Changed, fields))
			}
		}
	}
	for i := range a.Components {
		if b.component(a.Components[i].Code) == nil {
			changes = append(changes, a.change(a, b, a.Components[i], Removed, nil))
		}
	}
	fields := differences(a.Version, b.Version, versionFields)
	if len(fields) == 0 && len(changes) == 0 {
		return nil
	}
	return append(changes, b.total(a, b, Changed, fields))
}

// effective is the component with the shares that hold on the side's day.
func (d side) effective(c Component) Component {
	if s := d.sharing(c.Code, d.request.Date); s != nil {
		c.Shares = s.Shares
	}
	return c
}

// amount is what the component comes to on this side; zero if it has no price.
func (d side) amount(code string) money.Rial {
	for _, l := range d.quote.Lines {
		if l.Component == code {
			return l.Amount
		}
	}
	return 0
}

// change describes a component as it is on side d.
func (d side) change(a, b side, c Component, what ChangeKind, fields []string) Change {
	change := d.total(a, b, what, fields)
	change.Component, change.Title = c.Code, c.Title
	return change.priced(a.amount(c.Code), b.amount(c.Code))
}

// total describes the service as it is on side d.
func (d side) total(a, b side, what ChangeKind, fields []string) Change {
	c := Change{Agency: d.Agency, Service: d.Service, Title: d.Title, What: what, Fields: fields, Request: d.request}
	for _, err := range []error{a.err, b.err} {
		if err != nil {
			c.Unpriced = err.Error()
		}
	}
	return c.priced(a.quote.Total, b.quote.Total)
}

// priced gives the change its amounts.
func (c Change) priced(before, after money.Rial) Change {
	c.Before, c.After, c.Difference, c.Percent = before, after, after-before, ""
	if before > 0 {
		c.Percent = rial(c.Difference).Mul(hundred).DivRound(rial(before), 2).String()
	}
	if c.Unpriced != "" {
		c.Difference, c.Percent = 0, ""
	}
	return c
}

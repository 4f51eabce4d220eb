package tariffs

import (
	"github.com/shopspring/decimal"

	"treasury-switch/calendar"
	"treasury-switch/money"
)

var (
	one     = decimal.NewFromInt(1)
	hundred = decimal.NewFromInt(100)
)

// rial converts an amount for exact arithmetic.
func rial(a money.Rial) decimal.Decimal { return decimal.NewFromInt(int64(a)) }

// percentOf is exact: it only multiplies and moves the point.
func percentOf(x, rate decimal.Decimal) decimal.Decimal { return x.Mul(rate).Shift(-2) }

// reckoning is one component on its way to an amount.
type reckoning struct {
	*step
	request *Request
	decided calendar.Date // the day that chose the version
	line    *Line
	exact   decimal.Decimal // the amount so far
}

// reckon finds the amount of a component: the price by its kind, bounded,
// raised by lateness, lowered by an exemption, and rounded once. The lines of
// the components it is charged on are there already.
func (q *Quote) reckon(s *step, r *Request) error {
	c, line := s.Component, &q.Lines[s.place]
	line.Component, line.Title, line.Citation = c.Code, c.Title, c.Basis
	relief := c.relief(r.Category)
	if s.plain && relief == nil {
		return c.whole(r, line)
	}
	k := reckoning{step: s, request: r, decided: q.Decided, line: line}
	if err := k.price(q.Lines); err != nil {
		return err
	}
	k.bound()
	if err := k.raise(); err != nil {
		return err
	}
	if relief != nil {
		exemption, err := k.exempt(relief)
		if err != nil {
			return err
		}
		q.Exemptions = append(q.Exemptions, exemption)
	}
	return k.round()
}

// whole prices a component that needs no fractions, by integers alone.
func (c *Component) whole(r *Request, line *Line) (err error) {
	line.Base, line.Amount = c.Amount, c.Amount
	if c.Kind == PerUnit {
		if line.Units, err = c.begun(r.Units); err != nil {
			return err
		}
		if line.Amount, err = c.Amount.Times(line.Units); err != nil {
			return ErrTooLarge
		}
	}
	if line.Amount > money.MaxPayment {
		return ErrTooLarge
	}
	return nil
}

// begun counts the groups of units begun.
func (c *Component) begun(units int64) (int64, error) {
	switch {
	case units == 0:
		return 0, ErrMissingUnits
	case units < 0:
		return 0, ErrBadInput
	}
	return (units-1)/c.PerUnits + 1, nil
}

// bound takes a price below the minimum as the minimum, and one above the
// maximum as the maximum (registration act, article 136).
func (k *reckoning) bound() {
	if low := rial(k.Minimum); k.exact.LessThan(low) {
		k.exact, k.line.Bound = low, AtMinimum
	}
	if high := rial(k.Maximum); k.Maximum > 0 && k.exact.GreaterThan(high) {
		k.exact, k.line.Bound = high, AtMaximum
	}
}

// round ends the reckoning. The line tells the rounding if the tariff names
// one, or if it made a difference.
func (k *reckoning) round() error {
	amount, err := k.Rounding.apply(k.exact)
	if err != nil {
		return err
	}
	k.line.Amount = amount
	if !k.exact.Equal(rial(amount)) {
		k.line.Exact, k.line.Rounding = k.exact.String(), k.Rounding.spelled()
	} else if k.Rounding != (Rounding{}) {
		k.line.Rounding = k.Rounding.spelled()
	}
	return nil
}

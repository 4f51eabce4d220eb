package tariffs

import (
	"github.com/shopspring/decimal"

	"treasury-switch/money"
)

// line computes one component of a quote.
func (c *Component) line(r Request) (Line, error) {
	l := Line{Component: c.Code, Title: c.Title, Base: c.Amount, Citation: c.Basis}
	var err error
	switch c.Kind {
	case Fixed:
		l.Amount = c.Amount
	case PerUnit:
		l.Amount, l.Units, err = c.perUnit(r.Units)
	case Percent:
		l.Base, l.Rate = r.Base, c.Rate.String()
		l.Amount, err = c.percent(r)
	default:
		err = ErrBadInput // Check lets no other kind into a set
	}
	return l, err
}

// perUnit charges for every group of units begun.
func (c *Component) perUnit(units int64) (money.Rial, int64, error) {
	if units == 0 {
		return 0, 0, ErrMissingUnits
	}
	if units < 0 {
		return 0, 0, ErrBadInput
	}
	begun := (units-1)/c.PerUnits + 1
	amount, err := c.Amount.Times(begun)
	if err != nil {
		return 0, 0, ErrTooLarge
	}
	return amount, begun, nil
}

// percent charges the rate on the base, exactly, and rounds once.
func (c *Component) percent(r Request) (money.Rial, error) {
	if !r.HasBase {
		return 0, ErrMissingBase
	}
	if r.Base < 0 {
		return 0, ErrBadInput
	}
	exact := decimal.NewFromInt(int64(r.Base)).Mul(c.Rate).Shift(-2)
	return c.Rounding.apply(exact)
}

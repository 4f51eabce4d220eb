package tariffs

import (
	"github.com/shopspring/decimal"

	"treasury-switch/calendar"
	"treasury-switch/money"
)

// raise adds what lateness costs. The due date is the last day at the base
// price; days late are calendar days from there to the payment.
func (k *reckoning) raise() error {
	late := k.Late
	if late == nil {
		return nil
	}
	due, paid := k.request.Due, k.request.Date
	if due.IsZero() {
		return ErrMissingDue
	}
	days := int64(paid) - int64(due)
	k.line.LateDays = max(days, 0)
	if days <= late.After || days <= 0 {
		return nil
	}
	if days > maxLate {
		return ErrBadInput
	}
	p := Penalty{Periods: late.periods(days, due, paid), Citation: late.Basis}
	added := late.addition(k.exact, p.Periods)
	for _, most := range late.caps(k.exact) {
		if added.GreaterThan(most) {
			added, p.Capped = most, true
		}
	}
	p.Added = added.String()
	k.line.Penalty, k.exact = &p, k.exact.Add(added)
	return nil
}

// periods counts the periods begun after the days that cost nothing.
func (l *Late) periods(days int64, due, paid calendar.Date) int64 {
	charged := days - l.After
	switch l.Every {
	case Daily:
		return charged
	case ThirtyDays:
		return (charged-1)/30 + 1
	case Monthly:
		return monthsBegun(due.Add(int(l.After)), paid)
	}
	return 1
}

// monthsBegun counts the Jalali months begun between a day and a later one. A
// month ends on the same day of the next month, or with that month if it has no
// such day.
func monthsBegun(from, to calendar.Date) int64 {
	year, month, day := from.Jalali()
	toYear, toMonth, toDay := to.Jalali()
	months := (toYear-year)*12 + toMonth - month
	if toDay > day {
		months++
	}
	return int64(months)
}

// addition is what a number of periods adds to a price, before any cap.
func (l *Late) addition(price decimal.Decimal, periods int64) decimal.Decimal {
	n := decimal.NewFromInt(periods)
	switch {
	case l.Times.IsPositive():
		return price.Mul(l.Times.Sub(one))
	case l.Rate.IsPositive():
		return percentOf(price, l.Rate).Mul(n)
	}
	return rial(l.Amount).Mul(n)
}

// caps are the most that may be added to a price.
func (l *Late) caps(price decimal.Decimal) []decimal.Decimal {
	var caps []decimal.Decimal
	if l.MostRate.IsPositive() {
		caps = append(caps, percentOf(price, l.MostRate))
	}
	if l.Most > 0 {
		caps = append(caps, rial(l.Most))
	}
	return caps
}

// relief returns the exemption of a category of payers, or nil.
func (c *Component) relief(category string) *Relief {
	if category == "" {
		return nil
	}
	for i := range c.Exemptions {
		if c.Exemptions[i].Category == category {
			return &c.Exemptions[i]
		}
	}
	return nil
}

// exempt lowers the amount by an exemption. What is not charged is told as the
// difference of the two amounts, each rounded once.
func (k *reckoning) exempt(relief *Relief) (Exemption, error) {
	full, err := k.Rounding.apply(k.exact)
	if err != nil {
		return Exemption{}, err
	}
	k.exact = percentOf(k.exact, hundred.Sub(relief.Percent))
	charged, err := k.Rounding.apply(k.exact)
	return Exemption{
		Component: k.Code, Category: relief.Category, Percent: relief.Percent.String(),
		Amount: full - charged, Citation: relief.Basis,
	}, err
}

// least is a lower bound of what a component ever charges, for those that must
// be able to bear the rounding of a total.
func (c *Component) least() money.Rial {
	least := c.Minimum
	if c.Kind == Fixed {
		least = c.Amount
		for i, o := range c.Options {
			if i == 0 || o.Amount < least {
				least = o.Amount
			}
		}
	}
	exact := rial(least)
	lowest := exact
	for _, e := range c.Exemptions {
		lowest = decimal.Min(lowest, percentOf(exact, hundred.Sub(e.Percent)))
	}
	rounded, err := Rounding{Unit: c.Rounding.Unit, Direction: Down}.apply(lowest)
	if err != nil {
		return 0
	}
	return rounded
}

package tariffs

import (
	"github.com/shopspring/decimal"

	"treasury-switch/money"
)

// price finds the exact price by the component's kind.
func (k *reckoning) price(lines []Line) error {
	switch k.Kind {
	case Fixed, PerUnit:
		return k.priceAmount()
	case Percent, Bracketed:
		return k.priceBase()
	case PercentOf:
		return k.priceOthers(lines)
	}
	return ErrBadInput // Check lets no other kind into a set
}

// option returns what the request chose: the component's own amount and rate
// where there is no choice.
func (k *reckoning) option() (money.Rial, decimal.Decimal, error) {
	if len(k.Options) == 0 {
		return k.Amount, k.Rate, nil
	}
	if k.request.Option == "" {
		return 0, decimal.Zero, ErrMissingOption
	}
	for i := range k.Options {
		if o := &k.Options[i]; o.Code == k.request.Option {
			k.line.Option = o.Code
			return o.Amount, o.Rate, nil
		}
	}
	return 0, decimal.Zero, ErrUnknownOption
}

// priceAmount charges the amount once, or for every group of units begun.
func (k *reckoning) priceAmount() error {
	amount, _, err := k.option()
	if err != nil {
		return err
	}
	k.line.Base, k.exact = amount, rial(amount)
	if k.Kind == Fixed {
		return nil
	}
	if k.line.Units, err = k.begun(k.request.Units); err != nil {
		return err
	}
	k.exact = k.exact.Mul(decimal.NewFromInt(k.line.Units))
	return nil
}

// priceBase charges a rate, or the rates of brackets, on the request's base.
// Where the base is unknown the fixed alternative is charged.
func (k *reckoning) priceBase() error {
	r := k.request
	switch {
	case !r.HasBase && k.WithoutBase > 0:
		k.line.Base, k.line.WithoutBase, k.exact = k.WithoutBase, true, rial(k.WithoutBase)
		return nil
	case !r.HasBase:
		return ErrMissingBase
	case r.Base < 0:
		return ErrBadInput
	}
	k.line.Base = r.Base
	base, err := k.depreciate(rial(r.Base))
	if err != nil {
		return err
	}
	if k.Kind == Bracketed {
		k.chargeBrackets(base)
		k.oneRate()
		return nil
	}
	_, rate, err := k.option()
	k.charge(base, rate)
	return err
}

// priceOthers charges a rate on the amounts of other components.
func (k *reckoning) priceOthers(lines []Line) error {
	_, rate, err := k.option()
	if err != nil {
		return err
	}
	for _, place := range k.of {
		// At most fifty amounts of twelve digits.
		k.line.Base += lines[place].Amount
	}
	k.line.Of = k.names
	k.charge(rial(k.line.Base), rate)
	return nil
}

func (k *reckoning) charge(base, rate decimal.Decimal) {
	k.line.Rate, k.exact = rate.String(), percentOf(base, rate)
}

// depreciate lowers a base by its age at the deciding day. A first year after
// that day is refused: most likely it was given in another calendar.
func (k *reckoning) depreciate(base decimal.Decimal) (decimal.Decimal, error) {
	d := k.Depreciation
	if d == nil {
		return base, nil
	}
	first := k.request.FirstYear
	if first == 0 {
		return base, ErrMissingFirstYear
	}
	year, _, _ := k.decided.Jalali()
	if first < 0 || first > year {
		return base, ErrBadInput
	}
	k.line.Age = int64(year - first)
	lost := d.PerYear.Mul(decimal.NewFromInt(min(k.line.Age, d.Years)))
	left := decimal.Max(hundred.Sub(lost), d.Floor)
	k.line.BasePercent = left.String()
	return percentOf(base, left), nil
}

// chargeBrackets finds the bracket of the base, whose bound still belongs to
// it, and charges the whole base there or each part in its own bracket.
func (k *reckoning) chargeBrackets(base decimal.Decimal) {
	k.exact = decimal.Zero
	var above money.Rial
	for i := range k.Brackets {
		b := &k.Brackets[i]
		last := b.UpTo == 0 || base.LessThanOrEqual(rial(b.UpTo))
		if last || k.Mode == Marginal {
			k.chargeBracket(base, above, b, last)
		}
		if last {
			return
		}
		above = b.UpTo
	}
}

// oneRate tells the rate of the line where only one bracket was charged.
func (k *reckoning) oneRate() {
	if len(k.line.Brackets) == 1 {
		k.line.Rate = k.line.Brackets[0].Rate
	}
}

// chargeBracket charges the part of the base that belongs to a bracket.
func (k *reckoning) chargeBracket(base decimal.Decimal, above money.Rial, b *Bracket, last bool) {
	part := base
	if k.Mode == Marginal {
		if !last {
			part = rial(b.UpTo)
		}
		part = part.Sub(rial(above))
	}
	charge := percentOf(part, b.Rate)
	k.exact = k.exact.Add(charge)
	k.line.Brackets = append(k.line.Brackets, BracketUse{
		Above: above, UpTo: b.UpTo, Part: part.String(), Rate: b.Rate.String(), Charge: charge.String(),
	})
}

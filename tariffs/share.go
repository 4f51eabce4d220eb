package tariffs

import (
	"treasury-switch/money"
)

// share divides an amount of the component among its beneficiaries and adds
// the result to the shares of the quote. The parts sum to the amount.
func (c *Component) share(amount money.Rial, shares []Share) ([]Share, error) {
	if len(c.Shares) == 1 {
		return credit(shares, c.Shares[0].Account, amount), nil
	}
	switch c.Shares[0].Method {
	case InRial, Remainder:
		return c.shareFixedFirst(amount, shares), nil
	}
	parts, err := money.Split(amount, c.weights())
	if err != nil {
		return nil, err
	}
	for i, part := range parts {
		shares = credit(shares, c.Shares[i].Account, part)
	}
	return shares, nil
}

// weights are the portions as whole numbers: parts as they are, percents in
// millionths.
func (c *Component) weights() []int64 {
	weights := make([]int64, len(c.Shares))
	for i, p := range c.Shares {
		weights[i] = p.Parts
		if p.Method == InPercent {
			weights[i] = p.Percent.Shift(rateDecimals).IntPart()
		}
	}
	return weights
}

// shareFixedFirst gives each fixed portion its amount in the order listed, as
// far as the component reaches, and the rest to the remainder.
func (c *Component) shareFixedFirst(amount money.Rial, shares []Share) []Share {
	rest := amount
	for _, p := range c.Shares {
		rest -= min(rest, p.Amount)
	}
	left := amount
	for _, p := range c.Shares {
		part := min(left, p.Amount)
		if p.Method == Remainder {
			shares = credit(shares, p.Account, rest)
			continue
		}
		left -= part
		shares = credit(shares, p.Account, part)
	}
	return shares
}

// credit adds an amount to an account's share. Nothing is not a share.
func credit(shares []Share, account string, amount money.Rial) []Share {
	if amount == 0 {
		return shares
	}
	for i := range shares {
		if shares[i].Account == account {
			shares[i].Amount += amount // bounded by the total, checked before
			return shares
		}
	}
	return append(shares, Share{Account: account, Amount: amount})
}

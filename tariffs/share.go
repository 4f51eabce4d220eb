package tariffs

import (
	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// share divides every line among its beneficiaries. That the shares sum to the
// total is held here, whatever the rules above it do.
func (p *priced) share(q *Quote) error {
	q.Shares = make([]Share, 0, len(p.Components)+1)
	for i := range q.Lines {
		line := &q.Lines[i]
		portions := p.Components[i].Shares
		if s := p.sharing(line.Component, q.Date); s != nil {
			portions, line.SharedFrom, line.SharedBy = s.Shares, s.From, &s.Basis
		}
		shares, err := divide(line.Amount, portions, q.Shares)
		if err != nil {
			return fault.New(fault.Bug, "component %s: %w", line.Component, err)
		}
		q.Shares = shares
	}
	var sum money.Rial
	for _, s := range q.Shares {
		sum += s.Amount
	}
	if sum != q.Total {
		return fault.New(fault.Bug, "service %s: shares sum to %d of %d rial", q.Service, sum, q.Total)
	}
	return nil
}

// sharing returns the newest dated shares of a component that hold on a day,
// or nil where its own do.
func (p *priced) sharing(component string, day calendar.Date) *Sharing {
	var newest *Sharing
	for i := range p.Sharing {
		s := &p.Sharing[i]
		if s.Component == component && s.From <= day && (newest == nil || s.From > newest.From) {
			newest = s
		}
	}
	return newest
}

// divide splits an amount among portions and adds the result to the shares of
// the quote. The parts sum to the amount.
func divide(amount money.Rial, portions []Portion, shares []Share) ([]Share, error) {
	if len(portions) == 1 {
		return credit(shares, portions[0].Account, amount), nil
	}
	switch portions[0].Method {
	case InRial, Remainder:
		return fixedFirst(amount, portions, shares), nil
	}
	parts, err := money.Split(amount, weights(portions))
	if err != nil {
		return nil, err
	}
	for i, part := range parts {
		shares = credit(shares, portions[i].Account, part)
	}
	return shares, nil
}

// weights are the portions as whole numbers: parts as they are, percents in
// millionths.
func weights(portions []Portion) []int64 {
	weights := make([]int64, len(portions))
	for i, p := range portions {
		weights[i] = p.Parts
		if p.Method == InPercent {
			weights[i] = p.Percent.Shift(rateDecimals).IntPart()
		}
	}
	return weights
}

// fixedFirst gives each fixed portion its amount in the order listed, as far as
// the component reaches, and the rest to the remainder.
func fixedFirst(amount money.Rial, portions []Portion, shares []Share) []Share {
	rest := amount
	for _, p := range portions {
		rest -= min(rest, p.Amount)
	}
	left := amount
	for _, p := range portions {
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

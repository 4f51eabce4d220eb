package tariffs

import (
	"slices"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// share divides every line among its beneficiaries. It ensures that the shares sum
// to the total, whatever the rules above it do.
func (p *priced) share(q *Quote) error {
	q.Shares = make([]Share, 0, len(p.Components)+1)
	others, divided := []int64(nil), false
	for i := range q.Lines {
		line := &q.Lines[i]
		rule, of := p.rule(&p.Components[i], q.Date)
		if of != p {
			divided = divided || rule.foreign
			if !slices.Contains(others, of.ID) {
				others = append(others, of.ID)
			}
		}
		line.SharedFrom, line.SharedBy = rule.from, rule.by
		shares, err := divide(line.Amount, rule.portions, q.Shares)
		if err != nil {
			return fault.New(fault.Bug, "component %s: %w", line.Component, err)
		}
		q.Shares = shares
	}
	if divided {
		q.Versions = append(slices.Clone(p.ids), others...)
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

// sharingRule is how a component is divided on a day, and since when by which
// law where that is dated apart from its price; foreign where another version
// than that of the price says so.
type sharingRule struct {
	portions []Portion
	from     calendar.Date
	by       *Citation
	foreign  bool
}

// rule returns how a component is divided on a day of payment, and the version
// that was asked: the newest that has begun by then and has the component. Where
// that one divides as the version of the price does, the rule is told as that of
// the price.
func (p *priced) rule(c *Component, day calendar.Date) (sharingRule, *priced) {
	own := p.ownRule(c, day)
	of := p.dividing(c.Code, day)
	if of == p {
		return own, p
	}
	theirs := of.ownRule(of.component(c.Code), day)
	if slices.EqualFunc(own.portions, theirs.portions, samePortion) {
		return own, of
	}
	if theirs.foreign = true; theirs.by == nil {
		theirs.from, theirs.by = of.From, &of.component(c.Code).Basis
	}
	return theirs, of
}

// ownRule is the version's own rule for a component's shares on a day.
func (p *priced) ownRule(c *Component, day calendar.Date) sharingRule {
	if s := p.sharing(c.Code, day); s != nil {
		return sharingRule{portions: s.Shares, from: s.From, by: &s.Basis}
	}
	return sharingRule{portions: c.Shares}
}

// dividing returns the newest version of the service that has begun by a day of
// payment and has a component; the version itself where there is none.
func (p *priced) dividing(code string, day calendar.Date) *priced {
	for i := len(p.all) - 1; i >= 0; i-- {
		of := &p.all[i]
		if of.From > day || of.component(code) == nil {
			continue
		}
		if of.ID == p.ID {
			break
		}
		return of
	}
	return p
}

// component finds a component by its code.
func (p *priced) component(code string) *Component {
	for i := range p.Components {
		if p.Components[i].Code == code {
			return &p.Components[i]
		}
	}
	return nil
}

func samePortion(a, b Portion) bool {
	return a.Account == b.Account && a.Method == b.Method && a.Parts == b.Parts && a.Amount == b.Amount && a.Percent.Equal(b.Percent)
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

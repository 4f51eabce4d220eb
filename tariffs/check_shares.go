package tariffs

import (
	"strconv"

	"github.com/shopspring/decimal"

	"treasury-switch/money"
)

// index writes the place of an element in a list.
func index(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// shares checks the beneficiaries of a component: one method for all, and a
// sum that leaves nothing over and nothing missing.
func (p *problems) shares(path string, c Component) {
	path += ".shares"
	if len(c.Shares) == 0 || len(c.Shares) > maxShares {
		p.unless(false, path, "want 1 to 20 of them")
		return
	}
	count := make(map[Method]int)
	for i, portion := range c.Shares {
		count[portion.Method]++
		p.portion(index(path, i), portion)
	}
	n := len(c.Shares)
	switch {
	case count[Parts] == n:
	case count[InPercent] == n:
		p.unless(sumsToHundred(c.Shares), path, "percents must sum to 100")
	case count[Remainder] == 1 && count[InRial] == n-1:
		fits := c.Kind != Fixed || rialSum(c.Shares) <= c.Amount
		p.unless(fits, path, "fixed shares are more than the component")
	default:
		p.unless(false, path, "want all in parts, all in percent, or amounts and exactly one remainder")
	}
}

func (p *problems) portion(path string, s Portion) {
	p.unless(accountForm.MatchString(s.Account), path+".account", "want R-<agency>-<revenue code>-<nn> or P-<partner>-<nn>")
	switch s.Method {
	case Parts:
		// The bound keeps every sum of weights within 63 bits.
		p.unless(s.Parts >= 1 && s.Parts <= 1_000_000_000, path+".parts", "want 1 to 1,000,000,000")
	case InPercent:
		p.rate(path+".percent", s.Percent, 100)
	case InRial:
		p.unless(s.Amount > 0 && s.Amount <= money.MaxPayment, path+".amount", "want 1 to 999,999,999,999 rial")
	case Remainder:
		p.unless(s.Amount == 0, path+".amount", "the remainder has no amount of its own")
	default:
		p.unless(false, path+".method", "want parts, percent, rial or remainder")
	}
}

func sumsToHundred(shares []Portion) bool {
	sum := decimal.Zero
	for _, s := range shares {
		if s.Percent.Exponent() > rateDecimals {
			return false
		}
		sum = sum.Add(s.Percent)
	}
	return sum.Equal(decimal.NewFromInt(100))
}

func rialSum(shares []Portion) money.Rial {
	var sum money.Rial
	for _, s := range shares {
		sum += s.Amount // at most twenty amounts of twelve digits
	}
	return sum
}

package tariffs

import (
	"github.com/shopspring/decimal"

	"treasury-switch/money"
	"treasury-switch/registry"
)

// shares checks the beneficiaries of a component: one method for all, and a
// sum that leaves nothing over and nothing missing. The fixed ones together
// take no more than most, if that is known and not negative.
func (p *problems) shares(path string, shares []Portion, most money.Rial) {
	if len(shares) == 0 || len(shares) > maxShares {
		p.unless(false, path, "want 1 to 20 of them")
		return
	}
	count := make(map[Method]int)
	for i, portion := range shares {
		count[portion.Method]++
		p.portion(index(path, i), portion)
	}
	n := len(shares)
	switch {
	case count[Parts] == n:
	case count[InPercent] == n:
		p.unless(sumsToHundred(shares), path, "percents must sum to 100")
	case count[Remainder] == 1 && count[InRial] == n-1:
		p.unless(most < 0 || rialSum(shares) <= most, path, "fixed shares are more than the component")
	default:
		p.unless(false, path, "want all in parts, all in percent, or amounts and exactly one remainder")
	}
}

func (p *problems) portion(path string, s Portion) {
	p.unless(registry.IsAccountCode(s.Account), path+".account", "want R-<agency>-<revenue code>-<nn> or P-<partner>-<nn>")
	p.unless(s.Method == Parts || s.Parts == 0, path+".parts", "goes with parts only")
	p.unless(s.Method == InPercent || s.Percent.IsZero(), path+".percent", "goes with percents only")
	p.unless(s.Method == InRial || s.Amount == 0, path+".amount", "goes with amounts only")
	switch s.Method {
	case Parts:
		// The bound keeps every sum of weights within 63 bits.
		p.unless(s.Parts >= 1 && s.Parts <= maxCount, path+".parts", "want 1 to 999,999,999")
	case InPercent:
		p.rate(path+".percent", s.Percent, 100)
	case InRial:
		p.unless(s.Amount > 0 && s.Amount <= money.MaxPayment, path+".amount", "want 1 to 999,999,999,999 rial")
	case Remainder:
	default:
		p.unless(false, path+".method", "want parts, percent, rial or remainder")
	}
}

func sumsToHundred(shares []Portion) bool {
	sum := decimal.Zero
	for _, s := range shares {
		if !short(s.Percent) {
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

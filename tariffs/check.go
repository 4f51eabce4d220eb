package tariffs

import (
	"errors"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// Bounds of a version, so that no file can make a quote slow or unprintable.
const (
	maxComponents = 50
	maxShares     = 20
	maxText       = 1000 // bytes of a title or a part of a citation
	maxRate       = 1000 // percent
	rateDecimals  = 6    // digits behind the point of a rate or percent
)

var (
	serviceForm   = regexp.MustCompile(`^[A-Z][A-Z0-9-]{1,23}$`)
	componentForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	accountForm   = regexp.MustCompile(`^(R-[0-9]{1,6}-[0-9]{6}-[0-9]{2}|P-[0-9]{1,6}-[0-9]{2})$`)
)

// Problem is one thing wrong with a version, with the way to it from the top:
// "components[1].shares[0].account".
type Problem struct {
	Path string
	Text string
}

// Error tells the way and what is wrong there.
func (p Problem) Error() string { return p.Path + ": " + p.Text }

// Check returns everything that is wrong with the version as one error of kind
// fault.Invalid, or nil.
func (v Version) Check() error {
	problems := v.Problems()
	if len(problems) == 0 {
		return nil
	}
	all := make([]error, len(problems))
	for i, p := range problems {
		all[i] = p
	}
	return fault.New(fault.Invalid, "tariff of %q from %s: %w", v.Service, v.From, errors.Join(all...))
}

// Problems lists everything that is wrong with the version.
func (v Version) Problems() []Problem {
	var found problems
	found.unless(serviceForm.MatchString(v.Service), "service", "want capital letters, digits and hyphens")
	found.unless(v.Agency > 0, "agency", "want the agency's code")
	found.title("title", v.Title)
	found.unless(!v.From.IsZero(), "from", "want the first day")
	found.unless(v.Until.IsZero() || v.Until > v.From, "until", "must be after from")
	found.citation("basis", v.Basis)
	found.unless(len(v.Components) >= 1 && len(v.Components) <= maxComponents, "components", "want 1 to 50 of them")
	seen := make(map[string]bool)
	var fixed money.Rial
	for i, c := range v.Components {
		path := index("components", i)
		found.unless(!seen[c.Code], path+".code", "used twice")
		seen[c.Code] = true
		found.component(path, c)
		if c.Kind == Fixed && c.Amount <= money.MaxPayment && i < maxComponents {
			fixed += c.Amount
		}
	}
	found.unless(fixed <= money.MaxPayment, "components", "fixed amounts are more than one payment can carry")
	return found
}

// problems collects what is wrong.
type problems []Problem

func (p *problems) unless(good bool, path, text string) {
	if !good {
		*p = append(*p, Problem{Path: path, Text: text})
	}
}

func (p *problems) title(path string, t Title) {
	p.unless(t.Fa != "" && t.En != "", path, "want both fa and en")
	p.unless(printable(t.Fa, t.En), path, "too long, or control characters")
}

func (p *problems) citation(path string, c Citation) {
	p.unless(c.Instrument != "", path+".instrument", "want the act, by-law or circular")
	good := printable(c.Instrument, c.Article, c.Note, c.Gazette, c.Text)
	p.unless(good, path, "too long, or control characters")
}

// printable reports whether texts fit on paper and in a jsonb column, which
// takes no NUL.
func printable(texts ...string) bool {
	for _, text := range texts {
		if len(text) > maxText || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			return false
		}
	}
	return true
}

func (p *problems) component(path string, c Component) {
	p.unless(componentForm.MatchString(c.Code), path+".code", "want small letters, digits and hyphens")
	p.title(path+".title", c.Title)
	p.citation(path+".basis", c.Basis)
	p.unless(c.Amount >= 0 && c.Amount <= money.MaxPayment, path+".amount", "want 0 to 999,999,999,999 rial")
	switch c.Kind {
	case Fixed:
	case PerUnit:
		p.unless(c.PerUnits >= 1, path+".per_units", "want 1 or more")
	case Percent:
		p.rate(path+".rate", c.Rate, maxRate)
		p.rounding(path+".rounding", c.Rounding)
	default:
		p.unless(false, path+".kind", "want fixed, per-unit or percent")
	}
	p.unless(c.Kind == Percent || c.Rounding == Rounding{}, path+".rounding", "only a percentage is rounded")
	p.shares(path, c)
}

func (p *problems) rate(path string, rate decimal.Decimal, most int64) {
	// The exponent comes first: comparing 1e999999999 would write it out.
	short := rate.Exponent() >= -rateDecimals && rate.Exponent() <= rateDecimals
	good := short && !rate.IsNegative() && rate.LessThanOrEqual(decimal.NewFromInt(most))
	p.unless(good, path, "want 0 or more percent, at most six decimals")
}

func (p *problems) rounding(path string, r Rounding) {
	p.unless(r.Unit >= 0 && r.Unit <= money.MaxPayment, path+".unit", "want 1 rial or more")
	switch r.Direction {
	case "", HalfUp, Up, Down:
	default:
		p.unless(false, path+".direction", "want half-up, up or down")
	}
}

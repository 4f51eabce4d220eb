package tariffs

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
	"treasury-switch/registry"
)

// Bounds of a version, so that no file can make a quote slow or unprintable.
const (
	maxComponents = 50
	maxShares     = 20
	maxBrackets   = 50
	maxOptions    = 50
	maxReliefs    = 50
	maxSharings   = 200
	maxCount      = 999_999_999
	maxText       = 1000   // bytes of a title or a part of a citation
	maxRate       = 1000   // percent, and times
	maxLate       = 36_525 // days, a century
	maxYears      = 100
	rateDecimals  = 6 // digits behind the point of a rate or percent
)

// firstDay and lastDay bound the Jalali calendar.
var firstDay, lastDay = jalali(1, 1, 1), jalali(3177, 12, 29)

func jalali(year, month, day int) calendar.Date {
	d, err := calendar.FromJalali(year, month, day)
	if err != nil {
		panic("tariffs: a bound that is no date: " + err.Error()) // the two above are dates
	}
	return d
}

var (
	componentForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	// Options and categories are told in field 48 and chosen on pages.
	choiceForm = regexp.MustCompile(`^[A-Z][A-Z0-9-]{0,31}$`)
	scanForm   = regexp.MustCompile(`^([0-9a-f]{64})?$`)
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
	found.unless(registry.IsServiceCode(v.Service), "service", "want capital letters, digits and hyphens")
	found.unless(v.Agency > 0 && v.Agency <= 9_999_999, "agency", "want the agency's code")
	found.title("title", v.Title)
	found.unless(!v.From.IsZero(), "from", "want the first day")
	found.unless(v.From >= firstDay && v.From <= lastDay, "from", "not in the calendar")
	found.unless(v.Until.IsZero() || v.Until > v.From, "until", "must be after from")
	switch v.DecidedBy {
	case "", PaymentDate, RequestDate, ServiceDate:
	default:
		found.unless(false, "decided_by", "want payment, request or service")
	}
	found.citation("basis", v.Basis)
	found.components(v.Components)
	found.total(v)
	found.sharings(v)
	return found
}

// problems collects what is wrong.
type problems []Problem

func (p *problems) unless(good bool, path, text string) {
	if !good {
		*p = append(*p, Problem{Path: path, Text: text})
	}
}

// index writes the place of an element in a list.
func index(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

func (p *problems) title(path string, t Title) {
	p.unless(t.Fa != "" && t.En != "", path, "want both fa and en")
	p.unless(printable(t.Fa, t.En), path, unprintable)
}

func (p *problems) citation(path string, c Citation) {
	p.unless(c.Instrument != "", path+".instrument", "want the act, by-law or circular")
	p.unless(printable(c.Instrument, c.Article, c.Note, c.Gazette, c.Text), path, unprintable)
	p.unless(c.GazetteDate.IsZero() || c.GazetteDate >= firstDay && c.GazetteDate <= lastDay, path+".gazette_date", "not in the calendar")
	p.unless(scanForm.MatchString(c.Scan), path+".scan_sha256", "want 64 small hexadecimal digits")
}

const unprintable = "too long, control characters, or white space around it"

// printable reports whether texts fit on paper and in a jsonb column, which
// takes no NUL, and come back from a file as they are.
func printable(texts ...string) bool {
	for _, text := range texts {
		if len(text) > maxText || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) ||
			strings.TrimSpace(text) != text {
			return false
		}
	}
	return true
}

// short reports whether a rate is safe to compute with: comparing or adding
// 1e999999999 would write it out.
func short(rate decimal.Decimal) bool {
	return rate.Exponent() >= -rateDecimals && rate.Exponent() <= rateDecimals
}

// rate checks a percentage, which may be zero.
func (p *problems) rate(path string, rate decimal.Decimal, most int64) {
	good := short(rate) && !rate.IsNegative() && rate.LessThanOrEqual(decimal.NewFromInt(most))
	p.unless(good, path, "want 0 to "+strconv.FormatInt(most, 10)+", at most six decimals")
}

// amount checks an amount in rial, which may be zero.
func (p *problems) amount(path string, a money.Rial) {
	p.unless(a >= 0 && a <= money.MaxPayment, path, "want 0 to 999,999,999,999 rial")
}

func (p *problems) rounding(path string, r Rounding) {
	good := r.Unit >= 0 && r.Unit <= money.MaxPayment && (r.Unit > 0 || r.Direction == "")
	p.unless(good, path+".unit", "want 1 rial or more")
	switch r.Direction {
	case "", HalfUp, Up, Down:
	default:
		p.unless(false, path+".direction", "want half-up, up or down")
	}
}

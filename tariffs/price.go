package tariffs

import (
	"github.com/shopspring/decimal"

	"treasury-switch/money"
)

// Kind is the way in which a component's amount is found.
type Kind string

// The kinds of component.
const (
	// Fixed is Amount itself.
	Fixed Kind = "fixed"
	// PerUnit is Amount for every PerUnits units begun.
	PerUnit Kind = "per-unit"
	// Percent is Rate percent of the request's base.
	Percent Kind = "percent"
	// Bracketed is a percentage of the request's base that depends on its size.
	Bracketed Kind = "brackets"
	// PercentOf is Rate percent of what other components charge.
	PercentOf Kind = "percent-of"
)

// Component is one part of a price, with its own citation and beneficiaries.
//
// Its amount is found in this order: the price by Kind; Minimum and Maximum;
// the addition for lateness; the exemption; and one rounding of the result.
type Component struct {
	// Code names the component within its version and on the wire (F48 LIN).
	Code  string `json:"code"`
	Title Title  `json:"title"`
	Kind  Kind   `json:"kind"`
	// Amount is the price in rial of a fixed component, or of a unit.
	Amount money.Rial `json:"amount,omitempty"`
	// PerUnits is how many units one Amount covers; a part of them counts as
	// whole. One for "a sheet".
	PerUnits int64 `json:"per_units,omitempty"`
	// Rate is in percent: 2.5 means 0.025 of the base.
	Rate decimal.Decimal `json:"rate"`
	// Options replace Amount or Rate by one that the request chooses.
	Options []Option `json:"options,omitempty"`
	// Mode and Brackets belong to a Bracketed component.
	Mode     Mode      `json:"mode,omitempty"`
	Brackets []Bracket `json:"brackets,omitempty"`
	// Of names the components that a PercentOf component is charged on;
	// OfTaxable means all that are Taxable.
	Of        []string `json:"of,omitempty"`
	OfTaxable bool     `json:"of_taxable,omitempty"`
	// Taxable puts the component under those charged on all taxable ones.
	Taxable bool `json:"taxable,omitempty"`
	// Depreciation lowers the request's base by its age first.
	Depreciation *Depreciation `json:"depreciation,omitempty"`
	// WithoutBase is the price in rial where the request knows no base; zero
	// means that there is no price without one.
	WithoutBase money.Rial `json:"without_base,omitempty"`
	// Minimum and Maximum bound the price before lateness and exemption, in
	// rial; a Maximum of zero bounds nothing.
	Minimum money.Rial `json:"minimum,omitempty"`
	Maximum money.Rial `json:"maximum,omitempty"`
	// Late raises the price after the request's due date.
	Late *Late `json:"late,omitempty"`
	// Exemptions lower the price for categories of payers.
	Exemptions []Relief  `json:"exemptions,omitempty"`
	Rounding   Rounding  `json:"rounding"`
	Shares     []Portion `json:"shares"`
	Basis      Citation  `json:"basis"`
}

// Option is an amount or a rate for one of the request's options, HOME or
// IMPORTED for example.
type Option struct {
	Code string `json:"code"`
	// Amount is that of a fixed or per-unit component, Rate that of the others.
	Amount money.Rial      `json:"amount,omitempty"`
	Rate   decimal.Decimal `json:"rate,omitzero"`
}

// Mode is the part of the base that a bracket's rate is charged on.
type Mode string

// The modes of brackets.
const (
	// Slab charges the whole base at the rate of the bracket that it lies in.
	Slab Mode = "slab"
	// Marginal charges each part of the base at the rate of its own bracket.
	Marginal Mode = "marginal"
)

// Bracket is a rate for bases up to a bound, which still belongs to it.
type Bracket struct {
	// UpTo is in rial; zero, in the last bracket only, means without bound.
	UpTo money.Rial      `json:"up_to,omitempty"`
	Rate decimal.Decimal `json:"rate"`
}

// Depreciation lowers a base by a percentage of its original a year. The age is
// the Jalali year of the deciding day less the request's first year.
type Depreciation struct {
	// PerYear and Floor are in percent of the original base.
	PerYear decimal.Decimal `json:"per_year"`
	// Years is the age after which the base falls no further.
	Years int64 `json:"years"`
	// Floor is what the base never falls below.
	Floor decimal.Decimal `json:"floor"`
}

// Late raises a component for a payment after the request's due date, the last
// day at the base price. Exactly one of Times, Rate and Amount is set.
type Late struct {
	// After is how many days late still cost nothing: it is charged if the
	// days late are more than After, and periods are counted from there.
	After int64 `json:"after,omitempty"`
	// Every is how often Rate or Amount is added.
	Every Period `json:"every"`
	// Times multiplies the price; with Once only.
	Times decimal.Decimal `json:"times,omitzero"`
	// Rate is added each time, in percent of the price.
	Rate decimal.Decimal `json:"rate,omitzero"`
	// Amount is added each time, in rial.
	Amount money.Rial `json:"amount,omitempty"`
	// MostRate, in percent of the price, and Most, in rial, cap all that is
	// added; zero caps nothing.
	MostRate decimal.Decimal `json:"most_rate,omitzero"`
	Most     money.Rial      `json:"most,omitempty"`
	Basis    Citation        `json:"basis"`
}

// Period is how often lateness is charged. A period begun counts whole.
type Period string

// The periods of lateness.
const (
	Once  Period = "once"
	Daily Period = "day"
	// Monthly counts Jalali months from the due date: the month ends on the
	// same day of the next month, or on its last day if there is no such day.
	Monthly Period = "month"
	// ThirtyDays counts months of thirty days (civil procedure act 1379,
	// article 443).
	ThirtyDays Period = "30-days"
)

// Relief exempts payers of a category from a component.
type Relief struct {
	Category string `json:"category"`
	// Percent is how much of the component is not charged; 100 is all of it.
	Percent decimal.Decimal `json:"percent"`
	Basis   Citation        `json:"basis"`
}

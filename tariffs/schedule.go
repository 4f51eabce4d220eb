package tariffs

import (
	"github.com/shopspring/decimal"

	"treasury-switch/calendar"
	"treasury-switch/money"
)

// Version is the tariff of one service for a range of days.
type Version struct {
	// ID names the version in quotes and in the database; see Identify.
	ID int64 `json:"-"`
	// Agency is the code of the agency that sells the service.
	Agency int32 `json:"agency"`
	// Service is the code of the service, unique over all agencies.
	Service string `json:"service"`
	Title   Title  `json:"title"`
	// From is the first day of the version; Until the first day after it, or
	// no date if the version is open.
	From  calendar.Date `json:"from"`
	Until calendar.Date `json:"until"`
	// Basis is the law behind the schedule as a whole.
	Basis      Citation    `json:"basis"`
	Components []Component `json:"components"`
}

// Title names a thing in Persian and English.
type Title struct {
	Fa string `json:"fa"`
	En string `json:"en"`
}

// Citation is the legal source of an amount.
type Citation struct {
	// Instrument is the act, by-law or circular.
	Instrument string `json:"instrument"`
	Article    string `json:"article,omitempty"`
	Note       string `json:"note,omitempty"`
	// Gazette is the number of the Official Gazette that published it.
	Gazette     string        `json:"gazette,omitempty"`
	GazetteDate calendar.Date `json:"gazette_date"`
	// Text is the clerk's own remark.
	Text string `json:"text,omitempty"`
}

// Kind says how a component's amount is found.
type Kind string

// The kinds of component.
const (
	// Fixed is Amount itself.
	Fixed Kind = "fixed"
	// PerUnit is Amount for every PerUnits units begun.
	PerUnit Kind = "per-unit"
	// Percent is Rate percent of the request's base.
	Percent Kind = "percent"
)

// Component is one part of a price, with its own citation and beneficiaries.
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
	Rate     decimal.Decimal `json:"rate"`
	Rounding Rounding        `json:"rounding"`
	Shares   []Portion       `json:"shares"`
	Basis    Citation        `json:"basis"`
}

// Direction is where rounding goes.
type Direction string

// The directions of rounding.
const (
	HalfUp Direction = "half-up"
	Up     Direction = "up"
	Down   Direction = "down"
)

// Rounding makes an exact amount a multiple of Unit rial. The zero Rounding is
// half up to one rial.
type Rounding struct {
	Unit      money.Rial `json:"unit,omitempty"`
	Direction Direction  `json:"direction,omitempty"`
}

// Method says how a portion of a component is measured. The portions of one
// component use one method, except that Amount goes with one Remainder.
type Method string

// The methods of sharing.
const (
	// Parts shares in proportion to Portion.Parts.
	Parts Method = "parts"
	// InPercent shares by Portion.Percent; the percents sum to 100.
	InPercent Method = "percent"
	// InRial takes Portion.Amount first, in the order listed, as far as the
	// component reaches.
	InRial Method = "rial"
	// Remainder takes what the fixed portions leave.
	Remainder Method = "remainder"
)

// Portion is one beneficiary's part of a component.
type Portion struct {
	// Account is the code of a revenue or partner account, R-101-140101-01.
	Account string          `json:"account"`
	Method  Method          `json:"method"`
	Parts   int64           `json:"parts,omitempty"`
	Percent decimal.Decimal `json:"percent"`
	Amount  money.Rial      `json:"amount,omitempty"`
}

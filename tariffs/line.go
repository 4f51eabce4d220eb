package tariffs

import (
	"treasury-switch/calendar"
	"treasury-switch/money"
)

// Line is one component of a quote, with all that explains its amount.
type Line struct {
	Component string     `json:"component"`
	Title     Title      `json:"title"`
	Amount    money.Rial `json:"amount"`
	// Base is what the amount was computed on, in rial: the fixed amount, the
	// price of a unit, the request's base, or the sum of the components in Of.
	Base money.Rial `json:"base"`
	// Units is how many times Base was charged; zero where units do not count.
	Units int64 `json:"units,omitempty"`
	// Rate is the rate in percent, "2.5"; empty where there is none, and where
	// Brackets tell several.
	Rate string `json:"rate,omitempty"`
	// Option is the option that chose the amount or rate.
	Option string `json:"option,omitempty"`
	// Age is the age in years of a base that loses value, BasePercent how much
	// of Base the rate was charged on, "70".
	Age         int64  `json:"age,omitempty"`
	BasePercent string `json:"base_percent,omitempty"`
	// Brackets are the brackets that were charged.
	Brackets []BracketUse `json:"brackets,omitempty"`
	// Of names the components whose amounts Base sums up.
	Of []string `json:"of,omitempty"`
	// WithoutBase: the base is unknown and the fixed alternative was charged.
	WithoutBase bool `json:"without_base,omitempty"`
	// Bound is Minimum or Maximum where that decided the price.
	Bound Bound `json:"bound,omitempty"`
	// LateDays is the days from the due date to the payment, zero if in time;
	// Penalty what they cost, nil if nothing.
	LateDays int64    `json:"late_days,omitempty"`
	Penalty  *Penalty `json:"penalty,omitempty"`
	// Exact is the amount before rounding, where rounding changed it.
	Exact    string   `json:"exact,omitempty"`
	Rounding Rounding `json:"rounding,omitzero"`
	// Carried is what rounding the total added to Amount, or took from it.
	Carried  money.Rial `json:"carried,omitempty"`
	Citation Citation   `json:"citation"`
	// SharedFrom and SharedBy are the first day and the law of the shares,
	// where they are dated apart from the price.
	SharedFrom calendar.Date `json:"shared_from,omitzero"`
	SharedBy   *Citation     `json:"shared_by,omitempty"`
}

// BracketUse is a part of a base with the rate it was charged at.
type BracketUse struct {
	// Above and UpTo are the bounds of the bracket in rial; an UpTo of zero
	// means without bound.
	Above money.Rial `json:"above"`
	UpTo  money.Rial `json:"up_to,omitempty"`
	// Part is how much of the base was charged at Rate percent, and Charge the
	// result; both in rial and exact.
	Part   string `json:"part"`
	Rate   string `json:"rate"`
	Charge string `json:"charge"`
}

// Bound names the bound that decided a price.
type Bound string

// The bounds of a price.
const (
	AtMinimum Bound = "minimum"
	AtMaximum Bound = "maximum"
)

// Penalty is what lateness added to a line.
type Penalty struct {
	// Periods is how many days or months were charged; one if charged once.
	Periods int64 `json:"periods"`
	// Added is in rial and exact: the line is rounded as a whole.
	Added string `json:"added"`
	// Capped: the law's cap was reached.
	Capped   bool     `json:"capped,omitempty"`
	Citation Citation `json:"citation"`
}

// Exemption tells what was not charged, and why.
type Exemption struct {
	Component string `json:"component"`
	Category  string `json:"category"`
	// Percent is how much of the component the law exempts, "100".
	Percent string `json:"percent"`
	// Amount is the rounded price without the exemption less the line's.
	Amount   money.Rial `json:"amount"`
	Citation Citation   `json:"citation"`
}

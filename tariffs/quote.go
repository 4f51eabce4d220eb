package tariffs

import (
	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// Why a request has no price, for errors.Is. All are of kind fault.Invalid
// except the first two, which are fault.NotFound.
var (
	// ErrUnknownService: no tariff names this service.
	ErrUnknownService = fault.New(fault.NotFound, "unknown service")
	// ErrNoVersion: the service has no tariff on this date.
	ErrNoVersion = fault.New(fault.NotFound, "no tariff on this date")
	// ErrMissingUnits: the price is per unit and the request names none.
	ErrMissingUnits = fault.New(fault.Invalid, "number of units is missing")
	// ErrMissingBase: the price is a rate and the request names no base.
	ErrMissingBase = fault.New(fault.Invalid, "base amount is missing")
	// ErrMissingDue: the price rises after a due date and the request names none.
	ErrMissingDue = fault.New(fault.Invalid, "due date is missing")
	// ErrMissingFirstYear: the base loses value by age and the request names no
	// first year.
	ErrMissingFirstYear = fault.New(fault.Invalid, "first year is missing")
	// ErrMissingOption: the tariff has rates by option and the request names none.
	ErrMissingOption = fault.New(fault.Invalid, "option is missing")
	// ErrUnknownOption: the tariff has no rate for the option named. The error
	// lists those it has.
	ErrUnknownOption = fault.New(fault.Invalid, "unknown option")
	// ErrUnknownCategory: no component of the tariff exempts the category named.
	// The error lists those that are.
	ErrUnknownCategory = fault.New(fault.Invalid, "unknown category")
	// ErrBadInput: an input that no tariff can use, such as a negative base.
	ErrBadInput = fault.New(fault.Invalid, "input out of range")
	// ErrTooLarge: the price is more than one payment can carry (money.MaxPayment).
	ErrTooLarge = fault.New(fault.Invalid, "price above the largest payment")
)

// Request asks what a service costs. Numbers and dates that a tariff does not
// use are ignored; a category or an option that it does not know is refused,
// because whoever names one wants another price than the others.
type Request struct {
	// Service is the code of the service.
	Service string `json:"service"`
	// Date is the day of payment. It decides which version holds, unless the
	// tariff says that another date does.
	Date calendar.Date `json:"date"`
	// Requested and Served are the days on which the service was asked for and
	// rendered; no date if not known, and then the day of payment is used
	// for them (Quote.Assumed).
	Requested calendar.Date `json:"requested,omitzero"`
	Served    calendar.Date `json:"served,omitzero"`
	// Units is the number of units begun; zero means not given.
	Units int64 `json:"units,omitempty"`
	// Base is the value in rial on which rates are charged, if HasBase.
	Base    money.Rial `json:"base"`
	HasBase bool       `json:"has_base"`
	// Category is the payer's category, for exemptions.
	Category string `json:"category,omitempty"`
	// Due is the last day at the base price, for late penalties.
	Due calendar.Date `json:"due,omitzero"`
	// FirstYear is the Jalali year from which a base depreciates.
	FirstYear int `json:"first_year,omitempty"`
	// Option chooses among a tariff's rates, such as HOME and IMPORTED.
	Option string `json:"option,omitempty"`
}

// Quote is a price with its reasons. Its slices may be shared between quotes
// and must not be changed.
type Quote struct {
	Service string `json:"service"`
	Agency  int32  `json:"agency"`
	// Date is the day of payment, Decided the day that chose the version, and
	// DecidedBy which of the request's days that is.
	Date      calendar.Date `json:"date"`
	Decided   calendar.Date `json:"decided"`
	DecidedBy Decider       `json:"decided_by"`
	// Assumed: the request does not name the day that decides, so the day of
	// payment is used. That answers what the service would cost if it were
	// asked for or rendered on that day; it is no price to charge.
	Assumed bool `json:"assumed,omitempty"`
	// Total is the sum of the lines, and of the shares. Zero means exempt.
	Total money.Rial `json:"total"`
	// Rounding is how the total was rounded; Line.Carried tells by how much.
	Rounding Rounding `json:"rounding,omitzero"`
	// Versions are the ids of the tariff versions used: first the one that
	// decided the amounts, then those that divide them, where others do.
	Versions []int64 `json:"versions"`
	// Lines are the components in the tariff's order, zero ones included.
	Lines []Line `json:"lines"`
	// Shares are the beneficiaries in order of first mention, one row per
	// account, without those that get nothing.
	Shares []Share `json:"shares"`
	// Exemptions are in the order of the lines they lowered.
	Exemptions []Exemption `json:"exemptions"`
}

// Share is what one account gets of the whole price.
type Share struct {
	// Account is the account's code, such as R-101-140101-01.
	Account string     `json:"account"`
	Amount  money.Rial `json:"amount"`
}

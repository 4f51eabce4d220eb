package tariffs

import (
	"treasury-switch/calendar"
)

// Version is the tariff of one service for a range of days.
type Version struct {
	// ID names the version in quotes and in the database; see identify.
	ID int64 `json:"-"`
	// Agency is the code of the agency that sells the service.
	Agency int32 `json:"agency"`
	// Service is the code of the service, unique over all agencies.
	Service string `json:"service"`
	Title   Title  `json:"title"`
	// From is the first day of the version; Until the first day after it, or
	// no date if the version is open. Where another version begins on Until, this
	// one goes on for whatever that one does not take; see Set.
	From  calendar.Date `json:"from"`
	Until calendar.Date `json:"until"`
	// DecidedBy is the one of a request's dates that must lie between From and
	// Until, and the day on which a base's age is computed. Empty means
	// PaymentDate.
	DecidedBy Decider `json:"decided_by,omitempty"`
	// Basis is the law behind the schedule as a whole.
	Basis      Citation    `json:"basis"`
	Components []Component `json:"components"`
	// Total rounds the sum of the components; nil leaves it as it is.
	Total *Total `json:"total,omitempty"`
	// Sharing replaces the shares of components from later days on.
	Sharing []Sharing `json:"sharing,omitempty"`
}

// Decider names the date that decides which version of a tariff holds.
type Decider string

// The dates that can decide. Where a request names no date of the kind wanted,
// its payment date is used.
const (
	// PaymentDate is Tehran's date at the receipt of the payment.
	PaymentDate Decider = "payment"
	// RequestDate is the day on which the service was asked for.
	RequestDate Decider = "request"
	// ServiceDate is the day on which the service was rendered, or the event
	// that is charged took place.
	ServiceDate Decider = "service"
)

// Title is a name in Persian and English.
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
	// Scan is the SHA-256 of the scanned source, 64 small hexadecimal digits.
	Scan string `json:"scan_sha256,omitempty"`
}

// Total rounds the sum of a version's components. What rounding adds or takes
// away is added to, or taken from, the component named Carrier.
type Total struct {
	Rounding
	Carrier string `json:"carrier"`
}

// Sharing gives a component other beneficiaries from a day on, until the next
// Sharing of the same component or the next version that has it. The day is
// compared with the date of payment: money is divided by the rule of the day on
// which it is received, whatever day decided its amount.
type Sharing struct {
	Component string        `json:"component"`
	From      calendar.Date `json:"from"`
	Shares    []Portion     `json:"shares"`
	Basis     Citation      `json:"basis"`
}

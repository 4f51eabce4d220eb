package tariffs

import (
	"treasury-switch/calendar"
	"treasury-switch/money"
)

// Change is one difference between the tariffs of two dates. Amounts are those
// of Request, in rial.
type Change struct {
	Agency  int32  `json:"agency"`
	Service string `json:"service"`
	// Component is the code of the component; empty for the service as a whole,
	// whose change follows those of its components.
	Component string     `json:"component,omitempty"`
	Title     Title      `json:"title"`
	What      ChangeKind `json:"what"`
	// Fields name what differs: "rate", "shares", "basis"...; empty for what was
	// added or removed.
	Fields []string `json:"fields,omitempty"`
	// Before and After are the amounts for Request on the two dates; Percent is
	// the change in percent of Before, at most two decimals, and empty where
	// Before is zero.
	Before     money.Rial `json:"before"`
	After      money.Rial `json:"after"`
	Difference money.Rial `json:"difference"`
	Percent    string     `json:"percent,omitempty"`
	// Request is what was priced on both dates.
	Request Request `json:"request"`
	// Unpriced says why Request has no price on one of the dates.
	Unpriced string `json:"unpriced,omitempty"`
}

// ChangeKind says what happened between the dates.
type ChangeKind string

// The kinds of change.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
)

// Diff lists what changes from the tariffs of one day to those of another, by
// service in alphabetical order and by component in the order of the later
// tariff. Services that are the same on both days are not listed. Amounts are
// those of Reference.
func Diff(s *Set, before, after calendar.Date) []Change {
	return nil
}

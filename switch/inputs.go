package switching

import (
	"regexp"

	"treasury-switch/calendar"
	"treasury-switch/money"
	"treasury-switch/tariffs"
)

// Inputs are what a price depends on beside the service and the day, kept so
// that it can be explained and reckoned again at any time.
type Inputs struct {
	Units     int64         `json:"u,omitempty"`
	Base      money.Rial    `json:"b,omitempty"`
	HasBase   bool          `json:"n,omitempty"`
	Category  string        `json:"k,omitempty"`
	Option    string        `json:"o,omitempty"`
	Due       calendar.Date `json:"d,omitzero"`
	FirstYear int           `json:"y,omitempty"`
}

// words are codes of categories and options: capital letters. What a terminal
// sends beside them names nothing of ours and may be anything that was typed,
// even digits of a card; it is not kept.
var words = regexp.MustCompile(`^[A-Z][A-Z_-]{0,31}$`)

// inputsOf keeps what a request says of its price.
func inputsOf(r tariffs.Request) Inputs {
	i := Inputs{Units: r.Units, Base: r.Base, HasBase: r.HasBase, Due: r.Due, FirstYear: r.FirstYear}
	if words.MatchString(r.Category) {
		i.Category = r.Category
	}
	if words.MatchString(r.Option) {
		i.Option = r.Option
	}
	return i
}

// Request asks for the same price again, on a day.
func (p *Price) Request(day calendar.Date) tariffs.Request {
	return tariffs.Request{
		Service: p.Service, Date: day, Units: p.Units, Base: p.Base, HasBase: p.HasBase || p.Base != 0, Category: p.Category,
		Option: p.Option, Due: p.Due, FirstYear: p.FirstYear,
	}
}

package payment

import (
	"treasury-switch/calendar"
	"treasury-switch/money"
	"treasury-switch/tariffs"
)

// Inputs are what a price depends on besides the service and the day of payment, stored so that it can be explained
// and recomputed at any time. Category and option are codes of the tariff: a request with unknown ones has no price.
type Inputs struct {
	Units     int64         `json:"u,omitempty"`
	Base      money.Rial    `json:"b,omitempty"`
	HasBase   bool          `json:"n,omitempty"`
	Category  string        `json:"k,omitempty"`
	Option    string        `json:"o,omitempty"`
	Due       calendar.Date `json:"d,omitzero"`
	FirstYear int           `json:"y,omitempty"`
	Requested calendar.Date `json:"q,omitzero"`
	Served    calendar.Date `json:"w,omitzero"`
}

// InputsOf returns the inputs of a priced request.
func InputsOf(r tariffs.Request) Inputs {
	return Inputs{
		Units: r.Units, Base: r.Base, HasBase: r.HasBase, Category: r.Category, Option: r.Option, Due: r.Due, FirstYear: r.FirstYear,
		Requested: r.Requested, Served: r.Served,
	}
}

// Request asks for the same price again, on a day of payment.
func (p *Price) Request(day calendar.Date) tariffs.Request {
	return tariffs.Request{
		Service: p.Service, Date: day, Units: p.Units, Base: p.Base, HasBase: p.HasBase || p.Base != 0, Category: p.Category,
		Option: p.Option, Due: p.Due, FirstYear: p.FirstYear, Requested: p.Requested, Served: p.Served,
	}
}

// Decided returns the day that selected the tariff, and which of the request's days it is. For a price from the time
// before requests named such days it is the day of payment, which was used instead.
func (p *Price) Decided(payment calendar.Date) (calendar.Date, tariffs.Decider) {
	switch p.By {
	case tariffs.RequestDate:
		return p.Requested, p.By
	case tariffs.ServiceDate:
		return p.Served, p.By
	}
	return payment, tariffs.PaymentDate
}

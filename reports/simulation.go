package reports

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
	"treasury-switch/switch/payment"
	"treasury-switch/tariffs"
)

// Simulation is what the payments of a period would have brought under other
// tariffs.
type Simulation struct {
	From calendar.Date `json:"from"`
	To   calendar.Date `json:"to"`
	// Services are those that other tariffs were tried on.
	Services []string          `json:"services"`
	Total    Revenue           `json:"total"`
	Agencies []AgencyRevenue   `json:"agencies"`
	Unpriced []UnpricedRevenue `json:"unpriced"`
}

// Revenue compares what payments brought with what they would have. It counts
// only payments that have both amounts.
type Revenue struct {
	Payments   int64      `json:"payments"`
	Before     money.Rial `json:"before"`
	After      money.Rial `json:"after"`
	Difference money.Rial `json:"difference"`
	// Percent is the difference in percent of Before, at most two decimals;
	// empty where Before is zero.
	Percent string `json:"percent,omitempty"`
}

// AgencyRevenue is the revenue of an agency, and of each of its services.
type AgencyRevenue struct {
	Agency   int32            `json:"agency"`
	Name     tariffs.Title    `json:"name"`
	Services []ServiceRevenue `json:"services"`
	Revenue
}

// ServiceRevenue is the revenue of a service. Same means that no other tariff
// was tried on it.
type ServiceRevenue struct {
	Service string `json:"service"`
	Same    bool   `json:"same"`
	Revenue
}

// UnpricedRevenue is the revenue that could not be priced again, and why.
type UnpricedRevenue struct {
	Agency   int32      `json:"agency"`
	Service  string     `json:"service"`
	Reason   string     `json:"reason"`
	Payments int64      `json:"payments"`
	Amount   money.Rial `json:"amount"` // that was paid
}

// Simulator prices payments again, one after the other.
type Simulator struct {
	present  *tariffs.Set
	tried    *tariffs.Set
	revenue  map[sold]*Revenue
	unpriced map[unpriced]*UnpricedRevenue
}

// sold names a service of an agency, unpriced why its payments have no price.
type (
	sold struct {
		agency  int32
		service string
	}
	unpriced struct {
		sold
		reason string
	}
)

// NewSimulator compares the tariffs in force with others. Of the others, the
// first of a service holds for everything before it too, and the last for
// everything after: a tariff of next year can be tried on the payments of this
// one. Its errors are those of tariffs.NewSet.
func NewSimulator(present *tariffs.Set, others []tariffs.Version) (*Simulator, error) {
	tried, err := tariffs.NewSet(extended(others))
	if err != nil {
		return nil, fault.New(fault.KindOf(err), "simulate: %w", err)
	}
	return &Simulator{present: present, tried: tried, revenue: make(map[sold]*Revenue), unpriced: make(map[unpriced]*UnpricedRevenue)}, nil
}

// extended makes the first version of each service begin, and the last end,
// beyond any period.
func extended(versions []tariffs.Version) []tariffs.Version {
	sorted := slices.Clone(versions)
	slices.SortFunc(sorted, func(a, b tariffs.Version) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.From, b.From))
	})
	for i := range sorted {
		if i == 0 || sorted[i-1].Service != sorted[i].Service {
			sorted[i].From = min(sorted[i].From, longAgo)
		}
		if i == len(sorted)-1 || sorted[i+1].Service != sorted[i].Service {
			sorted[i].Until = 0
		}
	}
	return sorted
}

// longAgo is before every payment: 1 Farvardin 1390.
var longAgo = calendar.On(2011, 3, 21)

// Add prices a payment again. A sum beyond money.Rial is fault.Bug.
func (s *Simulator) Add(p payment.RecordedPrice) error {
	key := sold{p.Agency, p.Price.Service}
	after := p.Amount
	if s.tries(key.service) {
		quoted, reason := s.again(p)
		if reason != "" {
			return s.leaveOut(unpriced{key, reason}, p.Amount)
		}
		after = quoted
	}
	r := s.revenue[key]
	if r == nil {
		r = &Revenue{}
		s.revenue[key] = r
	}
	return r.add(Revenue{Payments: 1, Before: p.Amount, After: after})
}

// tries reports whether there is another tariff of the service.
func (s *Simulator) tries(service string) bool { return len(s.tried.Versions(service)) > 0 }

// leaveOut counts a payment that has no other price.
func (s *Simulator) leaveOut(key unpriced, amount money.Rial) (err error) {
	u := s.unpriced[key]
	if u == nil {
		u = &UnpricedRevenue{Agency: key.agency, Service: key.service, Reason: key.reason}
		s.unpriced[key] = u
	}
	u.Payments++
	if u.Amount, err = u.Amount.Add(amount); err != nil {
		return fault.New(fault.Bug, "simulate %s: %w", key.service, err)
	}
	return nil
}

// add sums up.
func (r *Revenue) add(more Revenue) error {
	before, err := r.Before.Add(more.Before)
	if err != nil {
		return fault.New(fault.Bug, "simulate: %w", err)
	}
	after, err := r.After.Add(more.After)
	if err != nil {
		return fault.New(fault.Bug, "simulate: %w", err)
	}
	*r = Revenue{Payments: r.Payments + more.Payments, Before: before, After: after}
	return nil
}

// compared fills in the difference.
func (r Revenue) compared() Revenue {
	r.Difference = r.After - r.Before // neither is negative
	if r.Before != 0 {
		r.Percent = decimal.NewFromInt(int64(r.Difference)).Shift(2).DivRound(decimal.NewFromInt(int64(r.Before)), 2).String()
	}
	return r
}

package reports

import (
	"cmp"
	"slices"

	"treasury-switch/calendar"
	"treasury-switch/money"
	"treasury-switch/tariffs"
)

// PriceList is what every service costs on one day, by agency and service.
type PriceList struct {
	Day      calendar.Date  `json:"day"`
	Agencies []AgencyPrices `json:"agencies"`
}

// AgencyPrices are the services of one agency, by code.
type AgencyPrices struct {
	Agency   int32         `json:"agency"`
	Name     tariffs.Title `json:"name"`
	Services []Price       `json:"services"`
}

// Price is the tariff of one service as it holds on the day.
type Price struct {
	Service string        `json:"service"`
	Version int64         `json:"version"`
	Title   tariffs.Title `json:"title"`
	// From is the first day of the tariff, Until the first day after it, or no
	// date.
	From  calendar.Date `json:"from"`
	Until calendar.Date `json:"until"`
	// DecidedBy is the day that must lie between them: the list is of those for
	// whom that is its day.
	DecidedBy tariffs.Decider  `json:"decided_by,omitempty"`
	Basis     tariffs.Citation `json:"basis"`
	// Total is the price in rial where it depends on nothing that the payer
	// brings.
	Total      *money.Rial         `json:"total,omitempty"`
	Components []tariffs.Component `json:"components"`
	Rounding   *tariffs.Total      `json:"rounding,omitempty"`
}

// Names gives the name of an agency, if it has one.
type Names func(agency int32) (tariffs.Title, bool)

// of names an agency, by its code if need be.
func (n Names) of(agency int32) tariffs.Title {
	if n != nil {
		if title, known := n(agency); known {
			return title
		}
	}
	return tariffs.Title{Fa: "دستگاه " + Persian.Whole(int64(agency)), En: "Agency " + English.Whole(int64(agency))}
}

// NewPriceList reads the tariffs of a day, of one agency or, if that is zero,
// of all.
func NewPriceList(set *tariffs.Set, day calendar.Date, agency int32, names Names) PriceList {
	byAgency := make(map[int32][]Price)
	for _, service := range set.Services() {
		for _, v := range set.Versions(service) {
			if v.From <= day && (v.Until.IsZero() || day < v.Until) && (agency == 0 || v.Agency == agency) {
				byAgency[v.Agency] = append(byAgency[v.Agency], newPrice(set, day, v))
			}
		}
	}
	list := PriceList{Day: day, Agencies: make([]AgencyPrices, 0, len(byAgency))}
	for code, services := range byAgency {
		list.Agencies = append(list.Agencies, AgencyPrices{Agency: code, Name: names.of(code), Services: services})
	}
	slices.SortFunc(list.Agencies, func(a, b AgencyPrices) int { return cmp.Compare(a.Agency, b.Agency) })
	return list
}

func newPrice(set *tariffs.Set, day calendar.Date, v tariffs.Version) Price {
	p := Price{Service: v.Service, Version: v.ID, Title: v.Title, From: v.From, Until: v.Until, DecidedBy: v.DecidedBy, Basis: v.Basis,
		Components: v.Components, Rounding: v.Total}
	quote, err := set.Quote(tariffs.Request{Service: v.Service, Date: day})
	if err != nil { // it depends on something
		return p
	}
	for _, line := range quote.Lines {
		if line.WithoutBase {
			return p
		}
	}
	p.Total = &quote.Total
	return p
}

// titles are the names of the components by code.
func (p Price) titles(l Language) map[string]string {
	titles := make(map[string]string, len(p.Components))
	for _, c := range p.Components {
		titles[c.Code] = l.Title(c.Title)
	}
	return titles
}

// validity says from when to when the price holds, the last day included, and by
// which day where it is not that of payment.
func (p Price) validity(l Language) string {
	said := l.pick("از ", "from ") + l.Day(p.From)
	if !p.Until.IsZero() {
		said += l.pick(" تا ", " to ") + l.Day(p.Until.Add(-1))
	}
	switch p.DecidedBy {
	case tariffs.RequestDate:
		said += l.pick("، بر پایه تاریخ درخواست", ", by the day of the request")
	case tariffs.ServiceDate:
		said += l.pick("، بر پایه تاریخ انجام خدمت", ", by the day of the service")
	}
	return said
}

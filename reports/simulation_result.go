package reports

import (
	"cmp"
	"slices"

	"treasury-switch/calendar"
)

// Result sums up what was added, by agency and service.
func (s *Simulator) Result(from, to calendar.Date, names Names) (Simulation, error) {
	result := Simulation{From: from, To: to, Services: s.tried.Services(), Agencies: []AgencyRevenue{}, Unpriced: []UnpricedRevenue{}}
	byAgency := make(map[int32]*AgencyRevenue)
	for key, revenue := range s.revenue {
		a := byAgency[key.agency]
		if a == nil {
			a = &AgencyRevenue{Agency: key.agency, Name: names.of(key.agency)}
			byAgency[key.agency] = a
		}
		a.Services = append(a.Services, ServiceRevenue{Service: key.service, Same: !s.tries(key.service), Revenue: revenue.compared()})
		if err := a.Revenue.add(*revenue); err != nil {
			return result, err
		}
		if err := result.Total.add(*revenue); err != nil {
			return result, err
		}
	}
	for _, a := range byAgency {
		a.Revenue = a.compared()
		slices.SortFunc(a.Services, func(x, y ServiceRevenue) int { return cmp.Compare(x.Service, y.Service) })
		result.Agencies = append(result.Agencies, *a)
	}
	slices.SortFunc(result.Agencies, func(x, y AgencyRevenue) int { return cmp.Compare(x.Agency, y.Agency) })
	result.Total = result.Total.compared()
	for _, u := range s.unpriced {
		result.Unpriced = append(result.Unpriced, *u)
	}
	slices.SortFunc(result.Unpriced, func(x, y UnpricedRevenue) int {
		return cmp.Or(cmp.Compare(x.Agency, y.Agency), cmp.Compare(x.Service, y.Service), cmp.Compare(x.Reason, y.Reason))
	})
	return result, nil
}

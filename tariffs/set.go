package tariffs

import (
	"cmp"
	"slices"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// Set is an immutable snapshot of tariffs. Any number of goroutines may quote
// from it at once.
type Set struct {
	services map[string][]priced
	revision int64
}

// priced is a version made ready for quoting. Where every component is fixed,
// the quote is made once and given to everyone.
type priced struct {
	Version
	ids   []int64
	fixed *Quote
}

// NewSet checks the versions and makes a snapshot of them. It refuses versions
// that Check refuses, two of one id, services of two agencies under one code
// (all fault.Invalid) and versions of a service that overlap (fault.Conflict).
func NewSet(versions []Version) (*Set, error) {
	s := &Set{services: make(map[string][]priced)}
	seen := make(map[int64]bool, len(versions))
	for _, v := range versions {
		if err := v.Check(); err != nil {
			return nil, err
		}
		if seen[v.ID] {
			return nil, fault.New(fault.Invalid, "tariff of %s from %s: id %d is taken", v.Service, v.From, v.ID)
		}
		seen[v.ID] = true
		p, err := prepare(v)
		if err != nil {
			return nil, err
		}
		s.services[v.Service] = append(s.services[v.Service], p)
	}
	for _, list := range s.services {
		slices.SortFunc(list, func(a, b priced) int { return cmp.Compare(a.From, b.From) })
		if err := checkNeighbours(list); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// checkNeighbours refuses overlaps in a list sorted by first day.
func checkNeighbours(list []priced) error {
	for i := 1; i < len(list); i++ {
		earlier, later := list[i-1], list[i]
		if earlier.Agency != later.Agency {
			return fault.New(fault.Invalid, "service %s: tariffs of agencies %d and %d", later.Service, earlier.Agency, later.Agency)
		}
		if earlier.Until.IsZero() || earlier.Until > later.From {
			return fault.New(fault.Conflict, "service %s: tariff from %s overlaps the one from %s",
				later.Service, later.From.JalaliString(), earlier.From.JalaliString())
		}
	}
	return nil
}

// prepare makes a version ready for quoting.
func prepare(v Version) (priced, error) {
	p := priced{Version: v, ids: []int64{v.ID}}
	for _, c := range v.Components {
		if c.Kind != Fixed {
			return p, nil
		}
	}
	q, err := p.compute(Request{Service: v.Service})
	if err != nil {
		return p, err
	}
	p.fixed = &q
	return p, nil
}

// Revision is the database's revision that the set was loaded at; zero if it
// does not come from there.
func (s *Set) Revision() int64 { return s.revision }

// Services lists the codes of all services in alphabetical order.
func (s *Set) Services() []string {
	codes := make([]string, 0, len(s.services))
	for code := range s.services {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

// Versions returns a service's versions in order of time; none if unknown.
func (s *Set) Versions(service string) []Version {
	list := s.services[service]
	versions := make([]Version, len(list))
	for i, p := range list {
		versions[i] = p.Version
	}
	return versions
}

// at returns the version that holds on a date.
func (s *Set) at(service string, date calendar.Date) (*priced, error) {
	list, known := s.services[service]
	if !known {
		// The text came from outside and may be anything, a card number too.
		if !serviceForm.MatchString(service) {
			return nil, ErrUnknownService
		}
		return nil, fault.New(fault.NotFound, "service %s: %w", service, ErrUnknownService)
	}
	// The newest comes last and is asked for most.
	for i := len(list) - 1; i >= 0; i-- {
		p := &list[i]
		if date >= p.From {
			if p.Until.IsZero() || date < p.Until {
				return p, nil
			}
			break
		}
	}
	return nil, fault.New(fault.NotFound, "service %s on %s: %w", service, date.JalaliString(), ErrNoVersion)
}

// Quote prices a request. It is pure and total: the same set and request give
// the same answer, and the errors are those named Err in this package.
func (s *Set) Quote(r Request) (Quote, error) {
	p, err := s.at(r.Service, r.Date)
	if err != nil {
		return Quote{}, err
	}
	if p.fixed != nil {
		q := *p.fixed
		q.Date = r.Date
		return q, nil
	}
	q, err := p.compute(r)
	if err != nil {
		return Quote{}, fault.New(fault.KindOf(err), "service %s: %w", r.Service, err)
	}
	return q, nil
}

// compute prices a request by every component of the version.
func (p *priced) compute(r Request) (Quote, error) {
	q := Quote{
		Service: p.Service, Agency: p.Agency, Date: r.Date, Versions: p.ids,
		Lines:  make([]Line, len(p.Components)),
		Shares: make([]Share, 0, len(p.Components)+1),
	}
	for i := range p.Components {
		c := &p.Components[i]
		line, err := c.line(r)
		if err != nil {
			return Quote{}, fault.New(fault.KindOf(err), "component %s: %w", c.Code, err)
		}
		total, err := q.Total.Add(line.Amount)
		if err != nil || total > money.MaxPayment {
			return Quote{}, ErrTooLarge
		}
		q.Lines[i], q.Total = line, total
		if q.Shares, err = c.share(line.Amount, q.Shares); err != nil {
			return Quote{}, fault.New(fault.Bug, "component %s: %w", c.Code, err)
		}
	}
	return q, nil
}

// Version returns the version with this id.
func (s *Set) Version(id int64) (Version, bool) {
	for _, list := range s.services {
		for i := range list {
			if list[i].ID == id {
				return list[i].Version, true
			}
		}
	}
	return Version{}, false
}

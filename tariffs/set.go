package tariffs

import (
	"cmp"
	"slices"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/registry"
)

// Set is an immutable snapshot of tariffs. Any number of goroutines may quote
// from it at once.
//
// The versions of a service follow one another, and each begins by the day that
// it goes by itself: a request is priced by the newest version that has begun on
// the request's day of that kind. So a version ends where the next begins, by
// the day that the next one goes by, and every request has at most one price,
// also where DecidedBy changes. Days without a tariff begin like a version, by
// the day that the version before them goes by, and then there is no price.
type Set struct {
	services map[string][]priced
	revision int64
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
		s.services[v.Service] = append(s.services[v.Service], prepare(v))
	}
	for _, list := range s.services {
		slices.SortFunc(list, func(a, b priced) int { return cmp.Compare(a.From, b.From) })
		if err := checkNeighbours(list); err != nil {
			return nil, err
		}
		line(list)
	}
	return s, nil
}

// line makes the versions of a service, in order of time, know each other.
func line(list []priced) {
	for i := range list {
		list[i].all = list
		if i+1 < len(list) {
			list[i].next = list[i+1].From
		}
	}
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

// choice is the day that chose a version: which of the request's days it is, and
// whether the day of payment replaces one that the request does not name.
type choice struct {
	day     calendar.Date
	decider Decider
	assumed bool
}

// decides returns the day that decides whether the version has begun.
func (v *Version) decides(r *Request) choice {
	c := choice{day: r.Date, decider: PaymentDate}
	switch v.DecidedBy {
	case RequestDate:
		c.day, c.decider = r.Requested, RequestDate
	case ServiceDate:
		c.day, c.decider = r.Served, ServiceDate
	}
	if c.day.IsZero() {
		c.day, c.assumed = r.Date, true
	}
	return c
}

// at returns the version that a request is priced by, and the day that chose it.
func (s *Set) at(r *Request) (*priced, choice, error) {
	list, known := s.services[r.Service]
	if !known {
		// The text came from outside and may be anything, a card number too.
		if !registry.IsServiceCode(r.Service) {
			return nil, choice{}, ErrUnknownService
		}
		return nil, choice{}, fault.New(fault.NotFound, "service %s: %w", r.Service, ErrUnknownService)
	}
	if r.Date < firstDay || r.Date > lastDay {
		return nil, choice{}, fault.New(fault.Invalid, "service %s: date: %w", r.Service, ErrBadInput)
	}
	var by choice
	// The newest comes last and is asked for most.
	for i := len(list) - 1; i >= 0; i-- {
		p := &list[i]
		if by = p.decides(r); by.day < p.From {
			continue
		}
		if by.day > lastDay {
			return nil, by, fault.New(fault.Invalid, "service %s: day of %s: %w", r.Service, by.decider, ErrBadInput)
		}
		if !p.Until.IsZero() && by.day >= p.Until && p.Until != p.next {
			break // what has begun since is days without a tariff
		}
		return p, by, nil
	}
	return nil, by, fault.New(fault.NotFound, "service %s on %s, the day of %s: %w", r.Service, by.day.JalaliString(), by.decider, ErrNoVersion)
}

// At returns the version that a request is priced by. Its errors are
// ErrUnknownService and ErrNoVersion.
func (s *Set) At(r Request) (Version, error) {
	p, _, err := s.at(&r)
	if err != nil {
		return Version{}, err
	}
	return p.Version, nil
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

// Quote prices a request. It is pure and total: the same set and request give
// the same answer, and the errors are those named Err in this package.
func (s *Set) Quote(r Request) (Quote, error) {
	p, by, err := s.at(&r)
	if err != nil {
		return Quote{}, err
	}
	q, err := p.quote(&r, by)
	if err != nil {
		return Quote{}, fault.New(fault.KindOf(err), "service %s: %w", r.Service, err)
	}
	return q, nil
}

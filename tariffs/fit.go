package tariffs

import (
	"cmp"
	"fmt"
	"slices"

	"treasury-switch/calendar"
)

// clash is why a version cannot follow another one of its service.
type clash struct {
	of   int // the version's place
	text string
}

// fit makes versions of files ready to hold beside each other, as approving them
// the earliest first would: an open one ends where the next of its service
// begins. It tells what approving would refuse; named says which version the one
// at a place is.
func fit(versions []Version, named func(place int) string) []clash {
	order := make([]int, len(versions))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(versions[a].Service, versions[b].Service), cmp.Compare(versions[a].From, versions[b].From))
	})
	var clashes []clash
	for n, reach := 1, 0; n < len(order); n++ {
		before, after := &versions[order[reach]], &versions[order[n]]
		if before.Service != after.Service {
			reach = n
			continue
		}
		if before.Until.IsZero() && before.From < after.From {
			before.Until = after.From
		}
		if text := before.clash(after, named(order[reach])); text != "" {
			clashes = append(clashes, clash{order[n], text})
		}
		if !before.Until.IsZero() && (after.Until.IsZero() || after.Until > before.Until) {
			reach = n
		}
	}
	return clashes
}

// clash is the reason why a version of the same service cannot follow this one,
// whose name is given; empty if it can.
func (v *Version) clash(after *Version, name string) string {
	switch {
	case v.Agency != after.Agency:
		return fmt.Sprintf("agency %d sells it here, and %d in %s", after.Agency, v.Agency, name)
	case v.From == after.From || v.Until.IsZero() || v.Until > after.From:
		return "overlaps " + name
	}
	if text := v.unpriced(after); text != "" {
		return "after " + name + ", " + text
	}
	return ""
}

// unpriced proves that every request whose days all lie in one of two versions
// that follow one another has exactly one price, or tells one that has none.
//
// A version begins by the day that it goes by itself, and so do days without a
// tariff, by the day of the version before them (see Set). A request without a
// price has come to such days, from Until on by the earlier version's day, and
// not to the later version by that one's day. Where both go by the same day, the
// request's day itself lies between them. Where they differ, the first day of
// the later version and the last of the earlier are such a pair. There are no
// such days where one begins on the other's end. Two prices no request has: of
// all that have begun for it, the newest one counts.
func (v *Version) unpriced(after *Version) string {
	by, next := v.decider(), after.decider()
	if v.Until == after.From || by == next {
		return ""
	}
	return fmt.Sprintf("decided_by changes over days without a tariff, %s until %s: with %s as the day of %s and %s as that of %s there is no price; "+
		"let the earlier one go on until the later begins", v.Until.JalaliString(), after.From.Add(-1).JalaliString(),
		after.From.JalaliString(), by, v.Until.Add(-1).JalaliString(), next)
}

// decider is the day that decides, spelled out.
func (v *Version) decider() Decider {
	if v.DecidedBy == "" {
		return PaymentDate
	}
	return v.DecidedBy
}

// Gap is a stretch of days without a tariff of a service.
type Gap struct {
	Service string        `json:"service"`
	From    calendar.Date `json:"from"`
	// Until is the first day after the gap; no date if no tariff follows.
	Until calendar.Date `json:"until,omitzero"`
	// Unpriced tells which requests of days with a tariff have no price either,
	// because DecidedBy changes over the gap; empty if none.
	Unpriced string `json:"unpriced,omitempty"`
}

// Gaps lists the days without a tariff behind the versions of a service, in
// order of time. A service without a version has none that could be named.
func (s *Set) Gaps(service string) []Gap { return gaps(s.Versions(service)) }

// GapsBetween lists the days between the tariffs of each service that have none:
// nothing is wrong with them, and nobody can pay on them.
func (s *Set) GapsBetween() []Gap {
	between := []Gap{}
	for _, service := range s.Services() {
		for _, g := range s.Gaps(service) {
			if !g.Until.IsZero() {
				between = append(between, g)
			}
		}
	}
	return between
}

// gaps lists the days without a tariff behind the versions of one service, which
// follow one another in order of time.
func gaps(versions []Version) []Gap {
	var all []Gap
	for i := range versions {
		v := &versions[i]
		g := Gap{Service: v.Service, From: v.Until}
		if i+1 < len(versions) {
			next := &versions[i+1]
			g.Until, g.Unpriced = next.From, v.unpriced(next)
		}
		if !v.Until.IsZero() && v.Until != g.Until {
			all = append(all, g)
		}
	}
	return all
}

// gapsLeft lists the days without a tariff that a change leaves, of the services
// of the changed versions, by what holds afterwards. Where nothing holds, they
// begin with the changed version.
func gapsLeft(holding map[string][]Record, changed []Record) []Gap {
	left, seen := []Gap{}, map[string]bool{}
	for _, r := range changed {
		if seen[r.Service] {
			continue
		}
		seen[r.Service] = true
		if len(holding[r.Service]) == 0 {
			left = append(left, Gap{Service: r.Service, From: r.From})
		}
		left = append(left, gaps(inForce(holding[r.Service]))...)
	}
	return left
}

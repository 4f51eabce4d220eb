package tariffs

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"treasury-switch/calendar"
	"treasury-switch/internal/digits"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/page"
	"treasury-switch/internal/postgres"
	"treasury-switch/registry"
)

// standing reads versions by their ids and wants them in one of the states, or
// in any if none is named.
func (f *filing) standing(ctx context.Context, ids []int64, want ...State) ([]Record, error) {
	found, err := records(ctx, f.tx, whereIDs, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		i := slices.IndexFunc(found, func(r Record) bool { return r.ID == id })
		if i < 0 {
			return nil, fault.New(fault.NotFound, "there is no tariff with id %d", id)
		}
		if len(want) > 0 && !slices.Contains(want, found[i].State) {
			return nil, fault.New(fault.Conflict, "tariff %s, id %d, is %s, not %s", found[i].Ref(), id, found[i].State, oneOf(want))
		}
	}
	return found, withHistory(ctx, f.tx, found)
}

// holding reads the versions in force of the services of some records.
func (f *filing) holding(ctx context.Context, of []Record) (map[string][]Record, error) {
	services := make([]string, len(of))
	for i := range of {
		services[i] = of[i].Service
	}
	found, err := records(ctx, f.tx, whereServices, services)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(r Record) bool { return !r.Holds() })
	if err := withHistory(ctx, f.tx, found); err != nil {
		return nil, err
	}
	byService := make(map[string][]Record)
	for _, r := range found {
		byService[r.Service] = append(byService[r.Service], r)
	}
	return byService, nil
}

// oneOf lists states for people.
func oneOf(states []State) string {
	names := make([]string, len(states))
	for i, s := range states {
		names[i] = string(s)
	}
	return strings.Join(names, " or ")
}

// minPrefix is the least number of digits by which an id is known.
const minPrefix = 4

// digitsForm tells ids from codes of services: at most 16 digits, 53 bits.
var digitsForm = regexp.MustCompile(`^[0-9]{4,16}$`)

// Find reads the versions that a person names: by id or the first digits of it,
// at least four, if they are those of one version only; by SERVICE@1405-01-01,
// the first day; or by SERVICE alone, for all of its versions. Only versions in
// one of the states count, if any are named. None is fault.NotFound, digits of
// several versions are fault.Conflict.
func Find(ctx context.Context, db postgres.Querier, ref string, want ...State) ([]Record, error) {
	ref = digits.Latin(strings.TrimSpace(ref))
	found, err := named(ctx, db, ref)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fault.New(fault.NotFound, "there is no tariff %q", ref)
	}
	fit := found
	if len(want) > 0 {
		fit = slices.DeleteFunc(slices.Clone(found), func(r Record) bool { return !slices.Contains(want, r.State) })
	}
	switch {
	case len(fit) == 0:
		return nil, fault.New(fault.Conflict, "tariff %s is %s, not %s", ref, found[len(found)-1].State, oneOf(want))
	case digitsForm.MatchString(ref) && len(fit) > 1:
		return nil, fault.New(fault.Conflict, "%s begins the ids of %d tariffs: %s", ref, len(fit), describe(fit))
	}
	return fit, withHistory(ctx, db, fit)
}

// FindOne is Find for one version: several are fault.Conflict, and listed.
func FindOne(ctx context.Context, db postgres.Querier, ref string, want ...State) (Record, error) {
	found, err := Find(ctx, db, ref, want...)
	if err != nil {
		return Record{}, err
	}
	if len(found) > 1 {
		return Record{}, fault.New(fault.Conflict, "%s names %d tariffs, say which: %s", ref, len(found), describe(found))
	}
	return found[0], nil
}

// FindIDs reads versions by their ids, such as those a payment was priced by.
// Ids that do not exist are passed over.
func FindIDs(ctx context.Context, db postgres.Querier, ids []int64) ([]Record, error) {
	found, err := records(ctx, db, whereIDs, ids)
	if err != nil {
		return nil, err
	}
	return found, withHistory(ctx, db, found)
}

// describe lists versions for people who have to choose.
func describe(all []Record) string {
	lines := make([]string, len(all))
	for i := range all {
		lines[i] = fmt.Sprintf("%d (%s, %s)", all[i].ID, all[i].Ref(), all[i].State)
	}
	return strings.Join(lines, "; ")
}

func named(ctx context.Context, db postgres.Querier, ref string) ([]Record, error) {
	if digitsForm.MatchString(ref) {
		exact, err := records(ctx, db, `WHERE s.version::text = $1`+inOrder, ref)
		if err != nil || len(exact) > 0 {
			return exact, err
		}
		return records(ctx, db, `WHERE s.version::text LIKE $1 || '%'`+inOrder, ref)
	}
	service, day, dated := strings.Cut(ref, "@")
	service = strings.ToUpper(service)
	if !registry.IsServiceCode(service) {
		return nil, fault.New(fault.Invalid, "%q names no tariff: write an id or its first %d digits, SERVICE, or SERVICE@1405-01-01", ref, minPrefix)
	}
	if !dated {
		return records(ctx, db, `WHERE s.service = $1`+inOrder, service)
	}
	from, err := calendar.ParseDay(day)
	if err != nil {
		return nil, fault.New(fault.Invalid, "tariff %s: the first day is written like 1405-01-01: %w", ref, err)
	}
	return records(ctx, db, `WHERE s.service = $1 AND s.valid_from = $2`+inOrder, service, from.Time())
}

// Filter chooses records for List; what is empty chooses all.
type Filter struct {
	State   State
	Service string
}

// List reads a page of versions in the order of services and first days,
// without their histories. A page begins after the id of an entry.
func List(ctx context.Context, db postgres.Querier, f Filter, p page.Request) (page.Listing[Record], error) {
	found, err := records(ctx, db, `
		WHERE ($1 = '' OR s.state = $1) AND ($2 = '' OR s.service = $2)
		  AND ($3 = '' OR (s.service, s.valid_from, s.version) >
		      (SELECT a.service, a.valid_from, a.version FROM tariff_state a WHERE a.version::text = $3))`+
		inOrder+` LIMIT $4`, string(f.State), f.Service, p.After, p.Size()+1)
	return page.Cut(found, p, func(r Record) string { return fmt.Sprint(r.ID) }), err
}

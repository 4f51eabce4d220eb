package tariffs

import (
	"cmp"
	"slices"

	"treasury-switch/internal/fault"
)

// QuoteBy prices a request by the first of the versions, whichever holds on its
// days, and divides the amounts as the others say where they do: the versions
// are those that an earlier quote named, so the same request gets the same quote
// whatever was approved or withdrawn since. Its errors are those of Set.Quote,
// and ErrNoVersion if there is no version.
func QuoteBy(versions []Version, r Request) (Quote, error) {
	if len(versions) == 0 {
		return Quote{}, fault.New(fault.NotFound, "service %s: %w", r.Service, ErrNoVersion)
	}
	list := make([]priced, 0, len(versions))
	for _, v := range versions {
		if err := v.Check(); err != nil {
			return Quote{}, err
		}
		list = append(list, prepare(v))
	}
	slices.SortFunc(list, func(a, b priced) int { return cmp.Compare(a.From, b.From) })
	line(list)
	i := slices.IndexFunc(list, func(p priced) bool { return p.ID == versions[0].ID })
	q, err := list[i].quote(&r, list[i].decides(&r))
	if err != nil {
		return Quote{}, fault.New(fault.KindOf(err), "service %s: %w", r.Service, err)
	}
	return q, nil
}

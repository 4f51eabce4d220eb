package tariffs

import (
	"bytes"
	"context"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/registry"
	"treasury-switch/security/access"
)

// Entered is Import's result for one version.
type Entered struct {
	Record
	// New is true if it was entered now; otherwise it was there already, in
	// this state.
	New bool `json:"new"`
}

// Import enters versions as drafts, all or none. A version whose content is
// there already is left as it is, so importing a file twice changes
// nothing; a withdrawn one that holds on no day is entered once more if again
// says so. Drafts may overlap what holds: Approve is where that is settled.
//
// It refuses faulty versions, and services, agencies and accounts that do not
// exist or are closed (fault.Invalid, see registry.CheckSales), two contents of
// one id (fault.Conflict), and whoever is no member of staff (fault.Denied).
// After fault.Unknown, importing again settles it.
func Import(ctx context.Context, db postgres.DB, by access.By, versions []Version, again bool) ([]Entered, error) {
	for i := range versions {
		if err := versions[i].Check(); err != nil {
			return nil, err
		}
	}
	var entered []Entered
	err := file(ctx, db, by, "import tariffs", func(ctx context.Context, f *filing) (err error) {
		if err := registry.CheckSales(ctx, f.tx, salesOf(versions)); err != nil {
			return err
		}
		entered, err = f.enter(ctx, versions, again)
		return err
	})
	if err != nil {
		return nil, err
	}
	return entered, nil
}

// salesOf lists what versions say of the registry's lists.
func salesOf(versions []Version) []registry.Sale {
	sales := make([]registry.Sale, len(versions))
	for i := range versions {
		v := &versions[i]
		sales[i] = registry.Sale{Service: v.Service, Agency: v.Agency, Accounts: v.accounts()}
	}
	return sales
}

// accounts lists the codes of the accounts that a version shares its price among.
func (v *Version) accounts() []string {
	var codes []string
	for i := range v.Components {
		for _, p := range v.Components[i].Shares {
			codes = append(codes, p.Account)
		}
	}
	for _, s := range v.Sharing {
		for _, p := range s.Shares {
			codes = append(codes, p.Account)
		}
	}
	return codes
}

func (f *filing) enter(ctx context.Context, versions []Version, again bool) ([]Entered, error) {
	there, err := f.stored(ctx, versions)
	if err != nil {
		return nil, err
	}
	standing, err := records(ctx, f.tx, whereIDs, idsOf(there))
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]Record, len(standing))
	for _, r := range standing {
		byID[r.ID] = r
	}
	entered := make([]Entered, 0, len(there))
	for _, v := range there {
		r, found := byID[v.ID]
		e := Entered{Record: r}
		switch {
		case !found:
			e = Entered{f.move(draftOf(v), Draft, ""), true}
		case again && r.State == Withdrawn && r.Until == r.From:
			e = Entered{f.move(r, Draft, ""), true}
		}
		byID[v.ID] = e.Record
		entered = append(entered, e)
	}
	return entered, nil
}

// draftOf is the record of a version that is about to be entered.
func draftOf(v Version) Record {
	return Record{ID: v.ID, Agency: v.Agency, Service: v.Service, From: v.From, Until: v.Until, FullUntil: v.Until, Content: v}
}

// stored writes the versions that are not stored yet, and returns all of them,
// each with the id it is stored by.
func (f *filing) stored(ctx context.Context, versions []Version) ([]Version, error) {
	existing, err := sameDays(ctx, f.tx, versions)
	if err != nil {
		return nil, err
	}
	known := contentsOf(existing)
	all := make([]Version, 0, len(versions))
	var fresh []Version
	for _, v := range versions {
		id, found, err := known.add(v)
		if err != nil {
			return nil, err
		}
		v.ID = id
		all = append(all, v)
		if !found {
			fresh = append(fresh, v)
		}
	}
	return all, insert(ctx, f.tx, fresh)
}

// contents finds versions by what they say. The id that an earlier program
// gave to a content stays, even if this program writes it in other words.
type contents struct {
	idOf map[string]int64
	body map[int64][]byte
}

func contentsOf(existing []Version) contents {
	c := contents{idOf: make(map[string]int64), body: make(map[int64][]byte)}
	for _, v := range existing {
		body := v.body()
		c.idOf[string(body)], c.body[v.ID] = v.ID, body
	}
	return c
}

// add returns the id of a version, and whether it was known before. Two
// contents of one id are fault.Conflict.
func (c contents) add(v Version) (id int64, known bool, err error) {
	body := v.body()
	if id, known = c.idOf[string(body)]; known {
		return id, true, nil
	}
	id = identify(v)
	if other, taken := c.body[id]; taken && !bytes.Equal(other, body) {
		return 0, false, fault.New(fault.Conflict, "import tariff of %s from %s: id %d has other content",
			v.Service, v.From.JalaliString(), id)
	}
	c.idOf[string(body)], c.body[id] = id, body
	return id, false, nil
}

func idsOf(versions []Version) []int64 {
	ids := make([]int64, len(versions))
	for i, v := range versions {
		ids[i] = v.ID
	}
	return ids
}

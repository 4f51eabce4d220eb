package tariffs

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/registry"
	"treasury-switch/security/access"
)

// Submit asks a second person for drafts, all or none. It refuses what is no
// draft (fault.Conflict), what does not exist (fault.NotFound) and whoever is
// no member of staff (fault.Denied).
func Submit(ctx context.Context, db postgres.DB, by access.By, ids []int64) (submitted []Record, err error) {
	err = file(ctx, db, by, "submit tariffs", func(ctx context.Context, f *filing) error {
		drafts, err := f.standing(ctx, ids, Draft)
		for _, r := range drafts {
			submitted = append(submitted, f.move(r, Submitted, ""))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return submitted, nil
}

// Effect is the result of an approval or a withdrawal.
type Effect struct {
	Approved  []Record `json:"approved,omitempty"`
	Ended     []Record `json:"ended,omitempty"` // superseded by what was approved
	Withdrawn []Record `json:"withdrawn,omitempty"`
	// Gaps are the days, of the services concerned, that have no tariff now.
	Gaps []Gap `json:"gaps"`
}

// Approve brings submitted versions into force, all or none, the earliest
// first. A version that is open by its own content and holds on the first day
// of the new one ends there. Any other overlap is fault.Conflict.
//
// The approver is a checker, and neither entered nor submitted the version:
// fault.Denied. The services, agencies and accounts of the versions are there
// and not closed, now as when they were entered: fault.Invalid. A version that
// would make the set one that nodes cannot load is refused as NewSet refuses it,
// and one beside which days without a tariff would leave other requests without
// a price is fault.Conflict: DecidedBy may change only where one version begins
// on the other's end.
func Approve(ctx context.Context, db postgres.DB, by access.By, ids []int64) (Effect, error) {
	var e Effect
	err := file(ctx, db, by, "approve tariffs", func(ctx context.Context, f *filing) error {
		if err := f.mayCheck("approve tariffs"); err != nil {
			return err
		}
		waiting, err := f.standing(ctx, ids, Submitted)
		if err != nil {
			return err
		}
		if err := registry.CheckSales(ctx, f.tx, salesOf(contentOf(waiting))); err != nil {
			return err
		}
		e, err = f.approve(ctx, waiting)
		return err
	})
	if err != nil {
		return Effect{}, err
	}
	return e, nil
}

func (f *filing) approve(ctx context.Context, waiting []Record) (e Effect, err error) {
	holding, err := f.holding(ctx, waiting)
	if err != nil {
		return e, err
	}
	slices.SortStableFunc(waiting, func(a, b Record) int { return cmp.Compare(a.From, b.From) })
	for _, r := range waiting {
		if f.by == r.EnteredBy || f.by == r.SubmittedBy {
			return e, fault.New(fault.Denied, "approve tariff %s: %s entered or submitted it; somebody else approves", r.Ref(), f.by)
		}
		if err := f.makeRoom(holding, &r, &e.Ended); err != nil {
			return e, err
		}
		r = f.move(r, Approved, "")
		holding[r.Service] = append(holding[r.Service], r)
		e.Approved = append(e.Approved, r)
	}
	e.Gaps = gapsLeft(holding, e.Approved)
	return e, loadable(holding, e.Approved)
}

// makeRoom ends the versions that give way to r, and refuses r where one does not.
func (f *filing) makeRoom(holding map[string][]Record, r *Record, ended *[]Record) error {
	list := holding[r.Service]
	for i := range list {
		old := &list[i]
		if blocks(old, r) {
			return fault.New(fault.Conflict, "approve tariff %s: %s, id %d, holds %s; withdraw it from a day on first",
				r.Ref(), old.Ref(), old.ID, period(old))
		}
		if !old.overlaps(r) {
			continue
		}
		old.Until = r.From
		*old = f.supersede(*old, r)
		*ended = append(*ended, *old)
	}
	return nil
}

// blocks reports whether a version that holds keeps another out: it holds on
// one of the other's days, and does not end on the other's first day. Only a
// version that is open by its own content ends so.
func blocks(old, r *Record) bool {
	return old.Holds() && old.overlaps(r) && (old.State == Withdrawn || !old.FullUntil.IsZero() || old.From >= r.From)
}

// supersede ends a version on the first day of another.
func (f *filing) supersede(old Record, by *Record) Record {
	old = f.move(old, Superseded, "superseded by "+by.Ref())
	old.Successor = by.ID
	f.moves[len(f.moves)-1].Successor = by.ID
	return old
}

// period tells from when to when a version holds.
func period(r *Record) string {
	if r.Until.IsZero() {
		return "from " + r.From.JalaliString() + " on"
	}
	return "from " + r.From.JalaliString() + " until " + r.Until.Add(-1).JalaliString()
}

// loadable refuses versions that no node could load together, and those beside
// which requests would be left without a price. What an earlier withdrawal left
// so keeps nobody else out.
func loadable(holding map[string][]Record, approved []Record) error {
	for _, list := range holding {
		versions := inForce(list)
		if _, err := NewSet(versions); err != nil {
			return fault.New(fault.KindOf(err), "approve tariffs: %w", err)
		}
		for i := 1; i < len(versions); i++ {
			before, after := &versions[i-1], &versions[i]
			changed := slices.ContainsFunc(approved, func(r Record) bool { return r.ID == before.ID || r.ID == after.ID })
			if text := before.unpriced(after); changed && text != "" {
				return fault.New(fault.Conflict, "approve tariffs: %s from %s: after the tariff from %s, %s",
					after.Service, after.From.JalaliString(), before.From.JalaliString(), text)
			}
		}
	}
	return nil
}

// inForce gives the versions of records that hold, each until the day on which
// it ends, in order of time.
func inForce(holding []Record) []Version {
	versions := contentOf(holding)
	for i := range versions {
		versions[i].Until = holding[i].Until
	}
	slices.SortFunc(versions, func(a, b Version) int { return cmp.Compare(a.From, b.From) })
	return versions
}

// contentOf gives the versions of records as they were entered.
func contentOf(all []Record) []Version {
	versions := make([]Version, len(all))
	for i := range all {
		versions[i] = all[i].Content
	}
	return versions
}

// Withdraw takes a version back for a reason. A draft or a submitted version is
// taken back whole, by anybody of staff. An approved one is taken back by a
// checker: from the day given on, or without a day from its first day, so that
// it prices nothing any more. Payments that it priced keep their price.
//
// It refuses a day on which the version does not hold (fault.Invalid), a version
// that is withdrawn already (fault.Conflict) and a missing reason.
func Withdraw(ctx context.Context, db postgres.DB, by access.By, id int64, from calendar.Date, reason string) (Effect, error) {
	var e Effect
	err := file(ctx, db, by, "withdraw tariff", func(ctx context.Context, f *filing) error {
		if name := invisible(reason); name != "" {
			return fault.New(fault.Invalid, "withdraw tariff: the reason holds %s, which nobody sees: take it out", name)
		}
		reason, err := access.Reason(reason)
		if err != nil {
			return fmt.Errorf("withdraw tariff: %w", err)
		}
		found, err := f.standing(ctx, []int64{id})
		if err != nil {
			return err
		}
		e, err = f.takeBack(ctx, found[0], from, reason)
		return err
	})
	if err != nil {
		return Effect{}, err
	}
	return e, nil
}

// takeBack withdraws a version, and tells what it leaves if it was in force.
func (f *filing) takeBack(ctx context.Context, r Record, from calendar.Date, reason string) (Effect, error) {
	withdrawn, err := f.withdraw(r, from, reason)
	e := Effect{Withdrawn: []Record{withdrawn}, Gaps: []Gap{}}
	if err != nil || !r.Holds() {
		return e, err
	}
	holding, err := f.holding(ctx, e.Withdrawn)
	if err != nil {
		return e, err
	}
	left := slices.DeleteFunc(holding[r.Service], func(other Record) bool { return other.ID == r.ID })
	if withdrawn.Holds() {
		left = append(left, withdrawn)
	}
	holding[r.Service] = left
	e.Gaps = gapsLeft(holding, e.Withdrawn)
	return e, nil
}

func (f *filing) withdraw(r Record, from calendar.Date, reason string) (Record, error) {
	if r.State == Withdrawn && !r.Holds() {
		return r, fault.New(fault.Conflict, "withdraw tariff %s: it is withdrawn already", r.Ref())
	}
	if r.Holds() {
		if err := f.mayCheck("withdraw tariff " + r.Ref() + ", which is in force"); err != nil {
			return r, err
		}
	} else if !from.IsZero() {
		return r, fault.New(fault.Invalid, "withdraw tariff %s: it is a %s and holds on no day, so it is withdrawn whole", r.Ref(), r.State)
	}
	if from.IsZero() {
		from = r.From
	}
	if from < r.From || !r.Until.IsZero() && from >= r.Until {
		return r, fault.New(fault.Invalid, "withdraw tariff %s from %s: it holds %s", r.Ref(), from.JalaliString(), period(&r))
	}
	r.Until = from
	return f.move(r, Withdrawn, reason), nil
}

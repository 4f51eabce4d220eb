package main

import (
	"context"
	"fmt"
	"slices"

	"treasury-switch/cmd/treasury-switch/node"
	"treasury-switch/registry"
	"treasury-switch/tariffs"
)

// tariffApproveCmd approves tariffs.
type tariffApproveCmd struct {
	Tariffs []string `arg:"" name:"id" help:"Ids or their first digits, SERVICE for all that is submitted of it, SERVICE@1405-01-01."`
	as      `embed:""`
}

// Help is the example of the command.
func (tariffApproveCmd) Help() string {
	return `Whoever approves is a checker and neither entered nor submitted the tariff. All of them or none. A tariff that is open, and
holds on the first day of the new one, ends there. Every node knows within a second; what begins on a later day begins by itself.

Example:
  treasury-switch tariffs approve PASSPORT --as checker
  treasury-switch tariffs approve 58012 77310 --as checker`
}

// approvedTariffs is what came of an approval or a withdrawal.
type approvedTariffs struct {
	Approved  []tariffs.Record `json:"approved,omitempty"`
	Ended     []tariffs.Record `json:"ended,omitempty"`
	Withdrawn []tariffs.Record `json:"withdrawn,omitempty"`
	// Gaps are the days, of the services concerned, that have no tariff.
	Gaps []tariffs.Gap `json:"gaps"`
}

// Run approves them.
func (c *tariffApproveCmd) Run(ctx context.Context, a *app) error {
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by registry.By) (approvedTariffs, error) {
		waiting, err := named(ctx, db, c.Tariffs, tariffs.Submitted)
		if err != nil {
			return approvedTariffs{}, err
		}
		versions := make([]tariffs.Version, len(waiting))
		for i, r := range waiting {
			versions[i] = r.Content
		}
		if err := registered(ctx, db, versions); err != nil {
			return approvedTariffs{}, err
		}
		approved, ended, err := tariffs.Approve(ctx, db, by, idsOf(waiting))
		if err != nil {
			return approvedTariffs{}, err
		}
		gaps, err := gapsOf(ctx, db, approved)
		return approvedTariffs{Approved: brief(approved), Ended: brief(ended), Gaps: gaps}, err
	}, a.printApproved)
}

// tariffWithdrawCmd withdraws a tariff.
type tariffWithdrawCmd struct {
	Tariff string `arg:"" name:"id" help:"An id or its first digits, SERVICE@1405-01-01, or SERVICE if it has one tariff only."`
	Reason string `required:"" help:"Why."`
	From   string `placeholder:"DAY" help:"First day on which it does not hold any more; without it, it holds on no day at all."`
	as     `embed:""`
}

// Help is the example of the command.
func (tariffWithdrawCmd) Help() string {
	return `Anybody of staff takes back a draft or what is submitted; what is in force takes a checker. Payments keep the price they were
made with. To replace a tariff that ends by its own file in the middle of its time, withdraw it from that day on and approve the
other.

Example:
  treasury-switch tariffs withdraw 58012 --reason 'annulled by the court' --as checker
  treasury-switch tariffs withdraw DEED@1405-01-01 --from 1405-07-01 --reason 'amended by act 4711' --as checker`
}

// Run withdraws it.
func (c *tariffWithdrawCmd) Run(ctx context.Context, a *app) error {
	from, err := parseDay(c.From)
	if err != nil {
		return err
	}
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by registry.By) (approvedTariffs, error) {
		r, err := tariffs.FindOne(ctx, db, c.Tariff)
		if err != nil {
			return approvedTariffs{}, err
		}
		inForce := r.Holds()
		if r, err = tariffs.Withdraw(ctx, db, by, r.ID, from, c.Reason); err != nil {
			return approvedTariffs{}, err
		}
		result := approvedTariffs{Withdrawn: brief([]tariffs.Record{r}), Gaps: []tariffs.Gap{}}
		if inForce {
			result.Gaps, err = gapsOf(ctx, db, result.Withdrawn)
		}
		return result, err
	}, a.printApproved)
}

// gapsOf finds the days without a tariff of the services that a change was about.
func gapsOf(ctx context.Context, db tariffs.Reader, changed []tariffs.Record) ([]tariffs.Gap, error) {
	set, err := tariffs.LoadSet(ctx, db)
	if err != nil {
		return nil, err
	}
	gaps, seen := []tariffs.Gap{}, []string{}
	for _, r := range changed {
		if slices.Contains(seen, r.Service) {
			continue
		}
		seen = append(seen, r.Service)
		if len(set.Versions(r.Service)) == 0 {
			gaps = append(gaps, tariffs.Gap{Service: r.Service, From: r.From})
		}
		gaps = append(gaps, set.Gaps(r.Service)...)
	}
	return gaps, nil
}

func (a *app) printApproved(result approvedTariffs) {
	a.printTariffs(slices.Concat(result.Approved, result.Ended, result.Withdrawn))
	for _, r := range result.Ended {
		a.say("%s, id %d, ends: its last day is %s.", r.Ref(), r.ID, both(r.Until.Add(-1)))
	}
	a.printGaps(result.Gaps)
}

// printGaps tells where a service has no tariff.
func (a *app) printGaps(gaps []tariffs.Gap) {
	for _, g := range gaps {
		until := ""
		if !g.Until.IsZero() {
			until = fmt.Sprintf(" until %s", both(g.Until.Add(-1)))
		}
		a.say("Look at this: %s has no tariff from %s%s.", g.Service, both(g.From), until)
		if g.Unpriced != "" {
			a.say("And this: %s.", g.Unpriced)
		}
	}
}

package main

import (
	"context"
	"fmt"
	"slices"

	"treasury-switch/internal/node"
	"treasury-switch/security/access"
	"treasury-switch/tariffs"
)

// tariffApproveCmd approves tariffs.
type tariffApproveCmd struct {
	Tariffs []string `arg:"" name:"id" help:"Ids or their first digits, SERVICE for all that is submitted of it, SERVICE@1405-01-01."`
	as      `embed:""`
}

func (tariffApproveCmd) Help() string {
	return `Whoever approves is a checker and neither entered nor submitted the tariff. All of them or none. A tariff that is open, and
holds on the first day of the new one, ends there. Every node knows within a second; what begins on a later day begins by itself.

Example:
  treasury-switch tariffs approve PASSPORT --as checker
  treasury-switch tariffs approve 58012 77310 --as checker`
}

func (c *tariffApproveCmd) Run(ctx context.Context, a *app) error {
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (tariffs.Effect, error) {
		waiting, err := named(ctx, db, c.Tariffs, tariffs.Submitted)
		if err != nil {
			return tariffs.Effect{}, err
		}
		return briefly(tariffs.Approve(ctx, db, by, idsOf(waiting)))
	}, a.printEffect)
}

// briefly leaves out of what came of a change the contents and histories of its tariffs.
func briefly(e tariffs.Effect, err error) (tariffs.Effect, error) {
	return tariffs.Effect{Approved: brief(e.Approved), Ended: brief(e.Ended), Withdrawn: brief(e.Withdrawn), Gaps: e.Gaps}, err
}

// tariffWithdrawCmd withdraws a tariff.
type tariffWithdrawCmd struct {
	Tariff string `arg:"" name:"id" help:"An id or its first digits, SERVICE@1405-01-01, or SERVICE if it has one tariff only."`
	Reason string `required:"" help:"Why."`
	From   string `placeholder:"DAY" help:"First day on which it does not hold any more; without it, it holds on no day at all."`
	as     `embed:""`
}

func (tariffWithdrawCmd) Help() string {
	return `Anybody of staff takes back a draft or what is submitted; what is in force takes a checker. Payments keep the price they were
made with. To replace a tariff that ends by its own file in the middle of its time, withdraw it from that day on and approve the
other.

Example:
  treasury-switch tariffs withdraw 58012 --reason 'annulled by the court' --as checker
  treasury-switch tariffs withdraw DEED@1405-01-01 --from 1405-07-01 --reason 'amended by act 4711' --as checker`
}

func (c *tariffWithdrawCmd) Run(ctx context.Context, a *app) error {
	from, err := parseDay(c.From)
	if err != nil {
		return err
	}
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (tariffs.Effect, error) {
		r, err := tariffs.FindOne(ctx, db, c.Tariff)
		if err != nil {
			return tariffs.Effect{}, err
		}
		return briefly(tariffs.Withdraw(ctx, db, by, r.ID, from, c.Reason))
	}, a.printEffect)
}

func (a *app) printEffect(result tariffs.Effect) {
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

package main

import (
	"context"

	"treasury-switch/internal/node"
	"treasury-switch/ledger"
	"treasury-switch/registry"
	"treasury-switch/security/access"
)

// dayProposeCmd asks that a day be believed.
type dayProposeCmd struct {
	Day   string `arg:"" help:"The business day, 2026-11-21 or Jalali 1405/08/30."`
	Book  string `enum:"live,test" default:"live" help:"Which book: ${enum}."`
	Close bool   `help:"Ask that the day be closed which two persons have had believed."`
	as    `embed:""`
}

func (dayProposeCmd) Help() string {
	return `The network's cut-over and its answers open business days within a few days of Tehran's date (TREASURY_DAY_REACH). One that is
farther away is listed by "day list", and believed once two persons, who have asked the network whether it is meant, say so: the
network opens it when it names it again. Such a day is closed by two persons as well, with --close, once the network has left it.

Example:
  treasury-switch day propose 1405/12/20 --as maker
  treasury-switch day approve CR-ABCDEFGHJKLM --as checker`
}

func (c *dayProposeCmd) Run(ctx context.Context, a *app) error {
	book, err := ledger.ParseBook(c.Book)
	if err != nil {
		return err
	}
	day, err := parseDay(c.Day)
	if err != nil {
		return err
	}
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (registry.Request, error) {
		if c.Close {
			return registry.ProposeDayClose(ctx, db, by, book, day, a.globals.DayReach)
		}
		return registry.ProposeDay(ctx, db, by, book, day)
	}, a.printRequest)
}

// dayApproveCmd has a day believed that somebody else has proposed.
type dayApproveCmd struct {
	ID string `arg:"" help:"The request's id."`
	as `embed:""`
}

func (dayApproveCmd) Help() string {
	return `Whoever approves is a checker, and not the one who proposed. Nodes believe the day within seconds, and open it when the network
names it again; or it is closed, if that was asked.

Example:
  treasury-switch day approve CR-ABCDEFGHJKLM --as checker`
}

func (c *dayApproveCmd) Run(ctx context.Context, a *app) error {
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (registry.Request, error) {
		return registry.ApproveDay(ctx, db, by, c.ID, a.globals.DayReach)
	}, a.printRequest)
}

// dayRejectCmd decides against a day that somebody has proposed.
type dayRejectCmd struct {
	ID     string `arg:"" help:"The request's id."`
	Reason string `required:"" help:"Why, for the one who proposed."`
	as     `embed:""`
}

func (dayRejectCmd) Help() string {
	return `Example:
  treasury-switch day reject CR-ABCDEFGHJKLM --reason 'the network says it was a mistake' --as checker`
}

func (c *dayRejectCmd) Run(ctx context.Context, a *app) error {
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (registry.Request, error) {
		return registry.RejectDay(ctx, db, by, c.ID, c.Reason)
	}, a.printRequest)
}

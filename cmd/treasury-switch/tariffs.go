package main

import (
	"context"
	"slices"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/node"
	"treasury-switch/internal/page"
	"treasury-switch/internal/postgres"
	"treasury-switch/security/access"
	"treasury-switch/tariffs"
)

// tariffsCmd is for tariff clerks: files become drafts, two persons bring them into force, and every price can be
// explained.
type tariffsCmd struct {
	Check     tariffCheckCmd     `cmd:"" help:"Tell everything that is wrong with tariff files; needs no database."`
	Import    tariffImportCmd    `cmd:"" help:"Enter the tariffs of files as drafts."`
	Submit    tariffSubmitCmd    `cmd:"" help:"Ask a second person for drafts."`
	Approve   tariffApproveCmd   `cmd:"" help:"Bring into force what somebody else submitted."`
	Withdraw  tariffWithdrawCmd  `cmd:"" help:"Take a tariff back, for a reason."`
	List      tariffListCmd      `cmd:"" help:"List tariffs with their states."`
	Show      tariffShowCmd      `cmd:"" help:"Show one tariff, who did what to it, and its file."`
	Quote     tariffQuoteCmd     `cmd:"" help:"Price a service on a day, line by line."`
	Explain   tariffExplainCmd   `cmd:"" help:"Why a payment was charged what it was, by which law and approved by whom."`
	Diff      tariffDiffCmd      `cmd:"" help:"What changes from one day to another, in rial and percent."`
	PriceList tariffPriceListCmd `cmd:"" help:"What every service costs on a day: table, CSV, XLSX or PDF."`
	Simulate  tariffSimulateCmd  `cmd:"" help:"What recorded payments would have brought under other tariffs."`
}

// tariffImportCmd enters files.
type tariffImportCmd struct {
	Files []string `arg:"" name:"file" help:"YAML files, one service a document."`
	Again bool     `help:"Enter versions again that were withdrawn."`
	as    `embed:""`
}

func (tariffImportCmd) Help() string {
	return `All of the files or nothing. Tariffs that exist already stay as they are, so the same files may be imported any number of times.
The services and accounts that a tariff names must exist.

Example:
  treasury-switch tariffs import examples/tariffs/1405/*.yaml --as maker`
}

func (c *tariffImportCmd) Run(ctx context.Context, a *app) error {
	versions, err := tariffs.ParseFiles(c.Files...)
	if err != nil {
		return err
	}
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) ([]tariffs.Entered, error) {
		entered, err := tariffs.Import(ctx, db, by, versions, c.Again)
		for i := range entered {
			entered[i].Content = tariffs.Version{}
		}
		return entered, err
	}, a.printEntered)
}

// tariffSubmitCmd submits drafts.
type tariffSubmitCmd struct {
	Tariffs []string `arg:"" name:"id" help:"Ids or their first digits, SERVICE for all its drafts, SERVICE@1405-01-01."`
	as      `embed:""`
}

func (tariffSubmitCmd) Help() string {
	return `Example:
  treasury-switch tariffs submit PASSPORT COPY --as maker`
}

func (c *tariffSubmitCmd) Run(ctx context.Context, a *app) error {
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) ([]tariffs.Record, error) {
		named, err := named(ctx, db, c.Tariffs, tariffs.Draft)
		if err != nil {
			return nil, err
		}
		submitted, err := tariffs.Submit(ctx, db, by, idsOf(named))
		return brief(submitted), err
	}, func(submitted []tariffs.Record) {
		a.printTariffs(submitted)
		a.say("A second person looks at each (treasury-switch tariffs show %d) and approves: treasury-switch tariffs approve %d --as checker",
			submitted[0].ID, submitted[0].ID)
	})
}

// named finds the tariffs that the arguments mean, each once, in the order of the arguments.
func named(ctx context.Context, db postgres.Querier, refs []string, want ...tariffs.State) ([]tariffs.Record, error) {
	var all []tariffs.Record
	for _, ref := range refs {
		found, err := tariffs.Find(ctx, db, ref, want...)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			if !slices.ContainsFunc(all, func(other tariffs.Record) bool { return other.ID == r.ID }) {
				all = append(all, r)
			}
		}
	}
	return all, nil
}

func idsOf(all []tariffs.Record) []int64 {
	ids := make([]int64, len(all))
	for i, r := range all {
		ids[i] = r.ID
	}
	return ids
}

// brief leaves out the contents and histories of tariffs: lists are read for their states.
func brief(all []tariffs.Record) []tariffs.Record {
	for i := range all {
		all[i].Content, all[i].History = tariffs.Version{}, nil
	}
	return all
}

type tariffListCmd struct {
	State   string `enum:",draft,submitted,approved,superseded,withdrawn" default:"" help:"In this state only: draft, submitted, approved, superseded, withdrawn."`
	Service code   `help:"Of this service only."`
	paged
}

func (tariffListCmd) Help() string {
	return `The days of a tariff are those on which it holds, which end earlier than its file says if another took its place.

Example:
  treasury-switch tariffs list --state submitted`
}

func (c *tariffListCmd) Run(ctx context.Context, a *app) error {
	return list(ctx, a, c.paged, func(ctx context.Context, db node.Pool, page page.Request) (page.Listing[tariffs.Record], error) {
		l, err := tariffs.List(ctx, db, tariffs.Filter{State: tariffs.State(c.State), Service: c.Service.service()}, page)
		brief(l.Items)
		return l, err
	}, a.printTariffs)
}

type tariffShowCmd struct {
	Tariff string `arg:"" name:"id" help:"An id or its first digits, SERVICE@1405-01-01, or SERVICE."`
	Date   string `placeholder:"DAY" help:"With SERVICE: the tariff that holds on this day; today without it."`
}

func (tariffShowCmd) Help() string {
	return `Prints the tariff's state, its history with the persons, and the tariff itself as a file.

Example:
  treasury-switch tariffs show PASSPORT --date 1405-08-30`
}

func (c *tariffShowCmd) Run(ctx context.Context, a *app) error {
	day, err := dayOr(c.Date, a.now())
	if err != nil {
		return err
	}
	return present(ctx, a, func(ctx context.Context, db node.Pool) (tariffs.Record, error) {
		found, err := tariffs.Find(ctx, db, c.Tariff)
		if err != nil {
			return tariffs.Record{}, err
		}
		if i := slices.IndexFunc(found, func(r tariffs.Record) bool { return r.HoldsOn(day) }); i >= 0 && len(found) > 1 {
			return found[i], nil
		}
		if len(found) > 1 {
			return tariffs.Record{}, fault.New(fault.NotFound, "%s has no tariff in force on %s; see treasury-switch tariffs list --service %s",
				found[0].Service, day.JalaliString(), found[0].Service)
		}
		return found[0], nil
	}, a.printTariff)
}

package main

import (
	"context"

	"treasury-switch/internal/node"
	"treasury-switch/internal/page"
	"treasury-switch/iso"
	"treasury-switch/ledger"
	"treasury-switch/registry"
	"treasury-switch/security/access"
)

// agenciesCmd keeps the list of agencies.
type agenciesCmd struct {
	Add    agencyAddCmd   `cmd:"" help:"Add an agency with its house accounts in both books."`
	List   agencyListCmd  `cmd:"" help:"List agencies."`
	Show   agencyShowCmd  `cmd:"" help:"Show one agency."`
	Freeze agencyStateCmd `cmd:"" help:"Answer payments of an agency 03 until it is reopened."`
	Reopen agencyStateCmd `cmd:"" help:"Let a frozen agency take payments again."`
	Close  agencyStateCmd `cmd:"" help:"Close an agency for good."`
}

type agencyAddCmd struct {
	Code    int32  `arg:"" help:"Its number, 1 to 9999999; F42 of its terminals is the number with zeros in front."`
	Name    string `required:"" help:"Name in Persian."`
	NameEn  string `name:"name-en" required:"" help:"Name in English, for receipts and lists."`
	Partner bool   `help:"A partner that sells services of others and may have partner accounts (P-...)."`
	Feed    bool   `help:"Tell the agency of its payments."`
	as      `embed:""`
}

func (agencyAddCmd) Help() string {
	return `Example:
  treasury-switch agencies add 109 --name 'سازمان ثبت احوال' --name-en 'Civil registration' --as maker`
}

func (c *agencyAddCmd) Run(ctx context.Context, a *app) error {
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (registry.Agency, error) {
		return registry.AddAgency(ctx, db, by, registry.Agency{Code: c.Code, Name: c.Name, NameEn: c.NameEn, Partner: c.Partner, Feed: c.Feed})
	}, only(a.printAgencies))
}

type agencyListCmd struct{ paged }

func (agencyListCmd) Help() string {
	return `Example:
  treasury-switch agencies list --json`
}

func (c *agencyListCmd) Run(ctx context.Context, a *app) error {
	return list(ctx, a, c.paged, func(ctx context.Context, db node.Pool, page page.Request) (page.Listing[registry.Agency], error) {
		return registry.ListAgencies(ctx, db, page)
	}, a.printAgencies)
}

type agencyShowCmd struct {
	Code int32 `arg:"" help:"The agency's number."`
}

func (agencyShowCmd) Help() string {
	return `Example:
  treasury-switch agencies show 101`
}

func (c *agencyShowCmd) Run(ctx context.Context, a *app) error {
	return present(ctx, a, func(ctx context.Context, db node.Pool) (registry.Agency, error) {
		return registry.ShowAgency(ctx, db, c.Code)
	}, only(a.printAgencies))
}

// agencyStateCmd freezes, reopens or closes an agency, depending on the command.
type agencyStateCmd struct {
	Code int32 `arg:"" help:"The agency's number."`
	as   `embed:""`
}

func (agencyStateCmd) Help() string {
	return `Every node knows it within a second. A closed agency stays closed.

Example:
  treasury-switch agencies {command} 109 --as maker`
}

func (c *agencyStateCmd) Run(ctx context.Context, a *app, to ledger.State) error {
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (registry.Agency, error) {
		if err := registry.SetAgencyState(ctx, db, by, c.Code, to); err != nil {
			return registry.Agency{}, err
		}
		return registry.ShowAgency(ctx, db, c.Code)
	}, only(a.printAgencies))
}

// printAgencies shows beside each name the part that cardholders see on their statements: field 43 has room for 22 letters.
func (a *app) printAgencies(items []registry.Agency) {
	dialect := iso.ShetabDialect()
	g := grid{headings: []any{"agency", "name", "on statements (F43)", "English", "acceptor (F42)", "state", "partner", "feed"}, numbers: []int{1},
		empty: "There is no agency."}
	for _, i := range items {
		shown, _ := dialect.DecodePlace(dialect.EncodePlace(iso.Place{Name: i.Name})) // It was encoded just now, so it can be read.
		g.add(i.Code, i.Name, shown.Name, i.NameEn, i.Acceptor, string(i.State), yesNo(i.Partner), yesNo(i.Feed))
	}
	a.print(g)
}

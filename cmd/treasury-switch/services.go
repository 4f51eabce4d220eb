package main

import (
	"context"

	"treasury-switch/internal/node"
	"treasury-switch/internal/page"
	"treasury-switch/ledger"
	"treasury-switch/registry"
	"treasury-switch/security/access"
)

// servicesCmd keeps the list of services.
type servicesCmd struct {
	Add    serviceAddCmd   `cmd:"" help:"Add a service of an agency. Its price is the tariff's affair."`
	List   serviceListCmd  `cmd:"" help:"List services."`
	Show   serviceShowCmd  `cmd:"" help:"Show one service."`
	Freeze serviceStateCmd `cmd:"" help:"Answer payments for a service 12 until it is reopened."`
	Reopen serviceStateCmd `cmd:"" help:"Sell a frozen service again."`
	Close  serviceStateCmd `cmd:"" help:"Close a service for good."`
}

type serviceAddCmd struct {
	Code   code   `arg:"" help:"2 to 24 of A-Z, 0-9 and hyphen, a letter first."`
	Agency int32  `required:"" help:"The agency that sells it."`
	Name   string `required:"" help:"Name in Persian."`
	NameEn string `name:"name-en" required:"" help:"Name in English."`
	as     `embed:""`
}

func (serviceAddCmd) Help() string {
	return `Example:
  treasury-switch services add PASSPORT-FAST --agency 101 --name 'گذرنامه فوری' --name-en 'Express passport' --as maker`
}

func (c *serviceAddCmd) Run(ctx context.Context, a *app) error {
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (registry.Service, error) {
		return registry.AddService(ctx, db, by, registry.Service{Code: string(c.Code), Agency: c.Agency, Name: c.Name, NameEn: c.NameEn})
	}, only(a.printServices))
}

type serviceListCmd struct {
	Agency int32 `help:"Of this agency only."`
	paged
}

func (serviceListCmd) Help() string {
	return `Example:
  treasury-switch services list --agency 102`
}

func (c *serviceListCmd) Run(ctx context.Context, a *app) error {
	return list(ctx, a, c.paged, func(ctx context.Context, db node.Pool, page page.Request) (page.Listing[registry.Service], error) {
		return registry.ListServices(ctx, db, c.Agency, page)
	}, a.printServices)
}

type serviceShowCmd struct {
	Code code `arg:"" help:"The service's code."`
}

func (serviceShowCmd) Help() string {
	return `Example:
  treasury-switch services show PASSPORT`
}

func (c *serviceShowCmd) Run(ctx context.Context, a *app) error {
	return present(ctx, a, func(ctx context.Context, db node.Pool) (registry.Service, error) {
		return registry.ShowService(ctx, db, string(c.Code))
	}, only(a.printServices))
}

// serviceStateCmd freezes, reopens or closes a service, depending on the command.
type serviceStateCmd struct {
	Code code `arg:"" help:"The service's code."`
	as   `embed:""`
}

func (serviceStateCmd) Help() string {
	return `Every node knows it within a second. A closed service stays closed.

Example:
  treasury-switch services {command} PASSPORT-FAST --as maker`
}

func (c *serviceStateCmd) Run(ctx context.Context, a *app, to ledger.State) error {
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (registry.Service, error) {
		if err := registry.SetServiceState(ctx, db, by, string(c.Code), to); err != nil {
			return registry.Service{}, err
		}
		return registry.ShowService(ctx, db, string(c.Code))
	}, only(a.printServices))
}

func (a *app) printServices(items []registry.Service) {
	g := grid{headings: []any{"service", "agency", "name", "English", "state"}, numbers: []int{2}, empty: "There is no service."}
	for _, i := range items {
		g.add(i.Code, i.Agency, i.Name, i.NameEn, string(i.State))
	}
	a.print(g)
}

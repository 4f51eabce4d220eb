package main

import (
	"context"

	"treasury-switch/calendar"
	"treasury-switch/internal/node"
	"treasury-switch/internal/page"
	"treasury-switch/ledger"
	"treasury-switch/registry"
	"treasury-switch/security/access"
)

// accountsCmd keeps the accounts of the ledger. What could send money astray needs a second person.
type accountsCmd struct {
	Add      accountAddCmd      `cmd:"" help:"Propose a new account; a second person approves it."`
	List     accountListCmd     `cmd:"" help:"List accounts."`
	Show     accountShowCmd     `cmd:"" help:"Show one account."`
	Freeze   accountFreezeCmd   `cmd:"" help:"Stop postings to an account at once."`
	Reopen   accountProposeCmd  `cmd:"" help:"Propose to reopen a frozen account; a second person approves it."`
	Close    accountProposeCmd  `cmd:"" help:"Propose to close an account for good; a second person approves it."`
	Requests accountRequestsCmd `cmd:"" help:"List the proposals that wait for a second person."`
	Approve  accountApproveCmd  `cmd:"" help:"Carry out what somebody else proposed."`
	Reject   accountRejectCmd   `cmd:"" help:"Decide against what somebody else proposed."`
}

// accountAddCmd proposes an account.
type accountAddCmd struct {
	Code      code   `arg:"" help:"R-<agency>-<revenue code>-<nn> or P-<partner>-<nn>."`
	Name      string `required:"" help:"Name for people."`
	IBAN      string `name:"iban" required:"" help:"IR and 24 digits; spaces are accepted."`
	Province  string `placeholder:"IR-nn" help:"ISO 3166-2 code of the province; without it the account is national."`
	Deposit   string `enum:"NONE,CONSTANT,AMOUNT_BOUND" default:"NONE" help:"Treasury deposit id of each credit: ${enum}."`
	ValidFrom string `placeholder:"DAY" help:"First business day on which it takes postings, 2026-11-21 or 1405/08/30; today without it."`
	ValidTo   string `placeholder:"DAY" help:"First business day on which it no longer does."`
	inBook
	as `embed:""`
}

func (accountAddCmd) Help() string {
	return `Everything that can be known to be wrong is refused now, all of it together. The request id that is printed is for the
second person.

Example:
  treasury-switch accounts add R-101-140101-02 --name 'درآمد گذرنامه' --iban IR630100004001010203000123 --as maker
  treasury-switch accounts approve CR-ABCDEFGHJKLM --as checker`
}

func (c *accountAddCmd) Run(ctx context.Context, a *app) error {
	var err error
	n := registry.NewAccount{Code: string(c.Code), Book: c.book(), Name: c.Name, IBAN: c.IBAN, Province: c.Province,
		DepositMode: ledger.DepositMode(c.Deposit)}
	if c.ValidFrom != "" {
		if n.ValidFrom, err = parseDay(c.ValidFrom); err != nil {
			return err
		}
	}
	if n.ValidTo, err = parseDay(c.ValidTo); err != nil {
		return err
	}
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (registry.Request, error) {
		if n.ValidFrom.IsZero() {
			n.ValidFrom = calendar.DateOf(by.At)
		}
		return registry.ProposeAccount(ctx, db, by, n)
	}, a.printRequest)
}

type accountListCmd struct {
	Agency int32 `help:"Of this agency only."`
	House  bool  `help:"House accounts too (clearing, suspense and so on)."`
	inBook
	paged
}

func (accountListCmd) Help() string {
	return `Example:
  treasury-switch accounts list --agency 101 --house`
}

func (c *accountListCmd) Run(ctx context.Context, a *app) error {
	return list(ctx, a, c.paged, func(ctx context.Context, db node.Pool, page page.Request) (page.Listing[ledger.Account], error) {
		return registry.ListAccounts(ctx, db, c.book(), c.Agency, c.House, page)
	}, a.printAccounts)
}

type accountShowCmd struct {
	Code code `arg:"" help:"The account's code."`
	inBook
}

func (accountShowCmd) Help() string {
	return `Example:
  treasury-switch accounts show R-101-140101-01`
}

func (c *accountShowCmd) Run(ctx context.Context, a *app) error {
	return present(ctx, a, func(ctx context.Context, db node.Pool) (ledger.Account, error) {
		return registry.ShowAccount(ctx, db, c.book(), string(c.Code))
	}, only(a.printAccounts))
}

func (a *app) printAccounts(items []ledger.Account) {
	g := grid{headings: []any{"account", "name", "kind", "book", "state", "IBAN", "province", "deposit id", "valid from"}, empty: "There is no account."}
	for _, i := range items {
		g.add(i.Code, i.Name, string(i.Kind), i.Book.String(), string(i.State), string(i.IBAN), i.Province, string(i.DepositMode), i.ValidFrom.String())
	}
	a.print(g)
}

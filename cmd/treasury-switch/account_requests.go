package main

import (
	"context"

	"treasury-switch/internal/node"
	"treasury-switch/internal/page"
	"treasury-switch/ledger"
	"treasury-switch/registry"
	"treasury-switch/security/access"
)

// accountFreezeCmd freezes an account.
type accountFreezeCmd struct {
	Code code `arg:"" help:"The account's code."`
	inBook
	as `embed:""`
}

func (accountFreezeCmd) Help() string {
	return `One person is enough, since freezing can be undone. When the command returns, no payment that saw the account open is
still being recorded. Payments with a share for a frozen account are answered 03.

Example:
  treasury-switch accounts freeze R-101-140101-02 --as maker`
}

func (c *accountFreezeCmd) Run(ctx context.Context, a *app) error {
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (ledger.Account, error) {
		if err := registry.FreezeAccount(ctx, db, by, c.book(), string(c.Code)); err != nil {
			return ledger.Account{}, err
		}
		return registry.ShowAccount(ctx, db, c.book(), string(c.Code))
	}, only(a.printAccounts))
}

// accountProposeCmd proposes to reopen or to close an account, depending on the command.
type accountProposeCmd struct {
	Code code `arg:"" help:"The account's code."`
	inBook
	as `embed:""`
}

func (accountProposeCmd) Help() string {
	return `A frozen account can be reopened; one whose balance is zero can be closed, for good.

Example:
  treasury-switch accounts {command} R-101-140101-02 --as maker
  treasury-switch accounts approve CR-ABCDEFGHJKLM --as checker`
}

func (c *accountProposeCmd) Run(ctx context.Context, a *app, change registry.Act) error {
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (registry.Request, error) {
		return registry.ProposeAccountState(ctx, db, by, change, c.book(), string(c.Code))
	}, a.printRequest)
}

// accountRequestsCmd lists proposals.
type accountRequestsCmd struct{ paged }

func (accountRequestsCmd) Help() string {
	return `Example:
  treasury-switch accounts requests`
}

func (c *accountRequestsCmd) Run(ctx context.Context, a *app) error {
	return list(ctx, a, c.paged, func(ctx context.Context, db node.Pool, page page.Request) (page.Listing[registry.Request], error) {
		return registry.Pending(ctx, db, page)
	}, a.printRequests)
}

// accountApproveCmd approves a proposal.
type accountApproveCmd struct {
	ID string `arg:"" help:"The request's id."`
	as `embed:""`
}

func (accountApproveCmd) Help() string {
	return `Whoever approves is a checker, and not the one who proposed.

Example:
  treasury-switch accounts approve CR-ABCDEFGHJKLM --as checker`
}

func (c *accountApproveCmd) Run(ctx context.Context, a *app) error {
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (registry.Request, error) {
		return registry.Approve(ctx, db, by, c.ID)
	}, a.printRequest)
}

// accountRejectCmd rejects a proposal.
type accountRejectCmd struct {
	ID     string `arg:"" help:"The request's id."`
	Reason string `required:"" help:"Why, for the one who proposed."`
	as     `embed:""`
}

func (accountRejectCmd) Help() string {
	return `Example:
  treasury-switch accounts reject CR-ABCDEFGHJKLM --reason 'the IBAN is of another agency' --as checker`
}

func (c *accountRejectCmd) Run(ctx context.Context, a *app) error {
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (registry.Request, error) {
		return registry.Reject(ctx, db, by, c.ID, c.Reason)
	}, a.printRequest)
}

// printRequest shows one request, what a checker should look at, and what comes next.
func (a *app) printRequest(r registry.Request) {
	a.printRequests([]registry.Request{r})
	for _, w := range r.Warnings {
		a.say("Look at this: %s.", w)
	}
	if r.DecidedAt == nil {
		command := "accounts"
		if r.Act == registry.OpenDay || r.Act == registry.CloseDay {
			command = "day"
		}
		a.say("It waits for a second person: treasury-switch %s approve %s --as checker", command, r.ID)
	}
}

func (a *app) printRequests(items []registry.Request) {
	g := grid{headings: []any{"request", "asks for", "book", "account or day", "IBAN", "by", "at", "state", "decided by"},
		empty: "Nothing waits for a second person."}
	for _, r := range items {
		checker := ""
		if r.Checker != nil {
			checker = *r.Checker
		}
		g.add(r.ID, string(r.Act), r.Book.String(), r.Account, string(r.New.IBAN), r.Maker, clock(r.MadeAt), r.State, checker)
	}
	a.print(g)
}

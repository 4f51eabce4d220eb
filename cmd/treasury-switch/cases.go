package main

import (
	"context"

	"treasury-switch/internal/node"
	"treasury-switch/internal/page"
	"treasury-switch/security/access"
	"treasury-switch/switch/cases"
)

// casesCmd is for payments that need a person. Two members of staff end a case.
type casesCmd struct {
	List    caseListCmd    `cmd:"" help:"List the cases that wait for somebody, the oldest first."`
	Show    caseShowCmd    `cmd:"" help:"Show the cases of one payment, what was proposed and what was decided."`
	Propose caseProposeCmd `cmd:"" help:"Propose how the cases of a payment end; a second person decides."`
	Decide  caseDecideCmd  `cmd:"" help:"Accept what somebody else proposed, and carry it out."`
	Reject  caseRejectCmd  `cmd:"" help:"Decide against what somebody else proposed; the case stays open."`
}

type caseListCmd struct {
	All bool `help:"Answered cases too."`
	paged
}

func (caseListCmd) Help() string {
	return `A case is open: nobody has proposed anything, or it was rejected, or the payment has changed since; proposed: it waits for a
second person; accepted: decided and not carried out, so the same checker decides again; answered: done.

Example:
  treasury-switch cases list
  treasury-switch cases list --all --json | jq '.items[] | select(.state == "open") | .tracking'`
}

func (c *caseListCmd) Run(ctx context.Context, a *app) error {
	return list(ctx, a, c.paged, func(ctx context.Context, db node.Pool, page page.Request) (page.Listing[cases.Item], error) {
		return cases.List(ctx, db, c.All, page)
	}, a.printCases)
}

// caseOf names the payment.
type caseOf struct {
	Tracking string `arg:"" help:"The payment's tracking code, 16 digits; Persian digits and spaces are accepted."`
}

type caseShowCmd struct{ caseOf }

func (caseShowCmd) Help() string {
	return `What the terminal asked, what the network said and where the money is: treasury-switch payment show.

Example:
  treasury-switch cases show 0524710000002576`
}

func (c *caseShowCmd) Run(ctx context.Context, a *app) error {
	return present(ctx, a, func(ctx context.Context, db node.Pool) (cases.Dossier, error) {
		return cases.Show(ctx, db, c.Tracking, a.now())
	}, a.printDossier)
}

// caseProposeCmd proposes an end.
type caseProposeCmd struct {
	caseOf
	Outcome string `enum:"approved,reversed,closed" required:"" help:"How it ends: ${enum}."`
	Reason  string `required:"" help:"Why, for the one who decides; at most 400 characters."`
	as      `embed:""`
}

func (caseProposeCmd) Help() string {
	return `A payment in status CASE ends as approved (the card was debited for good: the money goes to the beneficiaries) or reversed
(the card has its money back, or was never debited: what is in suspense goes to clearing). The cases of any other payment
can only be closed, by which no money moves. It concerns the payment as it is now: if something more is heard of it,
somebody has to look again and propose again.

Example:
  treasury-switch cases propose 0524710000002576 --outcome reversed --reason 'letter 1405/812 of the bank' --as maker`
}

func (c *caseProposeCmd) Run(ctx context.Context, a *app) error {
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (cases.Dossier, error) {
		return cases.Propose(ctx, db, by, c.Tracking, cases.End(c.Outcome), c.Reason)
	}, a.printDossier)
}

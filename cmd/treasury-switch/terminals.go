package main

import (
	"context"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/node"
	"treasury-switch/internal/page"
	"treasury-switch/ledger"
	"treasury-switch/money"
	"treasury-switch/registry"
	"treasury-switch/security/access"
)

// terminalsCmd keeps the list of terminals.
type terminalsCmd struct {
	Add    terminalAddCmd   `cmd:"" help:"Add a terminal, or a range of equal ones."`
	List   terminalListCmd  `cmd:"" help:"List terminals."`
	Show   terminalShowCmd  `cmd:"" help:"Show one terminal."`
	Freeze terminalStateCmd `cmd:"" help:"Answer a terminal 58 until it is reopened."`
	Reopen terminalStateCmd `cmd:"" help:"Serve a frozen terminal again."`
	Close  terminalStateCmd `cmd:"" help:"Close a terminal for good."`
}

type terminalAddCmd struct {
	ID      string `arg:"" help:"F41, 8 digits or capital letters; a range is 10100001..10100020."`
	Agency  int32  `required:"" help:"The agency that it takes payments for."`
	Type    string `enum:"14,43,59" default:"14" help:"F25: 14 POS, 43 kiosk, 59 internet."`
	MaxPaid string `name:"limit" placeholder:"RIAL" help:"Largest payment; without it only the switch's limit holds."`
	inBook
	as `embed:""`
}

func (terminalAddCmd) Help() string {
	return `A terminal is in one book for good: a test terminal reaches the simulator only.

Example:
  treasury-switch terminals add 10900001..10900020 --agency 109 --as maker`
}

func (c *terminalAddCmd) Run(ctx context.Context, a *app) error {
	t := registry.Terminal{ID: c.ID, Agency: c.Agency, Book: c.book(), Type: c.Type}
	if c.MaxPaid != "" {
		var err error
		if t.Limit, err = money.Parse(c.MaxPaid); err != nil {
			return fault.New(fault.Invalid, "--limit: %w", err)
		}
	}
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (page.Listing[registry.Terminal], error) {
		added, err := registry.AddTerminals(ctx, db, by, t)
		return page.Listing[registry.Terminal]{Items: added}, err
	}, func(l page.Listing[registry.Terminal]) { a.printTerminals(l.Items) })
}

type terminalListCmd struct {
	Agency int32 `help:"Of this agency only."`
	paged
}

func (terminalListCmd) Help() string {
	return `Example:
  treasury-switch terminals list --agency 101`
}

func (c *terminalListCmd) Run(ctx context.Context, a *app) error {
	return list(ctx, a, c.paged, func(ctx context.Context, db node.Pool, page page.Request) (page.Listing[registry.Terminal], error) {
		return registry.ListTerminals(ctx, db, c.Agency, page)
	}, a.printTerminals)
}

type terminalShowCmd struct {
	ID string `arg:"" help:"The terminal's id."`
}

func (terminalShowCmd) Help() string {
	return `Example:
  treasury-switch terminals show 10100001`
}

func (c *terminalShowCmd) Run(ctx context.Context, a *app) error {
	return present(ctx, a, func(ctx context.Context, db node.Pool) (registry.Terminal, error) {
		return registry.ShowTerminal(ctx, db, c.ID)
	}, only(a.printTerminals))
}

// terminalStateCmd freezes, reopens or closes terminals, depending on the command.
type terminalStateCmd struct {
	ID string `arg:"" help:"The terminal's id, or a range as 10100001..10100020: all of it or none."`
	as `embed:""`
}

func (terminalStateCmd) Help() string {
	return `Every node knows it within a second. A closed terminal stays closed.

Example:
  treasury-switch terminals {command} 10100007 --as maker`
}

// changedTerminals is what a change of state prints for programs.
type changedTerminals struct {
	Terminals string       `json:"terminals"`
	State     ledger.State `json:"state"`
}

func (c *terminalStateCmd) Run(ctx context.Context, a *app, to ledger.State) error {
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (changedTerminals, error) {
		return changedTerminals{c.ID, to}, registry.SetTerminalState(ctx, db, by, c.ID, to)
	}, func(t changedTerminals) { a.say("Terminal %s is %s.", t.Terminals, t.State) })
}

func (a *app) printTerminals(items []registry.Terminal) {
	g := grid{headings: []any{"terminal", "agency", "book", "type", "state", "limit"}, numbers: []int{2, 6}, empty: "There is no terminal."}
	for _, i := range items {
		g.add(i.ID, i.Agency, i.Book.String(), terminalType(i.Type), string(i.State), amount(i.Limit))
	}
	a.print(g)
}

// terminalType shows F25 with its meaning.
func terminalType(code string) string {
	return code + " " + map[string]string{registry.POS: "POS", registry.Kiosk: "kiosk", registry.Internet: "internet"}[code]
}

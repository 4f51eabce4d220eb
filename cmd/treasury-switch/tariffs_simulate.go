package main

import (
	"context"
	"strings"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/node"
	"treasury-switch/ledger"
	"treasury-switch/money"
	"treasury-switch/reports"
	"treasury-switch/switch/payment"
	"treasury-switch/tariffs"
)

// tariffSimulateCmd tries tariffs on what was paid.
type tariffSimulateCmd struct {
	File []string `required:"" placeholder:"FILE" help:"Files with the tariffs to try; they need not be imported."`
	From string   `required:"" placeholder:"DAY" help:"First day of the payments, 1405-01-01 or 2026-03-21."`
	To   string   `required:"" placeholder:"DAY" help:"Last day of the payments."`
	Book string   `enum:"live,test" default:"live" help:"Which book: ${enum}."`
}

func (tariffSimulateCmd) Help() string {
	return `Prices the approved payments of a period again, by the tariffs of files, and compares the revenue by agency and service. Of a service
the first tariff in the files also counts for the days before it, so next year's can be tried on this year's payments; services
that the files do not name stay as they are. A payment is left out, and counted with the reason, if what is recorded of it does
not cost what was paid by the tariffs in force, or has no price by those of the files. Reads one snapshot; may run beside traffic.

Example:
  treasury-switch tariffs simulate --file tariffs-1406.yaml --from 1405-01-01 --to 1405-08-30`
}

// Run reads the files and the payments, and prints the comparison.
func (c *tariffSimulateCmd) Run(ctx context.Context, a *app) error {
	from, to, err := c.days()
	if err != nil {
		return err
	}
	book, err := ledger.ParseBook(c.Book)
	if err != nil {
		return err
	}
	versions, err := tariffs.CheckFiles(c.File...)
	if err != nil {
		return err
	}
	return present(ctx, a, func(ctx context.Context, db node.Pool) (reports.Simulation, error) {
		return a.simulate(ctx, db, versions, payment.PriceQuery{Book: book, From: from, To: to})
	}, a.printSimulation)
}

func (c *tariffSimulateCmd) days() (from, to calendar.Date, err error) {
	if from, err = parseDay(c.From); err != nil {
		return
	}
	if to, err = parseDay(c.To); err != nil {
		return
	}
	if from.IsZero() || to < from {
		err = fault.New(fault.Invalid, "no days from %q to %q", c.From, c.To)
	}
	return
}

// simulate prices the payments again, with progress.
func (a *app) simulate(ctx context.Context, db node.Pool, versions []tariffs.Version, q payment.PriceQuery) (reports.Simulation, error) {
	set, err := tariffs.LoadSet(ctx, db)
	if err != nil {
		return reports.Simulation{}, err
	}
	names, err := agencyNames(ctx, db)
	if err != nil {
		return reports.Simulation{}, err
	}
	simulator, err := reports.NewSimulator(set, versions)
	if err != nil {
		return reports.Simulation{}, err
	}
	watched := a.long("payments priced again")
	defer watched.done()
	err = payment.RecordedPrices(ctx, db, q, func(batch []payment.RecordedPrice, read, all int64) error {
		for _, p := range batch {
			if err := simulator.Add(p); err != nil {
				return err
			}
		}
		watched.at(read, all)
		return nil
	})
	if err != nil {
		return reports.Simulation{}, err
	}
	return simulator.Result(q.From, q.To, names)
}

// printSimulation draws the comparison and what was left out.
func (a *app) printSimulation(s reports.Simulation) {
	a.say("Payments from %s to %s by the tariffs of %s, in rial", both(s.From), both(s.To), strings.Join(s.Services, ", "))
	g := grid{headings: []any{"agency", "service", "payments", "before", "after", "difference", "percent"}, numbers: []int{3, 4, 5, 6, 7},
		empty: "There is no approved payment that can be compared."}
	row := func(first, second any, r reports.Revenue) []any {
		return []any{first, second, r.Payments, r.Before.Grouped(), r.After.Grouped(), signed(r.Difference), r.Percent}
	}
	for _, agency := range s.Agencies {
		g.rows = append(g.rows, row(agency.Name.Fa, "all", agency.Revenue))
		for _, service := range agency.Services {
			name := service.Service
			if service.Same {
				name += " (not in the files)"
			}
			g.rows = append(g.rows, row("", name, service.Revenue))
		}
	}
	g.footer = row("total", "", s.Total)
	a.print(g)
	if len(s.Unpriced) == 0 {
		return
	}
	left := grid{title: "Not compared:", headings: []any{"agency", "service", "payments", "paid", "reason"}, numbers: []int{1, 3, 4}}
	for _, u := range s.Unpriced {
		left.add(u.Agency, u.Service, u.Payments, u.Amount.Grouped(), u.Reason)
	}
	a.print(left)
}

// signed shows a difference with its sign.
func signed(r money.Rial) string {
	if r > 0 {
		return "+" + r.Grouped()
	}
	return r.Grouped()
}

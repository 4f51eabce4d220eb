package main

import (
	"context"
	"io"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/node"
	"treasury-switch/registry"
	"treasury-switch/reports"
	"treasury-switch/reports/pdf"
	"treasury-switch/reports/sheet"
	"treasury-switch/tariffs"
)

// tariffPriceListCmd prints what everything costs.
type tariffPriceListCmd struct {
	Date     string `placeholder:"DAY" help:"The day, 1405-08-30 or 2026-11-21; today without it."`
	Format   string `enum:"table,csv,xlsx,pdf" default:"table" help:"One of ${enum}."`
	Agency   int32  `placeholder:"CODE" help:"Of this agency only."`
	Output   string `placeholder:"FILE" help:"Write there instead of to standard output; for csv, xlsx and pdf."`
	Language string `enum:"fa,en" default:"fa" help:"Language of names and words: fa, from right to left with Jalali dates, or en."`
}

func (tariffPriceListCmd) Help() string {
	return `Every service with its components, rates, brackets and penalties in words, and the law behind each. The list is of one day: what was
in force then, or will be by what is approved now. Citations stay in the language they were written in.

Example:
  treasury-switch tariffs price-list --date 1405-08-30
  treasury-switch tariffs price-list --format pdf --output price-list.pdf
  treasury-switch tariffs price-list --format xlsx --agency 102 --language en --output courts.xlsx`
}

func (c *tariffPriceListCmd) Run(ctx context.Context, a *app) error {
	day, err := dayOr(c.Date, a.now())
	if err != nil {
		return err
	}
	if err := c.check(a); err != nil {
		return err
	}
	var list reports.PriceList
	if err := a.withDatabase(ctx, func(ctx context.Context, db node.Pool) error {
		set, err := tariffs.LoadSet(ctx, db)
		if err != nil {
			return err
		}
		names, err := agencyNames(ctx, db)
		list = reports.NewPriceList(set, day, c.Agency, names)
		return err
	}); err != nil {
		return err
	}
	return c.write(a, list)
}

// check refuses flags that contradict each other before anything is read.
func (c *tariffPriceListCmd) check(a *app) error {
	switch {
	case c.Format != "table" && a.globals.JSON:
		return fault.New(fault.Invalid, "--json and --format %s are two forms; choose one", c.Format)
	case c.Format == "table" && c.Output != "":
		return fault.New(fault.Invalid, "--output goes with --format csv, xlsx or pdf")
	case (c.Format == "xlsx" || c.Format == "pdf") && c.Output == "" && terminal(a.out):
		return fault.New(fault.Invalid, "%s is not for a terminal; name a file with --output", c.Format)
	}
	return nil
}

// write prints the list in the form asked for.
func (c *tariffPriceListCmd) write(a *app, list reports.PriceList) error {
	language, err := reports.ParseLanguage(c.Language)
	if err != nil {
		return err
	}
	switch c.Format {
	case "csv":
		return a.deliver(c.Output, func(w io.Writer) error { return sheet.CSV(w, list.Sheet(language, a.now())) })
	case "xlsx":
		return a.deliver(c.Output, func(w io.Writer) error { return sheet.XLSX(w, list.Sheet(language, a.now())) })
	case "pdf":
		return a.deliver(c.Output, func(w io.Writer) error { return pdf.Write(w, list.Document(language, a.now())) })
	}
	if a.globals.JSON {
		return a.printJSON(list)
	}
	a.printPriceList(list.Document(language, a.now()), list)
	return nil
}

// printPriceList draws the document as a table, one row a component.
func (a *app) printPriceList(d reports.Document, list reports.PriceList) {
	a.say("Prices on %s, in rial", both(list.Day))
	g := grid{headings: []any{"agency", "service", "component", "amount or rate", "legal basis"}, empty: "No tariff is in force on this day."}
	for _, group := range d.Groups {
		agency := group.Title
		for _, item := range group.Items {
			service := item.Title
			for _, row := range item.Rows {
				g.add(agency, service, row[0], row[1], row[2])
				agency, service = "", ""
			}
		}
	}
	a.print(g)
}

// agencyNames reads the names of the agencies.
func agencyNames(ctx context.Context, db node.Pool) (reports.Names, error) {
	lists, err := registry.Load(ctx, db)
	if err != nil {
		return nil, err
	}
	return func(code int32) (tariffs.Title, bool) {
		agency, found := lists.Agency(code)
		return tariffs.Title{Fa: agency.Name, En: agency.NameEn}, found
	}, nil
}

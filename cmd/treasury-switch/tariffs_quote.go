package main

import (
	"context"
	"strings"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/digits"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/node"
	"treasury-switch/money"
	"treasury-switch/tariffs"
)

// tariffQuoteCmd prices a service.
type tariffQuoteCmd struct {
	Service   code     `required:"" help:"The service's code."`
	Date      given    `placeholder:"DAY" help:"Day of payment, 1405-08-30 or 2026-11-21; today without it."`
	Requested given    `placeholder:"DAY" help:"Day on which the service was asked for, where the tariff goes by it."`
	Served    given    `placeholder:"DAY" help:"Day on which the service was rendered, where the tariff goes by it."`
	Units     int64    `help:"Number of units, such as pages; a part counts as one."`
	Base      given    `placeholder:"RIAL" help:"Value on which rates are charged."`
	Category  code     `help:"The payer's category, for exemptions."`
	Due       given    `placeholder:"DAY" help:"Last day at the base price, for penalties."`
	FirstYear int      `name:"first-year" placeholder:"YEAR" help:"Jalali year from which the base loses value, such as 1402."`
	Option    code     `help:"One of the tariff's options, such as IMPORTED."`
	AsOf      string   `name:"as-of" placeholder:"TIME" help:"By what was approved at this time, 2026-11-21T10:00:00Z, or at the end of this day."`
	File      []string `placeholder:"FILE" help:"By these tariff files instead of the database."`
}

func (tariffQuoteCmd) Help() string {
	return `Nothing is stored. With --as-of any past quote is given again, whatever was approved or withdrawn since.

Example:
  treasury-switch tariffs quote --service VEHICLE-TRANSFER --date 1405-08-30 --base 8,000,000,000 --first-year 1402 --option IMPORTED`
}

func (c *tariffQuoteCmd) Run(ctx context.Context, a *app) error {
	r, err := c.request(a.now())
	if err != nil {
		return err
	}
	quote := func(set *tariffs.Set, err error) (tariffs.Quote, error) {
		if err != nil {
			return tariffs.Quote{}, err
		}
		q, err := set.Quote(r)
		if q.Exemptions == nil {
			q.Exemptions = []tariffs.Exemption{} // an empty list in JSON, not null
		}
		return q, err
	}
	if len(c.File) > 0 {
		q, err := quote(tariffs.SetOfFiles(c.File...))
		if err != nil {
			return err
		}
		if a.globals.JSON {
			return a.printJSON(q)
		}
		a.printQuote(q)
		return nil
	}
	asOf, err := parseInstant(c.AsOf)
	if err != nil {
		return err
	}
	return present(ctx, a, func(ctx context.Context, db node.Pool) (tariffs.Quote, error) {
		if asOf.IsZero() {
			return quote(tariffs.LoadSet(ctx, db))
		}
		return quote(tariffs.LoadSetAsOf(ctx, db, asOf))
	}, a.printQuote)
}

// request reads what the price depends on.
func (c *tariffQuoteCmd) request(now time.Time) (tariffs.Request, error) {
	r := tariffs.Request{Service: c.Service.service(), Units: c.Units, Category: string(c.Category), FirstYear: c.FirstYear, Option: string(c.Option)}
	var err error
	if r.Date, err = dayOr(string(c.Date), now); err != nil {
		return r, err
	}
	for _, d := range []struct {
		text given
		into *calendar.Date
	}{{c.Requested, &r.Requested}, {c.Served, &r.Served}, {c.Due, &r.Due}} {
		if *d.into, err = parseDay(string(d.text)); err != nil {
			return r, err
		}
	}
	if c.Base != "" {
		if r.Base, err = money.Parse(string(c.Base)); err != nil {
			return r, fault.New(fault.Invalid, "--base: %w", err)
		}
		r.HasBase = true
	}
	return r, nil
}

// dayOr reads a day; without one it is today in Tehran.
func dayOr(text string, now time.Time) (calendar.Date, error) {
	if text == "" {
		return calendar.DateOf(now), nil
	}
	return parseDay(text)
}

// parseInstant reads an instant, or a day for its last moment in Tehran. Empty is no instant.
func parseInstant(text string) (time.Time, error) {
	text = digits.Latin(text)
	day, _, timed := strings.Cut(text, "T")
	on, err := parseDay(day)
	if err != nil || on.IsZero() {
		return time.Time{}, err
	}
	if !timed {
		return on.Add(1).Begins().Add(-time.Nanosecond), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || day != on.String() {
		return time.Time{}, fault.New(fault.Invalid, "%q is no time: write 2026-11-21T10:00:00Z, with a Gregorian date", text)
	}
	return at, nil
}

// tariffDiffCmd compares two days.
type tariffDiffCmd struct {
	Before  string `arg:"" help:"The earlier day, 1404-12-29 or 2026-03-20."`
	After   string `arg:"" help:"The later day."`
	Service code   `help:"Of this service only."`
}

func (tariffDiffCmd) Help() string {
	return `Compares what holds on the two days, component by component, for one unit, a base of 1,000,000,000 rial that is two years old,
and the first option, asked for, rendered and paid on the day itself, in time.

Example:
  treasury-switch tariffs diff 1404-12-29 1405-01-01`
}

// comparedTariffs is what diff prints for programs.
type comparedTariffs struct {
	Before  calendar.Date    `json:"before"`
	After   calendar.Date    `json:"after"`
	Changes []tariffs.Change `json:"changes"`
}

func (c *tariffDiffCmd) Run(ctx context.Context, a *app) error {
	before, err := parseDay(c.Before)
	if err != nil {
		return err
	}
	after, err := parseDay(c.After)
	if err != nil {
		return err
	}
	return present(ctx, a, func(ctx context.Context, db node.Pool) (comparedTariffs, error) {
		result := comparedTariffs{Before: before, After: after, Changes: []tariffs.Change{}}
		set, err := tariffs.LoadSet(ctx, db)
		if err != nil {
			return result, err
		}
		for _, change := range tariffs.Diff(set, before, after) {
			if c.Service == "" || change.Service == c.Service.service() {
				result.Changes = append(result.Changes, change)
			}
		}
		return result, nil
	}, a.printCompared)
}

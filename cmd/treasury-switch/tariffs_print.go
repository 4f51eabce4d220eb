package main

import (
	"fmt"
	"strings"

	"treasury-switch/calendar"
	"treasury-switch/dossier"
	"treasury-switch/money"
	"treasury-switch/tariffs"
)

func (a *app) printTariffs(items []tariffs.Record) {
	g := grid{headings: []any{"id", "service", "from", "until", "state", "entered by", "submitted by", "approved by", "since"}, numbers: []int{1},
		empty: "There is no tariff."}
	for _, r := range items {
		g.add(r.ID, r.Service, r.From.JalaliString(), lastDay(&r), string(r.State), r.EnteredBy, r.SubmittedBy, r.ApprovedBy, clock(r.ChangedAt))
	}
	a.print(g)
}

// lastDay shows the last day on which a tariff holds.
func lastDay(r *tariffs.Record) string {
	switch {
	case r.Until.IsZero():
		return "open"
	case r.Until <= r.From:
		return "no day"
	}
	return r.Until.Add(-1).JalaliString()
}

func (a *app) printEntered(items []tariffs.Entered) {
	g := grid{headings: []any{"id", "service", "from", "state", ""}, numbers: []int{1}}
	drafts, withdrawn := 0, 0
	for _, e := range items {
		what := "entered"
		if !e.New {
			what = "was there"
		}
		switch e.State {
		case tariffs.Draft:
			drafts++
		case tariffs.Withdrawn:
			withdrawn++
		}
		g.add(e.ID, e.Service, e.From.JalaliString(), string(e.State), what)
	}
	a.print(g)
	if withdrawn > 0 {
		a.say("Withdrawn tariffs stay withdrawn; --again enters those that hold on no day.")
	}
	if drafts > 0 {
		a.say("Drafts price nothing until they are submitted (treasury-switch tariffs submit ...) and approved by somebody else.")
	}
}

func (a *app) printTariff(r tariffs.Record) {
	a.printTariffs([]tariffs.Record{r})
	g := grid{title: "\nHistory", headings: []any{"when", "state", "by", "holds until", "reason"}}
	for _, s := range r.History {
		until := "open"
		if !s.Until.IsZero() {
			until = s.Until.Add(-1).JalaliString()
		}
		g.add(clock(s.At), string(s.State), s.By, until, s.Reason)
	}
	a.print(g)
	a.say("\nThe tariff as it was entered:\n\n%s", strings.TrimRight(string(tariffs.Export(r.Content)), "\n"))
}

func (a *app) printQuote(q tariffs.Quote) {
	a.say("%s on %s: %s rial, by tariff %s", q.Service, both(q.Date), q.Total.Grouped(), joined(q.Versions))
	switch {
	case q.Assumed:
		a.say("The day of the %s decides, and none was given: this is the price if it is the day of payment. A payment must name it.", q.DecidedBy)
	default:
		a.printDecided(q.Decided, q.DecidedBy)
	}
	a.printLines(q.Lines, q.Total.Grouped())
	a.printExemptions(q.Exemptions)
	g := grid{title: "\nShares", headings: []any{"account", "amount"}, numbers: []int{2}, footer: []any{"sum", q.Total.Grouped()}, empty: "\nNobody gets anything."}
	for _, s := range q.Shares {
		g.add(s.Account, s.Amount.Grouped())
	}
	a.print(g)
}

// printDecided tells which day chose the tariff, where it is not that of payment.
func (a *app) printDecided(day calendar.Date, by tariffs.Decider) {
	if by != tariffs.PaymentDate {
		a.say("The day of the %s decides: %s.", by, both(day))
	}
}

func joined(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = itoa(id)
	}
	return strings.Join(texts, ", ")
}

func (a *app) printLines(lines []tariffs.Line, total string) {
	g := grid{title: "\nPrice", headings: []any{"component", "amount", "how", "legal basis"}, numbers: []int{2}, footer: []any{"total", total, "", ""}}
	for i := range lines {
		g.add(lines[i].Component, lines[i].Amount.Grouped(), how(&lines[i]), law(lines[i].Citation))
	}
	a.print(g)
}

func (a *app) printExemptions(exemptions []tariffs.Exemption) {
	if len(exemptions) == 0 {
		return
	}
	g := grid{title: "\nNot charged", headings: []any{"component", "category", "percent", "amount", "legal basis"}, numbers: []int{3, 4}}
	for _, e := range exemptions {
		g.add(e.Component, e.Category, e.Percent, e.Amount.Grouped(), law(e.Citation))
	}
	a.print(g)
}

// law is a citation in one line.
func law(c tariffs.Citation) string {
	parts := []string{c.Instrument}
	for _, p := range []struct{ word, text string }{{"art. ", c.Article}, {"note ", c.Note}, {"gazette ", c.Gazette}} {
		if p.text != "" {
			parts = append(parts, p.word+p.text)
		}
	}
	if !c.GazetteDate.IsZero() {
		parts = append(parts, "of "+c.GazetteDate.JalaliString())
	}
	return strings.Join(parts, " ")
}

// how says in one line how an amount came about.
func how(l *tariffs.Line) string {
	parts := []string{charged(l)}
	add := func(applies bool, format string, args ...any) {
		if applies {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(l.Option != "", "option %s", l.Option)
	add(l.Bound != "", "at the %s", l.Bound)
	if l.Penalty != nil {
		add(true, "%d days late: + %s", l.LateDays, exact(l.Penalty.Added))
	}
	add(l.Exact != "", "rounded %s from %s to %s", l.Rounding.Direction, exact(l.Exact), max(l.Rounding.Unit, 1).Grouped())
	add(l.Carried != 0, "%s by rounding the total", l.Carried.Grouped())
	return strings.Join(parts, ", ")
}

// charged is the price itself: what was charged on what.
func charged(l *tariffs.Line) string {
	on := l.Base.Grouped()
	if len(l.Of) > 0 {
		on += " (" + strings.Join(l.Of, " + ") + ")"
	}
	switch {
	case l.WithoutBase:
		return "base unknown"
	case len(l.Brackets) > 0:
		parts := make([]string, len(l.Brackets))
		for i, b := range l.Brackets {
			parts[i] = b.Rate + " % of " + exact(b.Part)
		}
		return strings.Join(parts, " + ")
	case l.Rate != "" && l.BasePercent != "":
		return fmt.Sprintf("%s %% of %s %% of %s, age %d", l.Rate, l.BasePercent, on, l.Age)
	case l.Rate != "":
		return l.Rate + " % of " + on
	case l.Units > 0:
		return fmt.Sprintf("%d x %s", l.Units, on)
	}
	return "fixed"
}

// exact groups the digits of an amount that need not be whole.
func exact(text string) string {
	whole, fraction, cut := strings.Cut(text, ".")
	amount, err := money.Parse(whole)
	switch {
	case err != nil:
		return text
	case cut:
		return amount.Grouped() + "." + fraction
	}
	return amount.Grouped()
}

func (a *app) printExplained(e dossier.Explanation) {
	a.say("Payment %s, %s: %s rial for %s of agency %d on %s", e.Tracking, e.Status, e.Amount.Grouped(), e.Service, e.Agency, both(e.Date))
	if len(e.Lines) == 0 {
		a.say("It was refused before it had a price.")
		return
	}
	a.printDecided(e.Decided, e.DecidedBy)
	a.printLines(e.Lines, e.Amount.Grouped())
	if !e.Reproduced {
		a.say("These are the recorded lines; not everything that they depended on was recorded.")
	}
	a.printExemptions(e.Exemptions)
	g := grid{title: "\nShares", headings: []any{"account", "name", "agency", "amount"}, numbers: []int{3, 4}, footer: []any{"sum", "", "", e.Amount.Grouped()}}
	for _, s := range e.Shares {
		g.add(s.Account, s.Name, s.Agency, s.Amount.Grouped())
	}
	a.print(g)
	t := grid{title: "\nTariffs", headings: []any{"id", "from", "state now", "entered by", "submitted by", "approved by", "approved at", "legal basis"}, numbers: []int{1},
		empty: "\nThe tariff is not in this database any more."}
	for _, r := range e.Tariffs {
		approved := ""
		for _, s := range r.History {
			if s.State == tariffs.Approved {
				approved = clock(s.At)
			}
		}
		t.add(r.ID, r.From.JalaliString(), string(r.State), r.EnteredBy, r.SubmittedBy, r.ApprovedBy, approved, law(r.Content.Basis))
	}
	a.print(t)
}

func (a *app) printCompared(result comparedTariffs) {
	g := grid{title: fmt.Sprintf("From %s to %s", both(result.Before), both(result.After)), numbers: []int{4, 5, 6, 7},
		headings: []any{"service", "component", "what", "before", "after", "difference", "percent", "by law"}, empty: "Nothing changes."}
	for _, c := range result.Changes {
		component := c.Component
		if component == "" {
			component = "(total)"
		}
		g.add(c.Service, component, string(c.What), c.Before.Grouped(), c.After.Grouped(), c.Difference.Grouped(), c.Percent, strings.Join(c.Fields, ", "))
	}
	a.print(g)
}

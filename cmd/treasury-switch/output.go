package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
)

// grid is a table for people: headings, rows, and the columns that hold numbers.
type grid struct {
	title    string
	headings []any
	numbers  []int // from 1
	rows     [][]any
	footer   []any
	empty    string // what is printed where there are no rows
}

func (g *grid) add(cells ...any) { g.rows = append(g.rows, cells) }

// print draws the table. Wide characters and right-to-left names keep their columns.
func (a *app) print(g grid) {
	if len(g.rows) == 0 && g.empty != "" {
		fmt.Fprintln(a.out, g.empty)
		return
	}
	w := table.NewWriter()
	style := table.StyleDefault
	if a.unicode() {
		style = table.StyleLight
	}
	style.Format.Header, style.Format.Footer = text.FormatDefault, text.FormatDefault
	w.SetStyle(style)
	if g.title != "" {
		fmt.Fprintln(a.out, g.title)
	}
	w.AppendHeader(g.headings)
	for _, row := range g.rows {
		w.AppendRow(row)
	}
	if g.footer != nil {
		w.AppendFooter(g.footer)
	}
	configs := make([]table.ColumnConfig, 0, len(g.numbers))
	for _, n := range g.numbers {
		configs = append(configs, table.ColumnConfig{Number: n, Align: text.AlignRight, AlignFooter: text.AlignRight})
	}
	w.SetColumnConfigs(configs)
	fmt.Fprintln(a.out, w.Render())
}

// printJSON prints a value for programs.
func (a *app) printJSON(v any) error {
	encoder := json.NewEncoder(a.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fault.New(fault.Bug, "print the result: %w", err)
	}
	return nil
}

// say prints a line for people.
func (a *app) say(format string, args ...any) { fmt.Fprintf(a.out, format+"\n", args...) }

// clock is how times are shown to people: Tehran's, to the millisecond.
func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(calendar.Tehran).Format("2006-01-02 15:04:05.000")
}

// both shows a date in both calendars.
func both(d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String() + " (" + d.JalaliString() + ")"
}

// parseDay reads a day that a person typed: 2026-11-21, or Jalali 1405/08/30. Empty is no day.
func parseDay(s string) (calendar.Date, error) {
	if s == "" {
		return 0, nil
	}
	return calendar.ParseDay(s)
}

// itoa writes a number without groups.
func itoa(n int64) string { return strconv.FormatInt(n, 10) }

package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// grid is a table: title, headings, rows, and the columns that hold numbers.
type grid struct {
	title    string
	headings table.Row
	numbers  []int // from 1
	rows     []table.Row
}

func (g *grid) add(cells ...any) { g.rows = append(g.rows, cells) }

// print draws the table, with box characters where a person with a UTF-8 terminal looks.
func (g *grid) print() {
	w := table.NewWriter()
	style := table.StyleDefault
	if drawable() {
		style = table.StyleLight
	}
	style.Format.Header = text.FormatDefault
	w.SetStyle(style)
	w.AppendHeader(g.headings)
	w.AppendRows(g.rows)
	var columns []table.ColumnConfig
	for _, n := range g.numbers {
		columns = append(columns, table.ColumnConfig{Number: n, Align: text.AlignRight})
	}
	w.SetColumnConfigs(columns)
	fmt.Printf("\n%s\n%s\n", g.title, w.Render())
}

func drawable() bool {
	info, err := os.Stdout.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	locale := os.Getenv("LC_ALL") + os.Getenv("LC_CTYPE") + os.Getenv("LANG")
	return strings.Contains(strings.ToUpper(locale), "UTF")
}

// say prints a line of progress.
func say(format string, arguments ...any) { fmt.Printf(format+"\n", arguments...) }

// verdict is how a check is shown.
func verdict(holds bool) string {
	if holds {
		return "holds"
	}
	return "VIOLATED"
}

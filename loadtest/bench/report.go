package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// print shows the result: the machine, the figures, and how they compare with the targets.
func (r *result) print(out io.Writer) {
	fmt.Fprintf(out, "\n%s\n\n", r.Host)
	w := newTable("measured", "value", "unit", "runs", "what it is")
	for _, line := range r.lines() {
		if line.value > 0 {
			w.AppendRow(table.Row{line.name, figure(line.value), line.unit, figures(r.Runs[line.runs]), line.says})
		}
	}
	fmt.Fprintln(out, w.Render())
	if r.CopyRows != "" {
		fmt.Fprintf(out, "Copied were: %s.\n", r.CopyRows)
	}
	if len(r.CPU) > 0 {
		fmt.Fprintf(out, "CPU of one payment end to end, us: %s.\n", parts(r.CPU))
	}
	if len(r.Codec) > 0 {
		printCodec(out, r.Codec)
	}
	printVerdicts(out, r.Verdicts)
	if r.Quick {
		fmt.Fprintln(out, "This was a smoke run (--quick): the figures say nothing.")
	}
}

// line is one row of the table.
type line struct {
	name  string
	value float64
	unit  string
	runs  string // the name of its series
	says  string
}

func (r *result) lines() []line {
	return []line{
		{"fsync", r.FsyncUS, "us", "", "write of 8 kB and fdatasync in the data folder, median"},
		{"commit", r.CommitUS, "us", "", "one INSERT over the socket, alone, median"},
		{"TPC-B", r.TPCB, "tx/s", runTPCB, "the yardstick: pgbench -M prepared -c 16 -j 2"},
		{"raw COPY", r.Copy, "payments/s", runCopy, "the limit: binary COPY, a COMMIT for 500 payments"},
		{"one commit per payment", r.Single, "payments/s", runSingle, "the same COPY, a COMMIT for every payment, one connection"},
		{"ledger alone, 256 callers", r.Ledger256, "payments/s", runLedger256, "intent and approval by the recorder; 200 agencies, a hot account"},
		{"ledger alone, 2,000 callers", r.Ledger, "payments/s", runLedger, "the same"},
		{"found maximum", r.FoundMaximum, "payments/s", "", "highest rate with p99 <= " + strconv.Itoa(maximumP99) + " ms, open loop, found in steps"},
		{"end to end", r.EndToEnd, "payments/s", runEndToEnd, "terminals, switch and simulator as processes over TCP, sustained, from 95 % of it"},
		{"end to end, p50", r.EndToEndP50, "ms", runP50, "from the moment a payment was due"},
		{"end to end, p99", r.EndToEndP99, "ms", runP99, "the same"},
		{"half load, p50", r.HalfLoadP50, "ms", runHalfP50, fmt.Sprintf("at %s payments/s", figure(r.HalfLoad))},
		{"half load, p99", r.HalfLoadP99, "ms", runHalfP99, "the same"},
		{"one payment alone, p50", r.IdleP50, "ms", runIdleP50, "on an idle system, terminal to terminal"},
		{"one payment alone, switch", r.IdleSwitch, "ms", runIdleSwitch, "the switch's share of it: both commits, codec, logic; mean"},
		{"slow disk: commit", r.SlowCommitUS, "us", runSlowCommit, "2 ms added to every flush of the log"},
		{"slow disk: TPC-B", r.SlowTPCB, "tx/s", runSlowTPCB, "16 clients"},
		{"slow disk: raw COPY", r.SlowCopy, "payments/s", runSlowCopy, "500 payments a COMMIT"},
		{"slow disk: one commit per payment", r.SlowSingle, "payments/s", runSlowSingle, "one connection"},
		{"slow disk: end to end", r.SlowEndToEnd, "payments/s", runSlowEndToEnd, "sustained, each right after the same without"},
		{"slow disk: end to end, p99", r.SlowEndToEndP99, "ms", runSlowP99, ""},
	}
}

// parts are the values of a map by name.
func parts(values map[string]float64) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all = append(all, name+" "+figure(values[name]))
	}
	return strings.Join(all, ", ")
}

func printCodec(out io.Writer, costs []codecCost) {
	w := newTable("codec", "message", "operation", "ns", "B", "allocations")
	for _, c := range costs {
		w.AppendRow(table.Row{c.Dialect, c.MTI, c.Op, figure(c.NS), c.Bytes, c.Allocs})
	}
	fmt.Fprintln(out, w.Render())
}

func printVerdicts(out io.Writer, all []verdict) {
	w := newTable("to reach", "value", "must", "aim", "")
	for _, v := range all {
		sign := ">= "
		if v.Below {
			sign = "<= "
		}
		value := "-"
		if v.Value > 0 {
			value = figure(v.Value)
		}
		w.AppendRow(table.Row{v.Name, value, sign + figure(v.Must), sign + figure(v.Aim), v.Says})
	}
	fmt.Fprintln(out, w.Render())
}

func newTable(headings ...any) table.Writer {
	w := table.NewWriter()
	style := table.StyleDefault
	style.Format.Header = text.FormatDefault
	w.SetStyle(style)
	w.AppendHeader(headings)
	configs := []table.ColumnConfig{}
	for i := range headings {
		if i > 0 && i < len(headings)-1 {
			configs = append(configs, table.ColumnConfig{Number: i + 1, Align: text.AlignRight})
		}
	}
	w.SetColumnConfigs(configs)
	return w
}

// figure is a number with three significant digits, thousands grouped.
func figure(v float64) string {
	switch {
	case v >= 1000:
		whole := strconv.FormatInt(int64(v+0.5), 10)
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + "," + whole[i:]
		}
		return whole
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

func figures(values []float64) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = figure(v)
	}
	return strings.Join(parts, " ")
}

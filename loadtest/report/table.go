package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// grid prints a table whose columns but the first hold numbers.
func grid(w io.Writer, title string, headings []any, rows [][]any) {
	t := table.NewWriter()
	style := table.StyleDefault
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	t.AppendHeader(headings)
	var columns []table.ColumnConfig
	for i := range headings[1:] {
		columns = append(columns, table.ColumnConfig{Number: i + 2, Align: text.AlignRight})
	}
	t.SetColumnConfigs(columns)
	for _, row := range rows {
		t.AppendRow(row)
	}
	fmt.Fprintf(w, "\n%s\n%s\n", title, t.Render())
}

// Table prints the result for people.
func (r *Result) Table(w io.Writer) {
	var rows [][]any
	add := func(name string, l Latency) {
		rows = append(rows, []any{name, grouped(l.Count), milliseconds(l.P50), milliseconds(l.P90), milliseconds(l.P99), milliseconds(l.P999), milliseconds(l.Max)})
	}
	for _, kind := range sorted(r.Latency, kindOrder) {
		add(strings.ReplaceAll(kind, "_", " "), r.Latency[kind])
	}
	add("generator's delay", r.Generator)
	grid(w, "Latency in ms, from the time at which a message was to be sent", []any{"message", "number", "p50", "p90", "p99", "p99.9", "max"}, rows)
	rows = nil
	for _, name := range sorted(r.Processes, processOrder) {
		p := r.Processes[name]
		rows = append(rows, []any{name, number(p.CPUCores), number(p.Share*100) + " %", number(p.CPUUSPerPayment), number(p.RSSMBMax)})
	}
	grid(w, "Processes", []any{"process", "CPU, cores", "share", "CPU a payment, us", "memory, MB"}, rows)
	r.phaseTable(w)
	r.stepTable(w)
	fmt.Fprintf(w, "\noffered %s/s, answered %s/s in %s s; %s payments, %s errors, %s shed\n", number(r.RateOffered), number(r.RateAchieved),
		number(r.DurationS), grouped(r.Payments), grouped(r.Failed()), grouped(r.Shed))
	for _, kind := range sorted(r.Errors, nil) {
		if n := r.Errors[kind]; n > 0 {
			fmt.Fprintf(w, "  %s: %s\n", strings.ReplaceAll(kind, "_", " "), grouped(n))
		}
	}
	fmt.Fprintf(w, "database: %s bytes of WAL a payment, %s plans a transaction, durable after %s ms (median)\n", number(r.WALBytesPerPayment),
		number(r.GroupSizeMean), milliseconds(r.CommitMSP50))
	if s := r.Soak; s != nil {
		fmt.Fprintf(w, "the switch was killed %d times and took payments again after %s ms (median), %s ms at most\n", s.Kills,
			milliseconds(s.DownMS.P50), milliseconds(s.DownMS.Max))
	}
	for _, finding := range r.Invariants.Findings {
		fmt.Fprintf(w, "  BROKEN %s\n", finding)
	}
	fmt.Fprintf(w, "\n%s\n", r.Verdict)
}

func (r *Result) phaseTable(w io.Writer) {
	if len(r.Phases) == 0 {
		return
	}
	var rows [][]any
	for _, p := range r.Phases {
		failed := int64(0)
		for _, n := range p.Errors {
			failed += n
		}
		recovered := ""
		if p.Name == "after" {
			recovered = number(p.RecoveredAfterS) + " s"
			if p.RecoveredAfterS < 0 {
				recovered = "never"
			}
		}
		rows = append(rows, []any{p.Name, number(p.RateOffered), number(p.RateAccepted), number(p.ShedRate), milliseconds(p.Latency["purchase"].P99),
			milliseconds(p.Latency["echo"].P99), milliseconds(p.Latency["reversal"].P99), grouped(failed), recovered})
	}
	grid(w, "Phases", []any{"phase", "offered/s", "accepted/s", "shed/s", "p99 ms", "echo p99", "reversal p99", "errors", "recovered after"}, rows)
}

func (r *Result) stepTable(w io.Writer) {
	if r.FindMax == nil {
		return
	}
	var rows [][]any
	for _, s := range r.FindMax.Steps {
		holds := "yes"
		if !s.Holds {
			holds = s.Why
		}
		rows = append(rows, []any{number(s.Rate), number(s.Achieved), milliseconds(s.P99MS), grouped(s.Errors), grouped(s.Shed), holds})
	}
	grid(w, "Steps of the search", []any{"rate", "answered/s", "p99 ms", "errors", "shed", "holds"}, rows)
}

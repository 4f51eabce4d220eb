package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/cmd/treasury-switch/pulse"
)

// view writes a report for people: what terminals see first, then where the time goes, then what waits.
func view(r pulse.Report, address string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Switch %s on %s   %s   %s   over %s\n", r.Version, address, readiness(r), clock(r.At), span(r.Seconds))
	for _, book := range slices.Sorted(maps.Keys(r.Days)) {
		fmt.Fprintf(&b, "business day, %s: %s   ", book, both(calendar.DateOf(r.Days[book])))
	}
	b.WriteString("\n\n")
	viewTraffic(&b, r)
	viewTimes(&b, r)
	viewLanes(&b, r)
	viewLinks(&b, r)
	viewWaiting(&b, r)
	return b.String()
}

func readiness(r pulse.Report) string {
	if r.Ready {
		return "takes payments"
	}
	return "TAKES NO PAYMENTS: " + strings.Join(r.Missing, ", ")
}

func viewTraffic(b *strings.Builder, r pulse.Report) {
	fmt.Fprintf(b, "payments  %.1f/s   in flight %.0f of %.0f   turned away %s\n", r.Payments, r.InFlight, r.InFlightLimit, rates(r.Shed))
	fmt.Fprintf(b, "answers   %s\n\n", rates(r.Answers))
}

// rates writes rates by their label, the greatest first.
func rates(by map[string]float64) string {
	if len(by) == 0 {
		return "none"
	}
	labels := slices.SortedFunc(maps.Keys(by), func(x, y string) int {
		if by[x] != by[y] {
			return map[bool]int{true: -1, false: 1}[by[x] > by[y]]
		}
		return strings.Compare(x, y)
	})
	for i, label := range labels {
		labels[i] = fmt.Sprintf("%s %.1f/s", label, by[label])
	}
	return strings.Join(labels, "  ")
}

// columns writes a table whose columns are as wide as they must be; the first row is the heading.
func columns(b *strings.Builder, write func(row func(cells ...string))) {
	w := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	write(func(cells ...string) { fmt.Fprintln(w, strings.Join(cells, "\t")) })
	_ = w.Flush() // A builder takes everything.
	b.WriteByte('\n')
}

func times(t pulse.Times) []string {
	if t.Count == 0 {
		return []string{"-", "-", "-"}
	}
	return []string{span(t.Mean), span(t.Half), span(t.Most)}
}

func viewTimes(b *strings.Builder, r pulse.Report) {
	columns(b, func(row func(...string)) {
		line := func(name string, t pulse.Times, note string) {
			row(append(append([]string{name}, times(t)...), note)...)
		}
		row("", "mean", "half within", "99% within")
		line("purchase", r.Latency, "from request to answer")
		explained := map[string]string{"prepare": "rules, price, number, card sealed", "intent": "until the intent is durable",
			"network": "until the card network has answered", "outcome": "until the outcome is durable"}
		for _, p := range r.Parts {
			line("  "+p.Name, p.Times, explained[p.Name])
		}
		line("group wait", r.Groups.Wait, fmt.Sprintf("longest in the lane's queue; %.1f groups/s of %.1f plans", r.Groups.Rate, r.Groups.Size))
		line("  statements", r.Groups.Statements, "of the group's transaction")
		line("  commit", r.Groups.Commit, fmt.Sprintf("the disk, and a standby; %.0f attempts failed", r.Groups.Failed))
	})
}

func viewLanes(b *strings.Builder, r pulse.Report) {
	columns(b, func(row func(...string)) {
		row("lane", "queued", "of", "writing for", "database")
		for _, l := range r.Lanes {
			row(l.Name, number(l.Queued), number(l.Limit), span(l.Writing), word(l.Ready, "takes writes", "AWAY"))
		}
	})
}

func viewLinks(b *strings.Builder, r pulse.Report) {
	columns(b, func(row func(...string)) {
		row("link", "state", "in flight", "sent", "answered", "unanswered", "round trip", "99% within")
		for _, l := range r.Links {
			trip := times(l.RoundTrip)
			row(l.Name, word(l.SignedOn, "signed on", "AWAY"), number(l.InFlight), fmt.Sprintf("%.1f/s", l.Sent),
				fmt.Sprintf("%.1f/s", l.Answered), number(l.Unanswered), trip[1], trip[2])
		}
	})
}

func viewWaiting(b *strings.Builder, r pulse.Report) {
	fmt.Fprintf(b, "reversals  %.0f of %.0f, oldest %s   cases %.0f, oldest %s   without outcome %.0f\n", r.Reversals.Length, r.Reversals.Limit,
		age(r.Reversals), r.Cases.Length, age(r.Cases), r.WithoutOutcome)
	alarms := make([]string, 0, len(r.Alarms))
	for _, reason := range slices.Sorted(maps.Keys(r.Alarms)) {
		alarms = append(alarms, fmt.Sprintf("%s %.0f", reason, r.Alarms[reason]))
	}
	if len(alarms) == 0 {
		alarms = []string{"none"}
	}
	fmt.Fprintf(b, "alarms     %s (since the start)\n", strings.Join(alarms, "  "))
	p := r.Process
	fmt.Fprintf(b, "process    cpu %.2f cores   memory %.0f MiB   goroutines %.0f   files %.0f   database %.0f of %.0f   terminals %.0f\n",
		p.CPU, p.Memory/(1<<20), p.Goroutines, p.Files, p.Database, p.Most, p.Terminals)
}

func age(q pulse.Queue) string {
	if q.Length == 0 {
		return "-"
	}
	return span(q.Oldest)
}

func word(holds bool, yes, no string) string {
	if holds {
		return yes
	}
	return no
}

func number(n float64) string { return fmt.Sprintf("%.0f", n) }

// span shows seconds with about three digits.
func span(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d <= 0:
		return "-"
	case d < time.Millisecond:
		return fmt.Sprintf("%.2f ms", seconds*1e3)
	case d < time.Second:
		return fmt.Sprintf("%.1f ms", seconds*1e3)
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", seconds)
	}
	return d.Round(time.Second).String()
}

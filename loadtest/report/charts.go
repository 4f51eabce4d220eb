package report

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
)

// processOrder is the order of processes in tables and charts.
var processOrder = []string{"switch", "postgres", "simulator", "generator"}

// kindOrder is the order of kinds of messages.
var kindOrder = []string{"purchase", "inquiry", "reversal", "repeat", "echo", "shed", "silent_card"}

// sorted lists the keys of a map in a given order; what the order does not name comes last, by name.
func sorted[V any](m map[string]V, order []string) []string {
	place := func(name string) int {
		if i := slices.Index(order, name); i >= 0 {
			return i
		}
		return len(order)
	}
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b))
	})
}

// charts are the plots of a result.
func (r *Result) charts() []chart {
	var all []chart
	if r.FindMax != nil {
		all = append(all, r.stepsChart())
	}
	if len(r.Series) > 1 {
		all = append(all, r.overTime()...)
	}
	if c := r.curveChart(); len(c.Lines) > 0 {
		all = append(all, c)
	}
	return all
}

// pick makes a line of one value of every second.
func (r *Result) pick(name string, of func(Second) float64) line {
	l := line{Name: name}
	for _, s := range r.Series {
		l.Y = append(l.Y, of(s))
	}
	return l
}

// over makes a chart over time.
func (r *Result) over(title, unit string, lines ...line) chart {
	c := chart{Title: title, Unit: unit, Under: "seconds", Lines: lines}
	for _, s := range r.Series {
		c.X = append(c.X, s.At)
	}
	for _, s := range r.Series {
		if n := len(c.Bands); s.Phase != "" && (n == 0 || c.Bands[n-1].Name != s.Phase) {
			c.Bands = append(c.Bands, band{Name: s.Phase, From: s.At - 1, To: s.At})
		} else if s.Phase != "" {
			c.Bands[n-1].To = s.At
		}
	}
	return c
}

// overTime are the charts with time as their horizontal axis.
func (r *Result) overTime() []chart {
	silent := func(s Second, v float64) float64 { // Without an answer there is no latency.
		if s.Answered == 0 {
			return math.NaN()
		}
		return v
	}
	all := []chart{
		r.over("Throughput", "payments a second", r.pick("offered", func(s Second) float64 { return float64(s.Offered) }),
			r.pick("answered", func(s Second) float64 { return float64(s.Answered) }), r.pick("shed", func(s Second) float64 { return float64(s.Shed) }),
			r.pick("errors", func(s Second) float64 { return float64(s.Errors) })),
		r.over("Latency of payments", "ms from the time of the schedule", r.pick("p50", func(s Second) float64 { return silent(s, s.P50) }),
			r.pick("p99", func(s Second) float64 { return silent(s, s.P99) })),
	}
	var cpu, memory []line
	for _, name := range sorted(r.Processes, processOrder) {
		value := func(m map[string]float64) float64 {
			if v, known := m[name]; known {
				return v
			}
			return math.NaN()
		}
		cpu = append(cpu, r.pick(name, func(s Second) float64 { return value(s.CPU) }))
		memory = append(memory, r.pick(name, func(s Second) float64 { return value(s.RSS) }))
	}
	all = append(all, r.over("CPU of each process", "cores", cpu...), r.over("Memory of each process", "MB resident", memory...))
	return append(all,
		r.over("Write-ahead log of the database", "MB a second", r.pick("WAL", func(s Second) float64 { return s.WALMB })),
		r.over("Plans recorded by one transaction", "mean of a second", r.pick("group size", func(s Second) float64 { return s.GroupSize })),
		r.over("Time to make a group durable", "ms, median", r.pick("commit", func(s Second) float64 { return s.CommitMS })))
}

// nines is the place of a percentile on an axis on which 90, 99 and 99.9 are equally far from each other.
func nines(percent float64) float64 { return -math.Log10(1 - min(percent, 99.9995)/100) }

// curveChart draws latency over percentiles.
func (r *Result) curveChart() chart {
	c := chart{Title: "Latency by percentile", Unit: "ms", Under: "percent of the messages",
		Marks: []mark{{0, "0"}, {nines(50), "50"}, {nines(90), "90"}, {nines(99), "99"}, {nines(99.9), "99.9"}, {nines(99.99), "99.99"}, {nines(99.999), "99.999"}}}
	for _, percent := range curve {
		c.X = append(c.X, nines(percent))
	}
	for _, kind := range sorted(r.Latency, kindOrder) {
		l := line{Name: kind}
		for _, point := range r.Latency[kind].Curve {
			y := point[1]
			if float64(r.Latency[kind].Count)*(1-point[0]/100) < 1 {
				y = math.NaN() // Too few messages to tell.
			}
			l.Y = append(l.Y, y)
		}
		if len(l.Y) > 0 && kind != "silent_card" {
			c.Lines = append(c.Lines, l)
		}
	}
	return c
}

// stepsChart draws p99 over the rates of a search.
func (r *Result) stepsChart() chart {
	steps := slices.SortedFunc(slices.Values(r.FindMax.Steps), func(a, b Step) int { return cmp.Compare(a.Rate, b.Rate) })
	c := chart{Title: "Search of the highest rate", Unit: "ms, p99 of payments", Under: "payments a second",
		Limit: &limit{r.FindMax.P99LimitMS, fmt.Sprintf("limit %g ms", r.FindMax.P99LimitMS)}}
	holds := line{Name: "p99"}
	for _, s := range steps {
		if s.P99MS > 5*r.FindMax.P99LimitMS {
			break // Far above the limit; the rest would be unreadable.
		}
		c.X, holds.Y = append(c.X, s.Rate), append(holds.Y, s.P99MS)
	}
	c.Lines = []line{holds}
	return c
}

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/postgres"
	"treasury-switch/loadtest/report"
)

// longResult is the content of bench-long.json.
type longResult struct {
	Began time.Time `json:"began"`
	Took  float64   `json:"took_s"`
	Quick bool      `json:"quick"`
	Host  host      `json:"host"`

	FoundMaximum    float64   `json:"found_maximum_per_s"`
	EmptyRates      []float64 `json:"empty_per_s"`
	History         int       `json:"history_payments"`
	HistoryTook     float64   `json:"history_took_s"`
	HistoryBytes    int64     `json:"history_database_bytes"`
	HistoryMaximum  float64   `json:"history_found_maximum_per_s"`
	HistoryRates    []float64 `json:"history_per_s"`
	RatioHistory    float64   `json:"ratio_history"`
	HistoryHolds    *bool     `json:"history_holds"` // what `treasury-switch check` said; null where it was left out
	HeapRate        float64   `json:"heap_load_per_s"`
	Heap            []point   `json:"heap"`
	HeapEarlyMB     float64   `json:"heap_early_mb"`
	HeapLateMB      float64   `json:"heap_late_mb"`
	RatioHeap       float64   `json:"ratio_heap"` // late / early
	OverloadPhases  []phase   `json:"overload"`
	OverloadVerdict string    `json:"overload_verdict"`
	Verdicts        []verdict `json:"verdicts"`
}

// phase is a part of the overload test: before, during or after the overload.
type phase = report.Phase

// summarise fills in the ratios and verdicts.
func (r *longResult) summarise() {
	r.RatioHistory = ratio(median(r.HistoryRates), median(r.EmptyRates))
	r.RatioHeap = ratio(r.HeapLateMB, r.HeapEarlyMB)
	r.Verdicts = judge([]verdict{
		{Name: fmt.Sprintf("rate with %d payments of history / empty", r.History), Value: r.RatioHistory, Must: 0.9, Aim: 1},
		{Name: "heap: last two minutes / minutes 2 to 4", Value: r.RatioHeap, Must: 1.1, Aim: 1.1, Below: true},
	})
}

func (r *longResult) print(out io.Writer) {
	fmt.Fprintf(out, "\n%s\n\n", r.Host)
	printVerdicts(out, r.Verdicts)
	if len(r.HistoryRates) > 0 {
		r.printHistory(out)
	}
	if r.HeapRate > 0 {
		fmt.Fprintf(out, "Heap in use at %s payments/s: %.1f MB early, %.1f MB late.\n", figure(r.HeapRate), r.HeapEarlyMB, r.HeapLateMB)
	}
	if len(r.OverloadPhases) > 0 {
		r.printOverload(out)
	}
}

func (r *longResult) printHistory(out io.Writer) {
	fmt.Fprintf(out, "History: %s payments/s on an empty database (%s), %s with %d payments (%s); %.1f GB, filled in %.0f s.\n",
		figure(median(r.EmptyRates)), figures(r.EmptyRates), figure(median(r.HistoryRates)), r.History, figures(r.HistoryRates),
		float64(r.HistoryBytes)/1e9, r.HistoryTook)
}

func (r *longResult) printOverload(out io.Writer) {
	for _, p := range r.OverloadPhases {
		fmt.Fprintf(out, "Overload, %s: %s/s offered, %s/s accepted, %s/s shed, p99 of accepted %s ms, errors %v\n", p.Name, figure(p.RateOffered),
			figure(p.RateAccepted), figure(p.ShedRate), figure(p.Latency["purchase"].P99), p.Errors)
	}
	fmt.Fprintln(out, r.OverloadVerdict)
}

// long takes the slow measurements: heap and overload on a nearly empty database, and the rate before and after a history
// is filled in.
func (b *bench) long(ctx context.Context, history int) (*longResult, error) {
	r := &longResult{Began: b.result.Began, Quick: b.result.Quick, Host: b.result.Host, History: history}
	if err := b.search(ctx); err != nil {
		return r, err
	}
	r.FoundMaximum = b.result.FoundMaximum
	for _, step := range []struct {
		name string
		do   []func(context.Context, *longResult) error
	}{
		{stepHistory, []func(context.Context, *longResult) error{b.emptyRates, b.fill, b.historyRates}},
		{stepHeap, []func(context.Context, *longResult) error{b.heap}},
		{stepOverload, []func(context.Context, *longResult) error{b.overload}},
	} {
		if len(b.longOnly) > 0 && !slices.Contains(b.longOnly, step.name) {
			continue
		}
		for _, do := range step.do {
			if err := do(ctx, r); err != nil {
				return r, err
			}
		}
	}
	r.summarise()
	return r, nil
}

func (b *bench) emptyRates(ctx context.Context, r *longResult) (err error) {
	r.EmptyRates, err = b.ratesOf(ctx, "empty database")
	return err
}

// ratesOf measures the sustained rate several times.
func (b *bench) ratesOf(ctx context.Context, name string) ([]float64, error) {
	var rates []float64
	for range b.historyTries {
		load, err := b.product.sustain(ctx, &b.rate, b.pace.endToEnd, b.retryUntil, b.say)
		if err != nil {
			return nil, err
		}
		rates = append(rates, load.RateAchieved)
		b.say("%s: %s payments/s, p99 %s ms", name, figure(load.RateAchieved), figure(load.p99()))
	}
	return rates, nil
}

// fill copies approved payments of the load into the past.
func (b *bench) fill(ctx context.Context, r *longResult) error {
	began := time.Now()
	address := b.cluster.server.URL(databaseSwitch)
	conn, err := postgres.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	// As many as a day of the history has, so that no two of its payments are the same request (invariant I4).
	ids, err := approved(ctx, conn, max(4*copyGroup, r.History/historyDays+copyGroup))
	if err != nil {
		return err
	}
	s, err := takeSample(ctx, address, nil, ids)
	if err != nil {
		return err
	}
	b.say("history: filling in %d payments of %d days from %d; %s", r.History, historyDays, len(ids), s.describe())
	if err := fillHistory(ctx, address, s.batches(ids, copyGroup), r.History, b.lanes, b.say); err != nil {
		return err
	}
	b.say("history: vacuuming, and writing a checkpoint")
	if err := b.cluster.settle(ctx, databaseSwitch); err != nil {
		return err
	}
	r.HistoryTook = time.Since(began).Seconds()
	if err := conn.QueryRow(ctx, `SELECT pg_database_size(current_database())`).Scan(&r.HistoryBytes); err != nil {
		return fmt.Errorf("measure the size of the history: %w", err)
	}
	return b.checkHistory(ctx, r)
}

// approved returns the ids of n payments that were approved and not reversed.
func approved(ctx context.Context, conn *pgx.Conn, limit int) ([][16]byte, error) {
	rows, err := conn.Query(ctx, `SELECT payment FROM event GROUP BY payment HAVING count(*) = 1 AND min(status) = 'APPROVED' LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("choose payments for the history: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[[16]byte])
	if err == nil && len(ids) < copyGroup {
		err = fmt.Errorf("only %d payments were approved", len(ids))
	}
	if err != nil {
		return nil, fmt.Errorf("choose payments for the history: %w", err)
	}
	return slices.Clip(ids[:len(ids)/copyGroup*copyGroup]), nil
}

// checkedHistory is the largest history that is checked for the invariants: they read every row several times, which would
// take longer than all the rest.
const checkedHistory = 500_000

func (b *bench) checkHistory(ctx context.Context, r *longResult) error {
	if r.History > checkedHistory {
		b.say("history: its invariants are not checked, %d payments are too many for that (up to %d are)", r.History, checkedHistory)
		return nil
	}
	b.say("history: checking the invariants")
	holds, err := b.product.stage.Operate(ctx, os.Stdout, "check")
	r.HistoryHolds = &holds
	if err == nil && !holds {
		err = fmt.Errorf("the history does not hold, see above")
	}
	return err
}

// againFirst is where the search on the filled history begins, as a part of the maximum without one.
const againFirst = 0.8

func (b *bench) historyRates(ctx context.Context, r *longResult) (err error) {
	b.say("history: looking for the highest rate again")
	if r.HistoryMaximum, err = b.product.maximum(ctx, againFirst*r.FoundMaximum, b.step, b.say); err != nil {
		return err
	}
	b.rate = sustained * r.HistoryMaximum
	r.HistoryRates, err = b.ratesOf(ctx, "with its history")
	return err
}

// overload offers twice the maximum between two phases of half of it.
func (b *bench) overload(ctx context.Context, r *longResult) error {
	b.say("overload: %s payments/s, four times as many, and %s again", figure(halfLoad*r.FoundMaximum), figure(halfLoad*r.FoundMaximum))
	load, err := b.product.load(ctx, "--overload", "--factor=4", fmt.Sprintf("--rate=%.0f", halfLoad*r.FoundMaximum), "--duration="+b.pace.overload.String())
	r.OverloadPhases, r.OverloadVerdict = load.Phases, load.Verdict
	return err
}

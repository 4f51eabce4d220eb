package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"treasury-switch/internal/scrape"
)

// heapLoad is the load for the heap measurement, as a part of the maximum.
const heapLoad = 0.8

// point is one sample of the switch's heap.
type point struct {
	At float64 `json:"at_s"`
	MB float64 `json:"mb"` // in use, as Go's runtime counts spans
}

const heapEvery = time.Second

// heap watches the heap of the switch while it is loaded.
func (b *bench) heap(ctx context.Context, r *longResult) error {
	r.HeapRate = heapLoad * min(r.FoundMaximum, cmp.Or(r.HistoryMaximum, r.FoundMaximum))
	b.say("heap: %s payments/s for %s", figure(r.HeapRate), b.pace.heap)
	ctx, stop := context.WithCancel(ctx)
	defer stop() // Ends the load if sampling fails.
	type loaded struct {
		result loadResult
		err    error
	}
	done := make(chan loaded, 1)
	go func() {
		result, err := b.product.at(ctx, r.HeapRate, b.pace.heap)
		done <- loaded{result, err}
	}()
	tick := time.NewTicker(heapEvery)
	defer tick.Stop()
	began := time.Now()
	for {
		select {
		case <-tick.C:
			found, err := scrape.Ask(ctx, "http://"+b.product.stage.Admin)
			if err != nil {
				return fmt.Errorf("watch the heap: %w", err)
			}
			r.Heap = append(r.Heap, point{time.Since(began).Seconds(), found.Sum(heapInUse, nil) / 1e6})
		case one := <-done:
			r.HeapEarlyMB, r.HeapLateMB = earlyAndLate(r.Heap, b.pace.heap.Seconds())
			b.say("heap: %.1f MB early, %.1f MB late; %s payments/s, p99 %s ms", r.HeapEarlyMB, r.HeapLateMB,
				figure(one.result.RateAchieved), figure(one.result.p99()))
			return one.err
		}
	}
}

// earlyAndLate are the medians of the heap in minutes two to four of ten and in the last two, or in the same parts of
// another duration.
func earlyAndLate(all []point, length float64) (early, late float64) {
	var first, last []float64
	for _, p := range all {
		switch {
		case p.At >= 0.2*length && p.At < 0.4*length:
			first = append(first, p.MB)
		case p.At >= 0.8*length && p.At < length:
			last = append(last, p.MB)
		}
	}
	return median(first), median(last)
}

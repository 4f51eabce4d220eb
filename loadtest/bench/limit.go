package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"treasury-switch/internal/postgres"
)

// limit is the raw COPY of what payments write: no switch that writes these rows can be faster on this PostgreSQL.
type limit struct {
	books   *books
	sample  *sample
	groups  []batch // of copyGroup payments
	singles []batch // of one payment
}

// newLimit records payments into a database of their own and takes their rows.
func newLimit(ctx context.Context, c *cluster, lanes, payments int) (*limit, error) {
	b, err := newBooks(ctx, c, databaseCopy, lanes)
	if err != nil {
		return nil, err
	}
	conn, err := postgres.Connect(ctx, b.address())
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	all, err := tables(ctx, conn)
	if err != nil {
		return nil, err
	}
	before, err := counts(ctx, conn, all)
	if err != nil {
		return nil, err
	}
	ids, err := b.payMany(ctx, payments)
	if err != nil {
		return nil, err
	}
	s, err := takeSample(ctx, b.address(), before, ids)
	if err != nil {
		return nil, fmt.Errorf("take the rows that payments write: %w", err)
	}
	return &limit{books: b, sample: s, groups: s.batches(ids, copyGroup), singles: s.batches(ids, 1)}, nil
}

// payCallers is how many payments are under way while a sample is recorded.
const payCallers = 256

// payMany records so many payments and returns their ids.
func (b *books) payMany(ctx context.Context, payments int) ([][16]byte, error) {
	ids := make([][16]byte, payments)
	err := b.recording(ctx, func(p payer) error {
		var running sync.WaitGroup
		next := make(chan int)
		failures := make(chan error, payCallers)
		for range payCallers {
			running.Go(func() {
				for i := range next {
					var err error
					if ids[i], err = p.pay(ctx); err != nil {
						failures <- err
						return
					}
				}
			})
		}
		err := hand(next, payments, failures)
		close(next)
		running.Wait()
		return err
	})
	return ids, err
}

// hand gives payments to the callers until one fails.
func hand(next chan<- int, payments int, failures <-chan error) error {
	for i := range payments {
		select {
		case next <- i:
		case err := <-failures:
			return err
		}
	}
	return nil
}

// rate is the better of two: over one connection, and over as many as the recorder has lanes.
func (l *limit) rate(ctx context.Context, duration time.Duration) (float64, error) {
	best := 0.0
	for _, connections := range []int{1, l.books.lanes} {
		rate, err := copyRate(ctx, l.books.address(), l.groups, connections, duration)
		if err != nil {
			return 0, err
		}
		best = max(best, rate)
	}
	return best, nil
}

// single is the rate over one connection with a COMMIT for every payment: that of a ledger without group commit.
func (l *limit) single(ctx context.Context, duration time.Duration) (float64, error) {
	return copyRate(ctx, l.books.address(), l.singles, 1, duration)
}

package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"treasury-switch/switch/recorder"

	switching "treasury-switch/switch"
)

// books is a database of the switch that only the recorder writes to.
type books struct {
	address func() string // it changes with every start of the server
	lanes   int
	log     *slog.Logger
	number  atomic.Int64
}

// newBooks makes a database and opens its books.
func newBooks(ctx context.Context, c *cluster, name string, lanes int) (*books, error) {
	address, err := c.database(ctx, name)
	if err != nil {
		return nil, err
	}
	b := &books{address: func() string { return c.server.URL(name) }, lanes: lanes, log: c.log}
	return b, openBooks(ctx, address)
}

// recording runs work with a payer of the books, and gives the lanes back afterwards.
func (b *books) recording(ctx context.Context, work func(payer) error) error {
	recorder, err := recorder.Open(ctx, recorder.Config{
		Address: b.address(), Node: "bench", Lanes: b.lanes, Observe: switching.Silent{}, Log: b.log, Now: time.Now,
	})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { recorder.Run(ctx) })
	err = work(payer{recorder: recorder, number: &b.number})
	stop()
	running.Wait()
	return err
}

// rate is the payments a second that a number of callers record, each waiting for one before it begins the next. The
// warm-up does not count.
func (b *books) rate(ctx context.Context, callers int, warmUp, duration time.Duration) (float64, error) {
	var result float64
	err := b.recording(ctx, func(p payer) error {
		c := crowd{payer: p}
		c.start(ctx, callers)
		begun := pause(ctx, warmUp)
		from, began := c.done.Load(), time.Now()
		ended := pause(ctx, duration)
		count, took := c.done.Load()-from, time.Since(began)
		result = float64(count) / took.Seconds()
		return errors.Join(begun, ended, c.stop())
	})
	return result, err
}

// crowd is a number of callers that pay until they are stopped.
type crowd struct {
	payer   payer
	done    atomic.Int64
	stopped atomic.Bool
	running sync.WaitGroup
	once    sync.Once
	err     error
}

func (c *crowd) start(ctx context.Context, callers int) {
	for range callers {
		c.running.Go(func() {
			for !c.stopped.Load() {
				if _, err := c.payer.pay(ctx); err != nil {
					c.fail(err)
					return
				}
				c.done.Add(1)
			}
		})
	}
}

func (c *crowd) fail(err error) {
	c.once.Do(func() { c.err = err })
	c.stopped.Store(true)
}

// stop waits for the payments under way.
func (c *crowd) stop() error {
	c.stopped.Store(true)
	c.running.Wait()
	return c.err
}

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

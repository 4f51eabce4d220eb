// Package dbclock computes the database's time from this process's monotonic clock.
//
// Every time that is recorded is the database's, because all nodes share it and none of their own clocks need be right: a node whose clock is
// days off records, sends and sweeps as the others do. Asking for it costs nothing, since whatever the recorder writes brings an answer: the
// true offset between the two clocks lies between what the answer says at its arrival and what it says at its question, the answers together
// leave little room, and Now adds it to the monotonic clock. The wall clock of the machine is not read.
//
// An answer that contradicts what was known means that the database's clock was set, or that another server with another clock answers. It is
// believed, and told.
package dbclock

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// notable is a step that operators are told of. Servers whose clocks are kept by NTP differ by less, and a failover is no alarm of clocks.
const notable = 250 * time.Millisecond

// Clock is the time of the database. It is made with its first answer by Start, and is safe for concurrent use.
type Clock struct {
	began time.Time // its monotonic reading is where Steady begins
	log   *slog.Logger

	offset atomic.Int64 // of the database's time in Unix nanoseconds from Steady
	steps  atomic.Uint64

	mu    sync.Mutex
	known bounds
}

// Asker asks the database for its time.
type Asker func(ctx context.Context) (time.Time, error)

// Start makes a clock and asks for its first time. Steps of the database's clock are logged.
func Start(ctx context.Context, ask Asker, log *slog.Logger) (*Clock, error) {
	c := &Clock{began: time.Now(), log: log}
	s, err := c.ask(ctx, ask)
	if err != nil {
		return nil, err
	}
	c.known = of(s)
	c.offset.Store(c.known.middle())
	return c, nil
}

// Ask asks the database for its time.
func (c *Clock) Ask(ctx context.Context, ask Asker) error {
	s, err := c.ask(ctx, ask)
	if err == nil {
		c.Observe(s)
	}
	return err
}

func (c *Clock) ask(ctx context.Context, ask Asker) (s Sample, err error) {
	s.Asked = c.Steady()
	s.At, err = ask(ctx)
	s.Answered = c.Steady()
	return s, err
}

// Steady is this process's monotonic clock, counted from the clock's start.
func (c *Clock) Steady() time.Duration { return time.Since(c.began) }

// Now is the time of the database.
func (c *Clock) Now() time.Time { return time.Unix(0, c.offset.Load()+int64(c.Steady())) }

// Observe takes an answer of the database in.
func (c *Clock) Observe(s Sample) {
	c.mu.Lock()
	both, step := c.known.meet(of(s))
	c.known = both
	c.offset.Store(both.nearest(c.offset.Load()))
	if step != 0 {
		c.offset.Store(both.middle())
	}
	c.mu.Unlock()
	if step.Abs() >= notable {
		c.steps.Add(1)
		c.log.Error("the database's clock was set, or another server with another clock answers", "by", step)
	}
}

// Reading is what is known of the clocks.
type Reading struct {
	// Skew is by how much the machine's own clock is ahead of the database's.
	Skew time.Duration
	// Width is twice the possible error of the computed time of the database.
	Width time.Duration
	// Steps is how often the database's clock was found to have been set.
	Steps uint64
}

// Read compares the database's time with the machine's own.
func (c *Clock) Read(own time.Time) Reading {
	c.mu.Lock()
	known := c.known.at(c.Steady())
	c.mu.Unlock()
	return Reading{Skew: own.Round(0).Sub(c.Now()), Width: known.width(), Steps: c.steps.Load()}
}

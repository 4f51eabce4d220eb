package paymenttest

import (
	"sync/atomic"
	"time"
)

var began = time.Now()

// Clock is the time of day plus what the test has added.
type Clock struct{ ahead atomic.Int64 }

// Now is the time of day.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// Steady is a monotonic clock.
func (c *Clock) Steady() time.Duration { return time.Since(began) + time.Duration(c.ahead.Load()) }

// Advance sets both forward.
func (c *Clock) Advance(d time.Duration) { c.ahead.Add(int64(d)) }

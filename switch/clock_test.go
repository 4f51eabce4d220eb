package switching

import (
	"sync/atomic"
	"time"
)

var processStart = time.Now()

// clock is the time of day plus what the test has added.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) steady() time.Duration {
	return time.Since(processStart) + time.Duration(c.ahead.Load())
}
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

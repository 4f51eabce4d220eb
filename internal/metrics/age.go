package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// age is the age of the oldest entry of a queue. It is read from the database from time to time and grows by the node's own
// monotonic clock in between, so that it keeps growing when the database is away or hangs, which is when it matters most.
type age struct {
	mu     sync.Mutex
	some   bool // there is such a thing
	oldest time.Duration
	seen   time.Time
}

// set stores a reading: the number of entries, and the age of the oldest.
func (a *age) set(many int, oldest time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.some, a.oldest, a.seen = many > 0, oldest, time.Now()
}

// seconds is the age now; 0 without entries.
func (a *age) seconds() float64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.some {
		return 0
	}
	return (a.oldest + time.Since(a.seen)).Seconds()
}

// age makes a gauge that grows by itself.
func (r register) age(name, help string) *age {
	a := &age{}
	r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, a.seconds))
	return a
}

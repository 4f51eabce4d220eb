package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// age is how old the oldest of some things is. It was looked up in the database at some time, and grows by the node's own monotonic clock
// from then on: while the database is away, or hangs, nobody can look, and that is when somebody must be told.
type age struct {
	mu     sync.Mutex
	some   bool // there is such a thing
	oldest time.Duration
	seen   time.Time
}

// set notes what was found: how many there are, and how old the oldest is.
func (a *age) set(many int, oldest time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.some, a.oldest, a.seen = many > 0, oldest, time.Now()
}

// seconds is the age now; 0 if there was nothing.
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

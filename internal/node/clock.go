package node

import (
	"context"
	"time"

	"treasury-switch/internal/metrics"
)

// clockEvery is how often this machine's clock is compared with the database's.
const clockEvery = 10 * time.Second

// watchClock warns when this machine's own clock differs from the database's. Nothing that the node records, sends or waits
// for depends on it, but the times in the log do.
func (n *Node) watchClock(ctx context.Context, tick <-chan time.Time) {
	skewed := false
	for {
		skew := n.clock.Read(n.config.Now()).Skew
		if now := skew.Abs() > n.config.ClockSkew; now != skewed {
			skewed = now
			n.log.Warn("this machine's clock differs from the database's", "ahead_by", skew, "too_much", skewed)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
	}
}

// clocks is what the metrics tell of them.
func (n *Node) clocks() metrics.Clocks {
	r := n.clock.Read(n.config.Now())
	return metrics.Clocks{Skew: r.Skew, Limit: n.config.ClockSkew, Width: r.Width, Steps: r.Steps}
}

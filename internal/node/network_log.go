package node

import (
	"context"
	"log/slog"

	"golang.org/x/time/rate"

	"treasury-switch/iso/shetab"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// linesPerSecond bounds the lines about the network's failures: when a link is down, every payment has one.
const linesPerSecond = 10

// loggedNetwork logs why a debit or a reversal got no answer. The switch decides what follows.
type loggedNetwork struct {
	*shetab.Network
	limit *rate.Limiter
	log   *slog.Logger
}

func logNetwork(n *shetab.Network, log *slog.Logger) *loggedNetwork {
	return &loggedNetwork{Network: n, limit: rate.NewLimiter(linesPerSecond, 5*linesPerSecond), log: log}
}

// Authorise asks for a debit.
func (n *loggedNetwork) Authorise(ctx context.Context, debit switching.Debit) (payment.Answered, error) {
	said, err := n.Network.Authorise(ctx, debit)
	n.tell("debit", err)
	return said, err
}

// Reverse asks for a reversal.
func (n *loggedNetwork) Reverse(ctx context.Context, reversal switching.Reversal) (payment.ReversalAnswered, error) {
	said, err := n.Network.Reverse(ctx, reversal)
	n.tell("reversal", err)
	return said, err
}

// tell logs an error, which names the payment by its RRN and never holds card data.
func (n *loggedNetwork) tell(what string, err error) {
	if err != nil && n.limit.Allow() {
		n.log.Warn("the network did not answer a "+what, "error", err)
	}
}

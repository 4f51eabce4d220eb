package switching

import (
	"context"
	"sync"
	"sync/atomic"

	"treasury-switch/calendar"
	"treasury-switch/switch/payment"
)

// scriptedNetwork approves, unless the test says otherwise, and keeps books.
type scriptedNetwork struct {
	mu        sync.Mutex
	debits    map[payment.RRN]bool // true while the debit is live
	sent      int
	reversals []Reversal
	authorise func(context.Context, Debit) (payment.Answered, error)
	reverse   func(context.Context, Reversal) (payment.ReversalAnswered, error)
	down      atomic.Bool
}

func newScriptedNetwork() *scriptedNetwork {
	n := &scriptedNetwork{debits: map[payment.RRN]bool{}}
	n.authorise, n.reverse = n.approve, n.undo
	return n
}

func (n *scriptedNetwork) Ready() bool { return !n.down.Load() }

func (n *scriptedNetwork) Authorise(ctx context.Context, d Debit) (payment.Answered, error) {
	n.mu.Lock()
	n.sent++
	f := n.authorise
	n.mu.Unlock()
	return f(ctx, d)
}

func (n *scriptedNetwork) Reverse(ctx context.Context, r Reversal) (payment.ReversalAnswered, error) {
	n.mu.Lock()
	n.reversals = append(n.reversals, r)
	f := n.reverse
	n.mu.Unlock()
	return f(ctx, r)
}

// approve debits the card.
func (n *scriptedNetwork) approve(_ context.Context, d Debit) (payment.Answered, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.debits[d.Intent.RRN] = true
	return payment.Answered{Word: payment.SaidApproved, Code: payment.OK, Approval: "654321", Amount: d.Intent.Amount, Currency: true,
		Day: calendar.DateOf(d.Intent.OpenedAt)}, nil
}

// undo reverses a live debit, and knows no other.
func (n *scriptedNetwork) undo(_ context.Context, r Reversal) (payment.ReversalAnswered, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, known := n.debits[r.Intent.RRN]; !known {
		return payment.ReversalAnswered{Word: payment.ReversalNotFound, Code: payment.NoOriginal}, nil
	}
	n.debits[r.Intent.RRN] = false
	return payment.ReversalAnswered{Word: payment.ReversalDone, Code: payment.OK}, nil
}

func (n *scriptedNetwork) books() map[payment.RRN]bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := make(map[payment.RRN]bool, len(n.debits))
	for k, v := range n.debits {
		all[k] = v
	}
	return all
}

func (n *scriptedNetwork) script(f func(context.Context, Debit) (payment.Answered, error)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.authorise = f
}

func (n *scriptedNetwork) counts() (sent, reversals int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.sent, len(n.reversals)
}

package main

import (
	"context"
	"sync"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/threeway"
	"treasury-switch/iso"
	"treasury-switch/simulator"
)

// lie has the network answer otherwise. True means that it has seen to the answer.
type lie func(answer *iso.Message, send func(*iso.Message)) bool

// network is the simulated card network, whose answers can be kept back.
type network struct {
	*simulator.Simulator

	mu     sync.Mutex
	closed map[simulator.Scope]bool
	lies   map[simulator.Scope]lie
	kept   []func()
}

// yesterday is the business day that a field begins with: its last day, from which the network cuts over in scenarios, can then be closed.
func yesterday() calendar.Date { return calendar.DateOf(time.Now()).Add(-1) }

// newNetwork starts one on free ports.
func newNetwork(ctx context.Context, seed uint64, day calendar.Date) (*network, error) {
	n := &network{closed: map[simulator.Scope]bool{}, lies: map[simulator.Scope]lie{}}
	n.Simulator = simulator.New(simulator.Config{Address: "127.0.0.1:0", ControlAddress: "127.0.0.1:0", Day: day, Late: 2 * timerNetwork, Seed: seed,
		Tamper: n.tamper})
	return n, n.Start(ctx)
}

// tamper keeps an answer back, or lets the lie that is set see to it.
func (n *network) tamper(scope simulator.Scope, answer *iso.Message, send func(*iso.Message)) bool {
	n.mu.Lock()
	lies, closed := n.lies[scope], n.closed[scope]
	if closed {
		n.kept = append(n.kept, func() { send(answer) })
	}
	n.mu.Unlock()
	return closed || lies != nil && lies(answer, send)
}

// keep keeps the answers to purchases or reversals back until open. The cards are debited all the same.
func (n *network) keep(scope simulator.Scope) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed[scope] = true
}

// open lets the answers go that were kept back, and all that come.
func (n *network) open() {
	n.mu.Lock()
	kept := n.kept
	n.kept, n.closed = nil, map[simulator.Scope]bool{}
	n.mu.Unlock()
	for _, send := range kept {
		send()
	}
}

// tell has the network lie about purchases or reversals; nil ends it.
func (n *network) tell(scope simulator.Scope, l lie) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lies[scope] = l
}

// well ends every misbehaviour.
func (n *network) well() {
	n.tell(simulator.Purchases, nil)
	n.tell(simulator.Reversals, nil)
	_ = n.SetFaults(simulator.Faults{}) // No faults are always accepted.
	n.open()
}

// debits counts the debits that stand.
func (n *network) debits() int { return n.Totals().Debited }

// ledger is what the comparison needs of the network's records.
func (n *network) ledger() []threeway.Debit {
	var debits []threeway.Debit
	for _, d := range n.Ledger().Debits {
		debits = append(debits, threeway.Debit{RRN: d.RRN, Amount: d.Amount, State: d.State})
	}
	return debits
}

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

// lie gives a false answer in place of the true one. It returns true where it has dealt with the answer itself.
type lie func(answer *iso.Message, send func(*iso.Message)) bool

// network is the simulated card network, whose answers can be kept back.
type network struct {
	*simulator.Simulator

	mu     sync.Mutex
	closed map[simulator.Scope]bool
	lies   map[simulator.Scope]lie
	kept   []func()
}

// yesterday is the business day a scenario starts on, so that the day can be closed once the network has cut over.
func yesterday() calendar.Date { return calendar.DateOf(time.Now()).Add(-1) }

// newNetwork starts a simulated network on free ports.
func newNetwork(ctx context.Context, seed uint64, day calendar.Date) (*network, error) {
	n := &network{closed: map[simulator.Scope]bool{}, lies: map[simulator.Scope]lie{}}
	n.Simulator = simulator.New(simulator.Config{Address: "127.0.0.1:0", ControlAddress: "127.0.0.1:0", Day: day, Late: 2 * timerNetwork, Seed: seed,
		Tamper: n.tamper})
	return n, n.Start(ctx)
}

// tamper holds an answer back, or replaces it by the false one that is set.
func (n *network) tamper(scope simulator.Scope, answer *iso.Message, send func(*iso.Message)) bool {
	n.mu.Lock()
	lies, closed := n.lies[scope], n.closed[scope]
	if closed {
		n.kept = append(n.kept, func() { send(answer) })
	}
	n.mu.Unlock()
	return closed || lies != nil && lies(answer, send)
}

// keep holds back the answers to purchases or reversals until open is called. The cards are debited all the same.
func (n *network) keep(scope simulator.Scope) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed[scope] = true
}

// open sends the answers that were held back, and holds back no more.
func (n *network) open() {
	n.mu.Lock()
	kept := n.kept
	n.kept, n.closed = nil, map[simulator.Scope]bool{}
	n.mu.Unlock()
	for _, send := range kept {
		send()
	}
}

// tell has the network answer purchases or reversals falsely; nil ends it.
func (n *network) tell(scope simulator.Scope, l lie) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lies[scope] = l
}

// well ends every fault.
func (n *network) well() {
	n.tell(simulator.Purchases, nil)
	n.tell(simulator.Reversals, nil)
	_ = n.SetFaults(simulator.Faults{}) // No faults are always accepted.
	n.open()
}

// debits counts the debits that were not reversed.
func (n *network) debits() int { return n.Totals().Debited }

// ledger returns the network's records in the form that threeway compares.
func (n *network) ledger() []threeway.Debit {
	var debits []threeway.Debit
	for _, d := range n.Ledger().Debits {
		debits = append(debits, threeway.Debit{RRN: d.RRN, Amount: d.Amount, State: d.State})
	}
	return debits
}

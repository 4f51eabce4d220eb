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

// lie has the twin answer otherwise. True means that it has seen to the answer.
type lie func(answer *iso.Message, send func(*iso.Message)) bool

// twin is the card network's twin, whose answers can be kept back.
type twin struct {
	*simulator.Simulator

	mu     sync.Mutex
	closed map[simulator.Scope]bool
	lies   map[simulator.Scope]lie
	kept   []func()
}

// yesterday is the business day that a field begins with: its last day, from which the network cuts over in scenarios, can then be closed.
func yesterday() calendar.Date { return calendar.DateOf(time.Now()).Add(-1) }

// newTwin starts a twin on free ports.
func newTwin(ctx context.Context, seed uint64, day calendar.Date) (*twin, error) {
	w := &twin{closed: map[simulator.Scope]bool{}, lies: map[simulator.Scope]lie{}}
	w.Simulator = simulator.New(simulator.Config{Address: "127.0.0.1:0", ControlAddress: "127.0.0.1:0", Day: day, Late: 2 * timerNetwork, Seed: seed,
		Tamper: w.tamper})
	return w, w.Start(ctx)
}

// tamper keeps an answer back, or lets the lie that is set see to it.
func (w *twin) tamper(scope simulator.Scope, answer *iso.Message, send func(*iso.Message)) bool {
	w.mu.Lock()
	lies, closed := w.lies[scope], w.closed[scope]
	if closed {
		w.kept = append(w.kept, func() { send(answer) })
	}
	w.mu.Unlock()
	return closed || lies != nil && lies(answer, send)
}

// keep keeps the answers to purchases or reversals back until open. The cards are debited all the same.
func (w *twin) keep(scope simulator.Scope) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed[scope] = true
}

// open lets the answers go that were kept back, and all that come.
func (w *twin) open() {
	w.mu.Lock()
	kept := w.kept
	w.kept, w.closed = nil, map[simulator.Scope]bool{}
	w.mu.Unlock()
	for _, send := range kept {
		send()
	}
}

// tell has the twin lie about purchases or reversals; nil ends it.
func (w *twin) tell(scope simulator.Scope, l lie) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lies[scope] = l
}

// well ends every misbehaviour.
func (w *twin) well() {
	w.tell(simulator.Purchases, nil)
	w.tell(simulator.Reversals, nil)
	_ = w.SetFaults(simulator.Faults{}) // No faults are always accepted.
	w.open()
}

// debits counts the debits that stand.
func (w *twin) debits() int { return w.Totals().Debited }

// ledger is what the comparison needs of the network's records.
func (w *twin) ledger() []threeway.Debit {
	var debits []threeway.Debit
	for _, d := range w.Ledger().Debits {
		debits = append(debits, threeway.Debit{RRN: d.RRN, Amount: d.Amount, State: d.State})
	}
	return debits
}

package switching

import (
	"context"
	"slices"
	"testing/synctest"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment/paymenttest"
	"treasury-switch/switch/recorder"
)

// modelSkews are by how much the time may be wrong that a node goes by, until its lane hears of it again: for a lease it may have been
// suspended without losing its lane, and a server that it has asked may have been ahead.
var modelSkews = []time.Duration{-recorder.DefaultLease, -10 * time.Second, 20 * time.Second, 50 * time.Second}

// pass lets time go by. A node that runs shows the database that it lives, and is told the time.
func (w *world) pass(d time.Duration) {
	w.settle()
	time.Sleep(d)
	w.settle()
	for _, n := range w.nodes {
		if n.writes() {
			w.store.leases[n.name] = w.time().Add(recorder.DefaultLease)
		}
		if n.writes() && d >= recorder.DefaultBeat {
			n.told(w.time())
		}
	}
}

// work lets a minute pass in which living nodes do what they do by themselves, as they will before a long time is over.
func (w *world) work() {
	for range 4 {
		w.pass(15 * time.Second)
		for _, n := range w.nodes {
			if n.writes() {
				go n.sweepRound()
			}
		}
		w.writeAll()
	}
}

// writeAll has the nodes write what they have to, and what follows from that, and so on.
func (w *world) writeAll() {
	for range 12 {
		w.settle()
		busy := slices.DeleteFunc(slices.Clone(w.nodes), func(n *modelNode) bool { return !n.writes() || len(n.queue)+len(n.doubtful) == 0 })
		if len(busy) == 0 {
			return
		}
		for _, n := range busy {
			n.learn()
			n.flush(true)
		}
	}
}

// change is what happens to the network, and to what is kept about terminals, accounts and days.
func (w *world) change(what string, way int, n *modelNode) {
	today := calendar.DateOf(w.time())
	switch what {
	case "reversals":
		w.network.reversals = reversalWays[way%len(reversalWays)]
		w.note("of reversals, the network now %s", w.network.reversals)
	case "terminal":
		w.terminal = [...]ledger.State{ledger.Frozen, ledger.Closed, ledger.Open, ledger.Frozen}[way%4]
		w.note("the terminal is %s", w.terminal)
	case "account":
		if w.store.frozen[paymenttest.Share1] = w.time(); way%2 > 0 {
			delete(w.store.frozen, paymenttest.Share1)
		}
		w.note("%d accounts are frozen", len(w.store.frozen))
	case "refuse":
		w.store.refuses = true
		w.note("the database will refuse a plan")
	case "cut-over":
		w.cutOver(n, today)
	case "close day":
		day := today.Add(w.network.ahead)
		if way%2 > 0 {
			day = w.cutOver(n, today)
		}
		w.set(func() {
			w.store.days[ledger.Live] = max(w.store.days[ledger.Live], day) // by a node that is not in the model
			w.store.closed = day
		})
		w.note("business days before %s are closed", day)
	}
}

// cutOver has the network begin its next business day, and a node hear of it.
func (w *world) cutOver(n *modelNode, today calendar.Date) calendar.Date {
	w.network.ahead = min(w.network.ahead+1, 2)
	day := today.Add(w.network.ahead)
	w.note("%s hears that the business day is %s", n.name, day)
	go func() { _ = n.OpenDay(context.Background(), day, ledger.Live) }()
	return day
}

// disturb is what happens to nodes, and what they do by themselves.
func (w *world) disturb(what string, way int, n *modelNode) {
	switch what {
	case "start":
		n = w.from(n, func(n *modelNode) bool { return n.dead })
	case "go on":
		n = w.from(n, func(n *modelNode) bool { return n.stopped != nil })
	case "mend":
		n = w.from(n, func(n *modelNode) bool { return n.cut && !n.dead })
	}
	switch {
	case what == "start" && n.dead:
		w.revive(n)
		return
	case n.dead:
		return
	case what == "go on":
		n.goOn()
	case what == "kill":
		n.dead = true
		n.goOn()
	case n.stopped != nil:
		return
	case what == "pause":
		n.stopped = make(chan struct{})
	case what == "cut", what == "mend":
		n.cut = what == "cut"
	case what == "busy":
		n.busy = !n.busy
	case what == "clock" && w.close():
		return // Of two payments with one STAN the times of receipt tell which is meant.
	case what == "clock":
		w.skewed = true
		n.told(w.time().Add(modelSkews[way%len(modelSkews)]))
	case what == "stop":
		if n.handOver() == nil {
			delete(w.store.leases, n.name) // its lanes are given back
		}
		n.end()
	case what == "sweep":
		go n.sweepRound()
	case what == "forward":
		go forwardOnce(context.Background(), n.Switch)
	default:
		return
	}
	w.note("%s: %s", n.name, what)
}

// revive starts a node that has ended, under its name, as the program does: what its earlier life left behind is searched for.
func (w *world) revive(n *modelNode) {
	if _, held := w.store.leases[n.name]; held {
		w.store.abandoned = append(w.store.abandoned, w.time())
	}
	w.gone = append(w.gone, n)
	again := w.start(n.name)
	w.nodes[n.name[0]-'A'] = again
	w.note("%s starts", n.name)
	go func() { _ = again.SweepOnce(context.Background(), 0) }()
}

// sweepRound is what a node does every few seconds for payments without an outcome.
func (n *modelNode) sweepRound() {
	_ = n.quickSweep(context.Background())
	_ = n.searchEnded(context.Background())
	_ = n.lookAgain(context.Background())
	_ = n.days.Refresh(context.Background())
}

// rest ends all disturbances and lets time pass until nothing is left to do, or should be.
func (w *world) rest() {
	w.note("from here on nothing is disturbed")
	w.terminal, w.store.refuses = ledger.Open, false
	clear(w.store.frozen)
	for _, n := range w.nodes {
		n.cut, n.busy = false, false
	}
	for _, n := range w.nodes {
		n.goOn()
	}
	w.settle()
	for _, n := range w.nodes {
		if n.dead {
			w.revive(n)
		}
	}
	w.settle()
	for _, n := range w.nodes {
		for range w.asks {
			w.reach(n)
		}
	}
	for round := 0; round < 200 && (round < 15 || !w.calm()); round++ {
		if round == 6 {
			w.network.reversals = approves
		}
		w.writeAll()
		for range w.travelling {
			w.carry("answer", modelActs-1, w.nodes[0])
			w.carry("arrive", 0, w.nodes[0])
		}
		for _, n := range w.nodes {
			go func() { n.sweepRound(); forwardOnce(context.Background(), n.Switch) }()
		}
		w.pass(5 * time.Second)
	}
}

// calm says that nothing is on its way any more.
func (w *world) calm() bool {
	answered := !slices.ContainsFunc(w.asks, func(a *ask) bool { return !a.answered && !a.node.dead })
	return answered && len(w.store.queue) == 0 && len(w.store.unmatched) == 0 && len(w.travelling) == 0 &&
		!slices.ContainsFunc(w.nodes, func(n *modelNode) bool { return len(n.queue)+len(n.doubtful) > 0 }) &&
		!slices.ContainsFunc(w.store.sortedPayments(), func(p *modelPayment) bool { return len(p.records) == 0 })
}

// over lets every goroutine of the schedule end.
func (w *world) over() {
	for range 2 {
		for _, n := range slices.Concat(w.gone, w.nodes) {
			n.end()
		}
		time.Sleep(time.Hour)
	}
	synctest.Wait()
}

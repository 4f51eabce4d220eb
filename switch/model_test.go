package switching

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"treasury-switch/calendar"
)

// act is one thing that happens. What cannot happen as things stand is passed over, so that every part of a schedule is a schedule.
type act struct {
	what string
	node int // place of the node
	n    int // which payment, message or pause
}

func (s act) String() string { return fmt.Sprintf("%s(node %c, %d)", s.what, 'A'+s.node, s.n) }

// happenings are what a schedule is made of, as often as they stand here.
var happenings = []string{
	"0200", "0200", "0200", "0201", "0201", "0201", "doubled", "reach", "reach", "status", "status", "0420",
	"write", "write", "write", "write", "write", "write", "write unseen", "write unseen", "learn",
	"arrive", "arrive", "arrive", "arrive", "answer", "answer", "answer", "answer elsewhere", "mis-keyed", "lose",
	"wait", "wait", "wait", "wait", "cut", "mend", "mend", "busy", "kill", "stop", "start", "start", "sweep", "sweep", "forward", "freeze", "no money",
}

// pauses reach past every timer.
var pauses = []time.Duration{100 * time.Millisecond, time.Second, 3100 * time.Millisecond, 22 * time.Second, 26 * time.Second, 31 * time.Second, 45 * time.Second, 12 * time.Hour}

func schedule(seed uint64) []act {
	dice := rand.New(rand.NewPCG(seed, 1))
	steps := []act{{"0200", dice.IntN(modelNodes), 0}}
	for range 4 + dice.IntN(36) {
		steps = append(steps, act{happenings[dice.IntN(len(happenings))], dice.IntN(modelNodes), dice.IntN(16)})
	}
	return steps
}

var (
	modelSeed      = flag.Uint64("seed", 0, "of the one schedule that TestModel runs")
	modelSchedules = flag.Uint64("schedules", 3000, "that TestModel runs")
)

// TestModel runs the real switch, as several nodes over a database and a network in memory, through schedules of everything that can happen
// between them, and holds what the terminals were told against the ledger and the network. It prints the smallest schedule that breaks the
// promise; -seed runs one schedule alone, -schedules as many.
func TestModel(t *testing.T) {
	first, many := uint64(1), *modelSchedules
	if *modelSeed > 0 {
		first, many = *modelSeed, 1
	}
	for seed := first; seed < first+many; seed++ {
		steps := schedule(seed)
		if violation, _ := play(t, steps); violation == "" {
			continue
		}
		steps = smallest(t, steps)
		violation, story := play(t, steps)
		t.Fatalf("-seed %d: %s\nthe smallest schedule: %v\n%s", seed, violation, steps, story)
	}
}

// smallest leaves out of a schedule whatever it breaks the promise without.
func smallest(t *testing.T, steps []act) []act {
	for size := len(steps) / 2; size > 0; {
		shorter := false
		for at := 0; at+size <= len(steps); {
			without := slices.Concat(steps[:at], steps[at+size:])
			if violation, _ := play(t, without); violation != "" {
				steps, shorter = without, true
			} else {
				at += size
			}
		}
		if !shorter || size > len(steps) {
			size /= 2
		}
	}
	return steps
}

// play runs a schedule, lets everything come to rest, and judges.
func play(t *testing.T, steps []act) (violation, story string) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(modelBegin))
		w := newWorld(t)
		for _, s := range steps {
			w.do(s)
			w.settle()
		}
		w.rest()
		w.judge()
		violation, story = w.violation, w.story()
		w.over()
	})
	return violation, story
}

// settle waits until every goroutine waits for time or for the schedule. It takes the lock once, for the race detector's sake: what the
// schedule has read and written is known to whoever goes on.
func (w *world) settle() {
	w.set(func() {})
	synctest.Wait()
}

func (w *world) do(s act) {
	n := w.nodes[s.node]
	switch s.what {
	case "0200", "0201", "status", "0420":
		if payment := s.n % 2; w.may(payment, s.what) {
			if a := w.send(payment, s.what, n, false); s.n < 12 {
				w.deliver(a)
			}
		}
	case "reach":
		w.reach(n)
	case "doubled":
		w.double(s.n % 2)
	case "write", "write unseen":
		w.flush(n, s.what == "write")
	case "learn":
		if learned := n.learn(); learned > 0 {
			w.note("%s learns of %d records", n.name, learned)
		}
	case "arrive", "answer", "answer elsewhere", "mis-keyed", "lose":
		w.carry(s.what, s.n, n)
	case "wait":
		d := pauses[s.n%len(pauses)]
		if d > time.Minute {
			w.work()
		}
		w.pass(d)
	default:
		w.disturb(s.what, n)
	}
}

// double has the network between terminal and node deliver the last message twice.
func (w *world) double(payment int) {
	for _, a := range slices.Backward(w.asks) {
		if a.payment == payment && a.reached && !a.ignored && !a.answered && a.what[0] == '0' {
			w.deliver(w.send(payment, a.what, a.node, true))
			return
		}
	}
}

func (w *world) flush(n *modelNode, confirmed bool) {
	if n.dead || n.cut {
		return
	}
	if e, o := n.flush(confirmed); e != nil {
		status := e.Plan.Payment.Status
		w.note("%s records %s: %s%s", n.name, status, map[Outcome]string{Written: "written", Lost: "lost"}[o], map[bool]string{false: ", and does not know it"}[confirmed])
	}
}

// carry moves a message of the network on.
func (w *world) carry(how string, which int, n *modelNode) {
	if len(w.travelling) == 0 {
		return
	}
	at := which % len(w.travelling)
	m := w.travelling[at]
	drop := func() { w.travelling = slices.Delete(w.travelling, at, at+1) }
	switch {
	case how == "lose":
		w.note("a message of %s is lost", m.intent.RRN)
		drop()
	case how == "arrive" && !m.arrived && time.Since(m.sent) < modelTimers.InFlight:
		m.arrived, m.said = true, w.network.debit(m.intent)
		w.note("the network says %s to %s", m.said.Code, m.intent.RRN)
	case how == "answer" && m.arrived && !m.late && !m.from.dead:
		w.note("%s hears %s", m.from.name, m.said.Code)
		m.answer <- m.said
		drop()
	case how == "answer elsewhere" && m.arrived && !n.dead:
		w.note("%s hears %s for %s unasked", n.name, m.said.Code, m.intent.RRN)
		go func() {
			for range 5 {
				if n.LateAnswer(context.Background(), 101, m.intent.RRN, m.said, about("")) == nil || n.dead {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		drop()
	case how == "mis-keyed" && !n.dead:
		said := Answered{Word: SaidDeclined, Code: "51", Amount: m.intent.Amount, Currency: true, Day: calendar.DateOf(m.sent)}
		if which%2 == 0 {
			said.Word, said.Code = SaidApproved, OK
		}
		w.note("%s hears %s about another debit, under the number of %s", n.name, said.Code, m.intent.RRN)
		go func() { _ = n.LateAnswer(context.Background(), 101, m.intent.RRN, said, about("F11 F41")) }()
	}
}

func about(differs string) Differs { return func(*Intent) string { return differs } }

func (w *world) pass(d time.Duration) {
	w.settle()
	time.Sleep(d)
	w.settle()
	for _, n := range w.nodes {
		if !n.dead && !n.cut {
			w.store.leases[n.name] = time.Now().Add(DefaultLease)
		}
	}
}

// work lets a minute pass in which living nodes do what they do by themselves, as they will before a long time is over.
func (w *world) work() {
	for range 4 {
		w.pass(15 * time.Second)
		for _, n := range w.nodes {
			if !n.dead && !n.cut {
				go n.sweepRound()
			}
		}
		for range 12 {
			for _, n := range w.nodes {
				if !n.dead && !n.cut {
					n.learn()
					n.flush(true)
				}
			}
			w.settle()
		}
	}
}

// disturb is what happens to nodes, and what they do by themselves.
func (w *world) disturb(what string, n *modelNode) {
	switch {
	case what == "start" && n.dead:
		w.revive(n)
	case what == "freeze":
		w.frozen = true
	case what == "no money":
		w.network.refuse = !w.network.refuse
	case n.dead:
		return
	case what == "cut", what == "mend":
		n.cut = what == "cut"
	case what == "busy":
		n.busy = !n.busy
	case what == "kill":
		n.dead = true
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
		w.store.abandoned = append(w.store.abandoned, time.Now())
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
}

// rest ends all disturbances and lets time pass until nothing is left to do, or should be.
func (w *world) rest() {
	w.note("from here on nothing is disturbed")
	w.frozen, w.network.refuse = false, false
	for _, n := range w.nodes {
		if n.cut, n.busy = false, false; n.dead {
			w.revive(n)
		}
	}
	for _, n := range w.nodes {
		for range w.asks {
			w.reach(n)
		}
	}
	for range 60 {
		for range 12 {
			for _, n := range w.nodes {
				n.learn()
				n.flush(true)
			}
			w.settle()
		}
		for at := 0; at < len(w.travelling); at++ {
			w.carry("answer", at, w.nodes[0])
			w.carry("arrive", at, w.nodes[0])
		}
		for _, n := range w.nodes {
			go func() { n.sweepRound(); forwardOnce(context.Background(), n.Switch) }()
		}
		w.pass(5 * time.Second)
	}
}

// over lets every goroutine of the schedule end.
func (w *world) over() {
	for _, n := range slices.Concat(w.gone, w.nodes) {
		n.end()
	}
	time.Sleep(time.Hour)
	for _, n := range slices.Concat(w.gone, w.nodes) {
		n.end()
	}
	time.Sleep(time.Hour)
	synctest.Wait()
}

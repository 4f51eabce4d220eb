package switching

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"treasury-switch/switch/recorder"
)

// act is one thing that happens. What cannot happen as things stand is passed over, so that every part of a schedule is a schedule.
type act struct {
	what string
	node int // place of the node
	n    int // which payment, message, pause or way of doing it
}

func (s act) String() string { return fmt.Sprintf("%s(node %c, %d)", s.what, 'A'+s.node, s.n) }

// usual is what every schedule is made of, as often as it is listed here.
var usual = slices.Concat(
	often(3, "0200", "0201", "status"), often(2, "reach", "0420"), often(1, "0400"), often(8, "write"), often(1, "learn"),
	often(4, "arrive", "answer", "wait"), often(2, "sweep", "forward"), often(1, "mend", "start", "go on"))

// unusual is what may happen besides. A schedule has some of it, and that often: with a little of everything nothing would come together.
var unusual = []string{"doubled", "write unseen", "arrive oddly", "answer elsewhere", "mis-keyed", "lose", "reversals", "cut", "busy", "kill", "stop",
	"pause", "clock", "terminal", "account", "refuse", "cut-over", "close day"}

func often(times int, what ...string) []string { return slices.Repeat(what, times) }

// pauses reach past every timer.
var pauses = []time.Duration{100 * time.Millisecond, time.Second, 3100 * time.Millisecond, 22 * time.Second, 26 * time.Second, 31 * time.Second, 45 * time.Second, 12 * time.Hour}

// modelActs bounds the number of an act. Its lowest digits choose the payment or the message, the others the way.
const modelActs = 128

func schedule(seed uint64) []act {
	dice := rand.New(rand.NewPCG(seed, 1))
	nodes := [...]int{2, 2, 3, 4}[seed%4]
	happenings := slices.Clone(usual)
	for _, at := range dice.Perm(len(unusual))[:2+dice.IntN(6)] {
		happenings = append(happenings, often(3, unusual[at])...)
	}
	steps := []act{{"0200", dice.IntN(nodes), modelActs - 1 - dice.IntN(4)}}
	if dice.IntN(3) == 0 { // With a payment that is approved other things can happen.
		for _, what := range []string{"write", "arrive", "answer", "write"} {
			steps = append(steps, act{what, steps[0].node, modelActs - 1})
		}
	}
	if dice.IntN(16) == 0 { // A reversal overtakes its request, which it names by its time alone.
		steps = []act{{"0200", 1, 3}, {"wait", 0, 2}, {"0420", 0, 54}}
	}
	for range 4 + dice.IntN(40) {
		steps = append(steps, act{happenings[dice.IntN(len(happenings))], dice.IntN(nodes), dice.IntN(modelActs)})
	}
	return withHabits(seed, steps)
}

var (
	modelSeed      = flag.Uint64("seed", 0, "of the first schedule that TestModel runs, and of the only one if -schedules is not given")
	modelSchedules = flag.Uint64("schedules", 0, "that TestModel runs")
)

// defaultSchedules take half a minute, under the race detector too.
var defaultSchedules = map[bool]uint64{false: 4000, true: 500}[raceEnabled]

// TestModel runs the real switch, as two to four nodes over a database and a network in memory, through schedules of everything that can
// happen between them, and holds what the terminals were told against the ledger and the network. It prints the smallest schedule that breaks
// the promise; -seed runs one schedule alone, -schedules as many.
func TestModel(t *testing.T) {
	first, many := max(1, *modelSeed), *modelSchedules
	switch {
	case many > 0:
	case *modelSeed > 0:
		many = 1
	default:
		many = defaultSchedules
	}
	for seed := first; seed < first+many; seed++ {
		steps := schedule(seed)
		if violation, story := play(t, steps); violation != "" {
			steps, violation, story = smallest(t, steps, violation, story)
			t.Fatalf("-seed %d: %s\nthe smallest schedule: %v\n%s", seed, violation, steps, story)
		}
	}
}

// smallest leaves out of a schedule whatever it breaks the promise without. What happens at one moment may happen in any order, so that a
// schedule may break it in one of several runs.
func smallest(t *testing.T, steps []act, violation, story string) ([]act, string, string) {
	for size := len(steps) / 2; size > 0; {
		shorter := false
		for at := 0; at+size <= len(steps); {
			without := slices.Concat(steps[:at], steps[at+size:])
			if broken, how := play(t, without); broken != "" {
				steps, violation, story, shorter = without, broken, how, true
			} else {
				at += size
			}
		}
		if !shorter || size > len(steps) {
			size /= 2
		}
	}
	return steps, violation, story
}

// play runs a schedule, lets everything come to rest, and judges.
func play(t *testing.T, steps []act) (violation, story string) {
	nodes := 2
	for _, s := range steps {
		nodes = max(nodes, s.node+1)
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(nodes)
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
	case "0200", "0201", "status", "0420", "0400":
		w.ask(s.what, n, s.n)
	case "habit":
		w.habit(s.n)
	case "close case":
		w.closeCases()
	case "reach":
		w.reach(n)
	case "doubled":
		w.double(s.n % len(w.sales))
	case "write", "write unseen":
		w.flush(w.from(n, func(n *modelNode) bool { return len(n.queue) > 0 }), s.what == "write")
	case "learn":
		n = w.from(n, func(n *modelNode) bool { return n.writes() && len(n.doubtful) > 0 })
		if learned := n.learn(); learned > 0 {
			w.note("%s learns of %d records", n.name, learned)
		}
	case "arrive", "arrive oddly", "answer", "answer elsewhere", "mis-keyed", "lose":
		w.carry(s.what, s.n, n)
	case "wait":
		d := pauses[s.n%len(pauses)]
		if d > time.Minute {
			w.work()
		}
		w.pass(d)
	case "reversals", "terminal", "account", "refuse", "cut-over", "close day":
		w.change(s.what, s.n, n)
	default:
		w.disturb(s.what, s.n, n)
	}
}

// from is the first node, from one on, where something can happen; that one if there is none.
func (w *world) from(n *modelNode, can func(*modelNode) bool) *modelNode {
	at := slices.Index(w.nodes, n)
	for _, other := range slices.Concat(w.nodes[at:], w.nodes[:at]) {
		if can(other) {
			return other
		}
	}
	return n
}

func (w *world) flush(n *modelNode, confirmed bool) {
	if n.dead || n.cut || n.stopped != nil && confirmed {
		return // What a paused process had sent may be written.
	}
	if e, o := n.flush(confirmed); e != nil {
		w.note("%s records %s: %s%s", n.name, e.Plan.Payment.Status, outcomeNames[o], map[bool]string{false: ", and does not know it"}[confirmed])
	}
}

var outcomeNames = map[recorder.Outcome]string{0: "given up", recorder.Written: "written", recorder.Lost: "lost", recorder.AccountNotOpen: "an account is not open", recorder.DayNotOpen: "the day is closed", recorder.Rejected: "refused"}

package endtoend

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"treasury-switch/identity"
	"treasury-switch/internal/pos"
	"treasury-switch/internal/threeway"
	"treasury-switch/iso"
	"treasury-switch/money"
	"treasury-switch/simulator"
)

// kills is how often the program is killed.
const kills = 22

// tills is how many terminals drive it.
const tills = 20

// Prices of the sample tariffs.
const (
	passportPrice = money.Rial(1_476_112)
	sheetPrice    = money.Rial(300_000)
)

// TestCrash kills the program with SIGKILL again and again under a load that misbehaves on both sides, and then compares
// the three records of every payment: what the terminals were told, what the switch has recorded, and what
// the network has debited. The seed of the load is printed, and can be given in the constant below to see a run again,
// though the interleaving of processes is never the same.
func TestCrash(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := newRig(t, hasty, seed)
	r.start()
	if err := r.sim.SetFaults(simulator.Faults{Drop: 2, Delay: 3, DelayMS: 300, Duplicate: 3, Corrupt: 2, Disconnect: 1, Misaddress: 3}); err != nil {
		t.Fatal(err)
	}
	c := newCrowd(r, seed)
	c.open()
	r.killAgain(rand.New(rand.NewPCG(seed, 0)), c)
	told := c.close()
	if err := r.sim.SetFaults(simulator.Faults{}); err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.agrees(told)
	r.check()
	c.wasWorthIt(told.Len())
}

// killAgain kills and restarts the program. Most of the crashes come after a few payments; some come while it is starting
// or at the moment in which it takes the first payment, because recovery must survive a crash too.
func (r *rig) killAgain(random *rand.Rand, c *crowd) {
	r.t.Helper()
	for n := range kills {
		switch {
		case n%5 == 3: // While it starts: it is not ready yet.
		case n%5 == 4:
			c.await(1)
		default:
			c.await(int64(5 + random.IntN(30)))
		}
		r.node.Kill()
		from := r.log.count()
		r.begin()
		if n%5 == 2 {
			moments := []string{"the database is migrated", "sample data is loaded", "network link is signed on"}
			r.awaitLine(moments[random.IntN(len(moments))], from)
			continue // The next kill comes at once.
		}
		r.awaitReady(from)
	}
}

// crowd is many terminals that pay, repeat, reverse and ask, until they are stopped.
type crowd struct {
	rig      *rig
	seed     uint64
	stop     context.CancelFunc
	ctx      context.Context
	running  sync.WaitGroup
	finished atomic.Int64
	moved    chan struct{} // gets a token, if there is room, with every purchase that is through

	told  threeway.Book
	mu    sync.Mutex
	worth struct{ approved, repeated, missed, reversed, undecided int }
}

func newCrowd(r *rig, seed uint64) *crowd {
	c := &crowd{rig: r, seed: seed, moved: make(chan struct{}, 1)}
	c.ctx, c.stop = context.WithCancel(r.t.Context())
	return c
}

// open lets the terminals begin.
func (c *crowd) open() {
	for i := range tills {
		c.running.Go(func() { c.work(i) })
	}
}

// close stops the terminals, each after what it has begun, and returns what they know.
func (c *crowd) close() *threeway.Book {
	c.stop()
	c.running.Wait()
	return &c.told
}

// await waits until so many more purchases are through.
func (c *crowd) await(more int64) {
	c.rig.t.Helper()
	limit := time.NewTimer(settleLimit)
	defer limit.Stop()
	for goal := c.finished.Load() + more; c.finished.Load() < goal; {
		select {
		case <-c.moved:
		case <-limit.C:
			c.rig.t.Fatalf("no purchase was carried through in %s", settleLimit)
		}
	}
}

// work is one terminal. Patient terminals repeat until they are told how it ended; impatient ones give up and reverse.
func (c *crowd) work(i int) {
	random := rand.New(rand.NewPCG(c.seed, uint64(i)+1))
	patience := pos.Patience{Repeats: 40, Reversals: 200, Pause: 100 * time.Millisecond}
	if i%3 == 0 {
		patience.Repeats = 2
	}
	line := c.rig.line()
	agency := int32(101 + i%2)
	till := pos.New(fmt.Sprintf("%d000%02d", agency, 1+i/2), agency, random.IntN(900_000), time.Now)
	for c.ctx.Err() == nil {
		sale := pos.Sale{Card: card(c.rig.t, drawCard(random)), Amount: passportPrice, Service: "PASSPORT"}
		if agency == 102 {
			sale.Amount, sale.Service, sale.Units = sheetPrice, "COPY", 1
		}
		// A purchase under way is finished even when the test wants to stop.
		whole := context.WithoutCancel(c.ctx)
		done := till.Carry(whole, line, till.Purchase(sale), patience)
		c.afterwards(whole, random, till, line, &done, patience)
		c.enter(&done)
	}
}

// drawCard takes a card of the sandbox: most are good, some are declined, some are not answered in time.
func drawCard(random *rand.Rand) string {
	cards := []string{"6037990000000014", "6037990000000022", "6037990000000949"}
	switch n := random.IntN(100); {
	case n < 4:
		cards = []string{"6219860000000688", "6274120000000960", "6221060000000699"}
	case n < 10:
		cards = []string{"6104330000000516", "5892100000000552", "6037690000000911", "5022290000000612"}
	}
	return cards[random.IntN(len(cards))]
}

// afterwards is what happens to a purchase that is through: some are sent again and must get the same answer, some are asked
// about, some are taken back.
func (c *crowd) afterwards(ctx context.Context, random *rand.Rand, till *pos.Terminal, line *pos.Line, done *pos.Carried, p pos.Patience) {
	if done.Answer == nil || !recorded(done.Code()) {
		return
	}
	switch n := random.IntN(100); {
	case n < 6:
		c.same("a repeat", done, ctx, line, till.Repeat(done.Request))
	case n < 10:
		c.same("the status", done, ctx, line, till.Status(done.Request))
	case n < 16:
		till.Undo(ctx, line, done, p)
	}
}

// recorded reports whether a code is the stored answer of a payment. 91 may also be said before anything is stored, and
// then the next answer may be another one.
func recorded(code iso.Code) bool { return code != iso.RC91Inoperative }

// same sends a message about a purchase and wants its code to be the purchase's, where an answer comes.
func (c *crowd) same(what string, done *pos.Carried, ctx context.Context, line *pos.Line, m *iso.Message) {
	answer, err := line.Exchange(ctx, m)
	if err != nil {
		return
	}
	code := pos.Code(answer)
	done.Attempts = append(done.Attempts, pos.Attempt{MTI: m.MTI, Code: code})
	if code != done.Code() && recorded(code) && code != iso.RC09InProgress {
		c.rig.t.Errorf("%s of %v says %s, and its answer was %s", what, threeway.RequestOf(done.Request), code, done.Code())
	}
}

// enter notes a purchase that is through.
func (c *crowd) enter(done *pos.Carried) {
	c.told.Carried(done)
	c.mu.Lock()
	defer c.mu.Unlock()
	w := &c.worth
	w.missed += done.Missed
	for counter, is := range map[*int]bool{&w.approved: done.Code() == iso.RC00Approved, &w.repeated: done.Sent > 1,
		&w.reversed: done.Reversed, &w.undecided: done.Answer == nil} {
		if is {
			*counter++
		}
	}
	c.finished.Add(1)
	select {
	case c.moved <- struct{}{}:
	default:
	}
}

// wasWorthIt fails a run that has met too little to prove anything.
func (c *crowd) wasWorthIt(purchases int) {
	c.rig.t.Helper()
	w := c.worth
	c.rig.t.Logf("%d kills, %d purchases: %d approved, %d repeated, %d messages unanswered, %d reversed, %d without a final answer",
		kills, purchases, w.approved, w.repeated, w.missed, w.reversed, w.undecided)
	if w.approved < 50 || w.repeated < 20 || w.missed < 20 || w.reversed < 10 {
		c.rig.t.Error("too little has happened for this test to prove anything")
	}
}

// settle waits until no payment is without an outcome, no reversal is queued, and the network has nothing left to say.
func (r *rig) settle() {
	r.t.Helper()
	pool := r.owner()
	r.eventually(settleLimit, "everything is settled", func() bool {
		waiting := r.sim.Ledger().Totals.Waiting
		left, err := threeway.CountUnsettled(r.t.Context(), pool, r.since)
		if err != nil {
			r.t.Fatal(err)
		}
		return waiting == 0 && left.None()
	})
}

// agrees checks terminals, switch and network against each other. Nothing is left for a person.
func (r *rig) agrees(told *threeway.Book) {
	r.t.Helper()
	payments, err := threeway.Payments(r.t.Context(), r.owner(), r.since)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range threeway.Compare(payments, threeway.DebitsOf(r.sim.Ledger()), told.All) {
		r.t.Errorf("%s: %s: %s", f.Rule, f.ID, f.Detail)
	}
}

// card is a card number that is one.
func card(t testing.TB, digits string) identity.PAN {
	t.Helper()
	p, err := identity.ParsePAN(digits)
	if err != nil {
		t.Fatalf("%s...: %v", digits[:6], err)
	}
	return p
}

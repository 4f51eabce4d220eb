package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"treasury-switch/internal/pos"
	"treasury-switch/internal/stage"
	"treasury-switch/iso"
	"treasury-switch/simulator"
)

// maxConnections is how many terminals of each of two agencies the load may use, from tillsFrom on.
const (
	maxConnections = 16
	tillsFrom      = 10
)

// patience of the terminals in the load: longer than the switch is away.
var patience = pos.Patience{Repeats: 60, Reversals: 60, Pause: 250 * time.Millisecond}

// mix is the cards of the load. Besides these every twentieth card is refused or silent.
var (
	good     = []string{"6037990000000014", "6037990000000022", "6037990000000949"}
	bad      = []string{"6104330000000516", "5892100000000552", "6273530000000540", "6037690000000911"}
	dangling = []string{"6219860000000688", "6274120000000960", "6221060000000699"}
)

// faults of the network while the load runs: a few answers are lost, late or doubled.
var faults = simulator.Faults{Drop: 1, Delay: 3, DelayMS: 400, Duplicate: 3, On: simulator.All}

// crowd is the load while it runs.
type crowd struct {
	tour     *tour
	next     atomic.Int64 // purchases begun
	open     atomic.Int64 // exchanges under way
	finished atomic.Int64
	crashing chan struct{} // closed when it is time for the crash

	mu  sync.Mutex
	sum sums
}

// sums are what the terminals of the load have seen.
type sums struct {
	codes              map[iso.Code]int
	repeats, reversals int
	changed            int // repeats that were answered otherwise than the first time
}

// load runs purchases over many connections, kills the switch when two fifths of them are through, and starts it again.
func (t *tour) load(ctx context.Context) error {
	if err := stage.SetFaults(ctx, t.control(), faults); err != nil {
		return err
	}
	c := &crowd{tour: t, crashing: make(chan struct{}), sum: sums{codes: map[iso.Code]int{}}}
	say("\nload          %d purchases over %d connections (seed %d); the network loses, delays and doubles some answers", t.Purchases, t.Connections, t.seed)
	began := time.Now()
	var running sync.WaitGroup
	for i := range t.Connections {
		running.Go(func() { c.work(ctx, i) })
	}
	crashed := c.crash(ctx)
	running.Wait()
	if crashed == nil {
		crashed = ctx.Err()
	}
	if crashed != nil {
		return crashed
	}
	say("load          done in %s", time.Since(began).Round(100*time.Millisecond))
	c.print()
	return stage.SetFaults(ctx, t.control(), simulator.Faults{})
}

// crash waits until enough purchases are through, kills the switch, and starts it again.
func (c *crowd) crash(ctx context.Context) error {
	select {
	case <-c.crashing:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	open := c.open.Load()
	c.tour.Switch.Kill()
	say("CRASH         the switch is killed (SIGKILL) after %d purchases, with %d exchanges under way", c.finished.Load(), open)
	began := time.Now()
	if err := c.tour.StartSwitch(ctx); err != nil {
		return err
	}
	say("switch        takes payments again after %s", time.Since(began).Round(10*time.Millisecond))
	return nil
}

// work is one connection with its terminal, until all purchases are begun.
func (c *crowd) work(ctx context.Context, i int) {
	random := rand.New(rand.NewPCG(c.tour.seed, uint64(i)+1))
	line := pos.NewLine(c.tour.options.Terminals, terminalTimer)
	defer line.Close()
	agency, service, price, units := int32(101), passport, passportPrice, int64(0)
	if i%2 == 1 {
		agency, service, price, units = 102, copies, sheetPrice, 1
	}
	till := pos.New(fmt.Sprintf("%d000%02d", agency, tillsFrom+i/2), agency, random.IntN(900_000), time.Now)
	for ctx.Err() == nil && c.next.Add(1) <= int64(c.tour.Purchases) {
		sale := pos.Sale{Card: pan(draw(random)), Amount: price, Service: service, Units: units}
		c.open.Add(1)
		done := till.Carry(ctx, line, till.Purchase(sale), patience)
		changed := c.afterwards(ctx, random, till, line, &done)
		c.open.Add(-1)
		c.enter(&done, changed)
	}
}

// draw takes a card: most are good, one in twenty is refused, one in a hundred is never answered or too late.
func draw(random *rand.Rand) string {
	cards := good
	switch n := random.IntN(100); {
	case n < 1:
		cards = dangling
	case n < 6:
		cards = bad
	}
	return cards[random.IntN(len(cards))]
}

// afterwards has a few terminals repeat a finished purchase, and a few reverse it. It reports whether a repeat was answered
// otherwise than before.
func (c *crowd) afterwards(ctx context.Context, random *rand.Rand, till *pos.Terminal, line *pos.Line, done *pos.Carried) bool {
	changed := false
	switch n := random.IntN(100); {
	case done.Answer == nil:
	case n < 4:
		if again, err := line.Exchange(ctx, till.Repeat(done.Request)); err == nil {
			changed = pos.Code(again) != done.Code()
			done.Attempts = append(done.Attempts, pos.Attempt{MTI: done.Request.MTI.Repeat(), Code: pos.Code(again)})
		}
	case n < 8 && done.Code() == iso.RC00Approved:
		till.Undo(ctx, line, done, patience)
	}
	return changed
}

// enter notes a purchase that is through.
func (c *crowd) enter(done *pos.Carried, changed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tour.told.Carried(done)
	c.sum.codes[done.Code()]++
	c.sum.repeats += max(done.Sent-1, 0)
	if done.Reversing {
		c.sum.reversals++
	}
	if changed {
		c.sum.changed++
		c.tour.failed++
	}
	if c.finished.Add(1) == int64(c.tour.Purchases)*2/5 {
		close(c.crashing)
	}
}

package node

import (
	"context"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/iso/shetab"
	"treasury-switch/ledger"
	"treasury-switch/switch/recorder"

	switching "treasury-switch/switch"
	"treasury-switch/switch/payment"
)

// record leases the lanes and begins to record. Leasing writes each lane's row with synchronous_commit on: that is the
// barrier write after which everything that an earlier life of this node has committed is certain to be seen.
func (n *Node) record(ctx context.Context) (err error) {
	n.recorder, err = recorder.Open(ctx, recorder.Config{
		Address: n.database.Address, Node: n.config.Name, Lanes: n.config.Lanes, Patience: n.config.Patience,
		Lease: n.config.Lease, Beat: n.config.Beat, AskAfter: n.config.CommitAsk, Check: n.timelines.Check,
		Observe: n.metrics, Log: n.log, Now: n.clock.Now, Steady: n.clock.Steady, Sampled: n.clock.Observe,
	})
	if err != nil {
		return err
	}
	n.run("the recorder", stopLimit, func(ctx context.Context) error { n.recorder.Run(ctx); return nil })
	return nil
}

// prepareLinks makes the routes to the card networks, which are down until signOn. In development the one network is a
// simulator and serves both books.
func (n *Node) prepareLinks(context.Context) (err error) {
	c := n.config.Network
	books := []ledger.Book{ledger.Live}
	if n.config.Dev && len(c.TestAddresses) == 0 {
		books = append(books, ledger.Test)
	}
	if n.real, err = n.newRoute("link", c.Addresses, books...); err != nil {
		return err
	}
	n.links = n.real.links
	if len(c.TestAddresses) > 0 {
		n.test, err = n.newRoute("test", c.TestAddresses, ledger.Test)
	}
	return err
}

// network is the switch's view of the routes.
func (n *Node) network() switching.Network {
	b := byBook{live: n.real.asked}
	switch {
	case n.test.asked != nil:
		b.test = n.test.asked
	case len(n.real.books) > 1:
		b.test = n.real.asked
	}
	return b
}

// acceptor is how cardholders see an agency.
func (n *Node) acceptor(agency int32) shetab.Acceptor {
	a, _ := n.lists.Current().Agency(agency)
	return shetab.Acceptor{Name: a.Name, City: n.config.Network.City}
}

func (n *Node) makeSwitch(context.Context) (err error) {
	n.payments, err = switching.New(n.config.Switch, switching.Parts{
		Store: switching.NewStore(n.pool), Recorder: n.recorder, Numbers: payment.NewNumbers(n.pool, n.config.Name), Vault: n.vault,
		Directory: n.lists.Current, Tariffs: n.tariffs.Current, Network: n.network(),
		Observe: n.metrics, Log: n.log, Now: n.clock.Now,
	})
	return err
}

// recover makes the partitions and card keys of the coming days, and queues the reversal of every payment that a crash left
// in doubt, before a new one is taken.
func (n *Node) recover(ctx context.Context) error {
	if err := n.payments.Prepare(ctx); err != nil {
		return fault.New(fault.Unavailable, "prepare the database for the coming days: %w", err)
	}
	n.payments.Recover(ctx)
	return nil
}

// signOn starts the links and waits a bounded time for the first of them. The switch starts even if the network is away:
// payments are then answered 91, and readiness tells why.
func (n *Node) signOn(ctx context.Context) error {
	n.runRoute("network", n.real)
	if n.test.links != nil {
		n.runRoute("test network", n.test)
	}
	waiting, cancel := context.WithTimeout(ctx, n.config.Network.SignOnWait)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !n.links.SignedOn() {
		select {
		case <-tick.C:
		case <-waiting.Done():
			if ctx.Err() != nil {
				return fault.New(fault.Unavailable, "the start was interrupted")
			}
			n.log.Warn("no network link is signed on yet: payments are answered 91 until one is", "addresses", n.config.Network.Addresses)
			return nil
		}
	}
	return nil
}

// work starts the background work: sweeping, sending reversals, preparing days. It ends after the drain.
func (n *Node) work(context.Context) error {
	for what, loop := range map[string]func(context.Context){
		"the sweep": n.payments.Sweep, "the sending of reversals": n.payments.Forward, "the housekeeping": n.payments.Housekeep,
	} {
		n.run(what, stopLimit, func(ctx context.Context) error { loop(ctx); return nil })
	}
	n.undo("payments in flight", n.config.Switch.Timers.Switch+5*time.Second, n.payments.Drain)
	return nil
}

// today is the business day of a terminal's book.
func (n *Node) today(terminal string) calendar.Date {
	t, ok := n.lists.Current().Terminal(terminal)
	if !ok {
		return 0
	}
	return n.payments.Today(t.Book)
}

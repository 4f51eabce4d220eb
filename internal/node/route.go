package node

import (
	"context"
	"fmt"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/iso/network"
	"treasury-switch/iso/shetab"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// route leads to one card network: its links, their unsolicited messages, and the books whose payments take it.
type route struct {
	links *network.Pool
	inbox *shetab.Inbox
	asked *loggedNetwork
	books []ledger.Book
}

// newRoute makes the links of a route, which are down until they run.
func (n *Node) newRoute(prefix string, addresses []string, books ...ledger.Book) (r route, err error) {
	c := n.config.Network
	r.books = books
	if r.inbox, err = shetab.NewInbox(shetab.InboxConfig{Dialect: c.Wire.Dialect, Institution: c.Institution, AgencyOf: n.agencyOf,
		Alarm: n.brokeOff, Now: n.clock.Now, Logger: n.log}); err != nil {
		return r, err
	}
	pool := network.PoolConfig{Events: r.inbox.Receive, Logger: n.log, Now: n.clock.Now}
	for i := range c.Count {
		pool.Links = append(pool.Links, network.Config{
			Name: fmt.Sprintf("%s-%d", prefix, i+1), Addresses: addresses, Dialect: c.Wire.Dialect, Framing: c.Wire.Framing, MAC: c.Wire.MAC,
			Institution: c.Institution, Network: c.Receiver, EchoInterval: c.EchoInterval, KeepAlive: c.KeepAlive, MaxInFlight: c.MaxInFlight,
			AnswerTimeout: n.config.Switch.Timers.Network, DrainTimeout: n.config.Switch.Timers.Network + time.Second,
		})
	}
	if r.links, err = network.NewPool(pool); err != nil {
		return r, err
	}
	asked, err := shetab.New(shetab.Config{Dialect: c.Wire.Dialect, Receiver: c.Receiver, Acceptor: n.acceptor, Now: n.clock.Now}, r.links)
	r.asked = logNetwork(asked, n.log)
	return r, err
}

// run starts the route's links and what listens to them.
func (n *Node) runRoute(name string, r route) {
	listener := bookListener{Switch: n.payments, books: r.books}
	n.run("late answers of the "+name, stopLimit, func(ctx context.Context) error { r.inbox.Run(ctx, listener); return nil })
	// A sign-off waits for what is in flight, so this takes at most the network timer and the waits of the links.
	n.run("the links of the "+name, n.config.Switch.Timers.Network+time.Minute, r.links.Run)
}

// bookListener opens business days in the books of its route alone.
type bookListener struct {
	*switching.Switch
	books []ledger.Book
}

// OpenDay follows the cut-over of the route's network.
func (l bookListener) OpenDay(ctx context.Context, day calendar.Date) error {
	return l.Switch.OpenDay(ctx, day, l.books...)
}

// byBook keeps test payments away from the real network: they take the route of the test network, or none.
type byBook struct {
	live, test switching.Network // test is nil where no test network is set
}

func (b byBook) of(i *payment.Intent) (switching.Network, error) {
	switch {
	case i.Book != ledger.Test:
		return b.live, nil
	case b.test == nil:
		return nil, fault.New(fault.Unavailable, "no network is set for test payments (TREASURY_TEST_NETWORK)")
	}
	return b.test, nil
}

// Authorise asks the network of the payment's book for a debit.
func (b byBook) Authorise(ctx context.Context, debit switching.Debit) (payment.Answered, error) {
	to, err := b.of(debit.Intent)
	if err != nil {
		return payment.Answered{}, err
	}
	return to.Authorise(ctx, debit)
}

// Reverse asks the network of the payment's book for a reversal.
func (b byBook) Reverse(ctx context.Context, reversal switching.Reversal) (payment.ReversalAnswered, error) {
	to, err := b.of(reversal.Intent)
	if err != nil {
		return payment.ReversalAnswered{}, err
	}
	return to.Reverse(ctx, reversal)
}

// Ready reports whether the real network can be asked.
func (b byBook) Ready() bool { return b.live.Ready() }

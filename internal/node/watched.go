package node

import (
	"context"
	"time"

	"treasury-switch/internal/metrics"
	"treasury-switch/iso"
	"treasury-switch/iso/network"
	"treasury-switch/iso/shetab"
	"treasury-switch/ledger"
)

// watched are the parts of the node that the metrics read.
func (n *Node) watched() metrics.Sources {
	return metrics.Sources{
		Listener: n.listener.Load(), Channel: n.channel, Links: n.allLinks(), Unasked: n.unasked, Recorder: n.recorder, Payments: n.payments,
		Days: n.days, Database: n.connections, Clocks: n.clocks, Ready: n.conditionsMet,
	}
}

// message counts a message of a terminal under the terminal's channel.
func (n *Node) message(m *iso.Message, code string, took time.Duration) {
	n.metrics.Message(n.payments.ChannelOf(m.Get(iso.FieldTerminal)), m.MTI, code, took)
}

// days gives the beginnings of the current business days.
func (n *Node) days() map[string]time.Time {
	begins := map[string]time.Time{}
	for _, book := range []ledger.Book{ledger.Live, ledger.Test} {
		if day := n.payments.Today(book); !day.IsZero() {
			begins[book.String()] = day.Begins()
		}
	}
	return begins
}

// connections gives the state of the pool, without the lanes.
func (n *Node) connections() metrics.Connections {
	s := n.pool.Stat()
	return metrics.Connections{InUse: s.AcquiredConns(), Idle: s.IdleConns(), Limit: s.MaxConns(),
		Acquires: s.AcquireCount(), Waits: s.EmptyAcquireCount(), Waited: s.AcquireDuration()}
}

// conditionsMet is the readiness without its reasons.
func (n *Node) conditionsMet() map[string]bool {
	met := map[string]bool{}
	for _, c := range n.Ready(context.Background()).Checks {
		met[c.Name] = c.Ready
	}
	return met
}

// unasked adds up, over all routes, the outcomes of messages that no request was waiting for.
func (n *Node) unasked() map[shetab.Outcome]uint64 {
	counts := n.real.inbox.Counts()
	if n.test.inbox != nil {
		for outcome, more := range n.test.inbox.Counts() {
			counts[outcome] += more
		}
	}
	return counts
}

// routes are the links of every card network, as one list.
type routes []*network.Pool

func (n *Node) allLinks() routes {
	all := routes{n.real.links}
	if n.test.links != nil {
		all = append(all, n.test.links)
	}
	return all
}

// Status describes the links of every route.
func (r routes) Status() []network.Status {
	var list []network.Status
	for _, pool := range r {
		list = append(list, pool.Status()...)
	}
	return list
}

// EventCounts adds up the events of every route.
func (r routes) EventCounts() (counts map[network.EventKind]uint64, lost uint64) {
	counts = map[network.EventKind]uint64{}
	for _, pool := range r {
		some, gone := pool.EventCounts()
		for kind, n := range some {
			counts[kind] += n
		}
		lost += gone
	}
	return counts, lost
}

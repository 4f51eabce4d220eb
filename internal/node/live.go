package node

import (
	"time"

	"treasury-switch/iso/network"
)

// Live is what is connected to a node now, for operators.
type Live struct {
	Node      string            `json:"node"`
	Links     []Link            `json:"links"`
	Events    map[string]uint64 `json:"events"` // of the network, since the start
	Terminals []Connection      `json:"terminals"`
}

// Link is a connection to the card network.
type Link struct {
	Name       string    `json:"name"`
	State      string    `json:"state"`
	Address    string    `json:"address"`
	Since      time.Time `json:"since"`
	InFlight   int       `json:"in_flight"`
	Sent       uint64    `json:"sent"`
	Answered   uint64    `json:"answered"`
	Unanswered uint64    `json:"unanswered"`
	Failures   uint64    `json:"failures"`
	LastError  string    `json:"last_error,omitempty"`
	// HalfWithin and MostWithin are the seconds within which half, and 99 of 100, of the answered requests were answered
	// since the start of the node; 0 if none was, or if it took longer than the longest bound that is counted by.
	HalfWithin float64 `json:"half_within_seconds"`
	MostWithin float64 `json:"most_within_seconds"`
}

// Connection is a terminal's, or a concentrator's.
type Connection struct {
	ID       uint64    `json:"id"`
	Remote   string    `json:"remote"`
	Since    time.Time `json:"since"`
	LastSeen time.Time `json:"last_seen,omitzero"`
	Messages uint64    `json:"messages"`
	InFlight int       `json:"in_flight"`
}

// live looks at the links and the listener.
func (n *Node) live() Live {
	l := Live{Node: n.config.Name, Links: []Link{}, Events: map[string]uint64{}, Terminals: []Connection{}}
	for _, s := range n.allLinks().Status() {
		l.Links = append(l.Links, Link{Name: s.Name, State: s.State.String(), Address: s.Address, Since: s.Since, InFlight: s.InFlight,
			Sent: s.Sent, Answered: s.Answered, Unanswered: s.Unanswered, Failures: s.Failures, LastError: s.LastError,
			HalfWithin: s.RoundTrips.Within(50).Seconds(), MostWithin: s.RoundTrips.Within(99).Seconds()})
	}
	counts, lost := n.allLinks().EventCounts()
	for kind, count := range counts {
		if kind != network.SignedOn && count > 0 {
			l.Events[kind.String()] = count
		}
	}
	if lost > 0 {
		l.Events["lost"] = lost
	}
	if listener := n.listener.Load(); listener != nil {
		for _, s := range listener.Sessions() {
			l.Terminals = append(l.Terminals, Connection{ID: s.ID, Remote: s.Remote, Since: s.Since, LastSeen: s.LastSeen,
				Messages: s.Messages, InFlight: s.InFlight})
		}
	}
	return l
}

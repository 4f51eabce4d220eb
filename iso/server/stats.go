package server

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

// Reason is why a connection was refused or closed.
type Reason string

// Reasons to refuse a connection.
const (
	ReasonTotal   Reason = "too many connections"
	ReasonAddress Reason = "too many connections from the address"
	ReasonClosing Reason = "server is closing"
)

// Reasons to close a connection.
const (
	ReasonPeer         Reason = "closed by the peer"
	ReasonIdle         Reason = "idle"
	ReasonSlowFrame    Reason = "frame not finished in time"
	ReasonHalfFrame    Reason = "half a frame"
	ReasonFrameLength  Reason = "frame length"
	ReasonUnparsable   Reason = "message type or bitmap unreadable"
	ReasonReadFailed   Reason = "read failed"
	ReasonWriteFailed  Reason = "write failed"
	ReasonWriteTimeout Reason = "write not finished in time"
	ReasonDrained      Reason = "drained"
	ReasonForced       Reason = "server was closed"
	ReasonOperator     Reason = "closed by an operator or handler"
	ReasonBug          Reason = "a bug while reading or writing"
)

// Stats are the totals of a Server since it was made. Open and InFlight are current numbers.
type Stats struct {
	Open, InFlight int
	// Accepted connections; Refused and Closed ones by their reason.
	Accepted        uint64
	Refused, Closed map[Reason]uint64
	// AcceptErrors counts failures of accept itself, such as no free descriptors.
	AcceptErrors uint64
	// Messages read; of them Malformed, Untrusted (wrong MAC) and Panics.
	Messages, Malformed, Untrusted, Panics uint64
	// KeepAlives are skipped frames of length zero.
	KeepAlives uint64
	// Answers written; Undeliverable ones were made after the connection was lost; Unpackable ones broke the dialect
	// and were replaced by a 96.
	Answers, Undeliverable, Unpackable uint64
}

// SessionInfo describes one open connection to an operator.
type SessionInfo struct {
	ID       uint64
	Remote   string
	Since    time.Time
	LastSeen time.Time // when the last message was read; zero if none was
	Messages uint64
	InFlight int
}

// counters are the running totals behind Stats.
type counters struct {
	accepted, acceptErrors                 atomic.Uint64
	messages, malformed, untrusted, panics atomic.Uint64
	keepAlives                             atomic.Uint64
	answers, undeliverable, unpackable     atomic.Uint64

	mu              sync.Mutex
	refused, closed map[Reason]uint64
}

// refuse counts a refused connection.
func (c *counters) refuse(r Reason) { c.count(&c.refused, r) }

// end counts a connection that has ended.
func (c *counters) end(r Reason) { c.count(&c.closed, r) }

// count adds one to a reason. Reasons are constants of this package, so the maps
// stay small.
func (c *counters) count(m *map[Reason]uint64, r Reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if *m == nil {
		*m = make(map[Reason]uint64)
	}
	(*m)[r]++
}

// snapshot reads the totals one by one, so two of them may be from slightly different times.
func (c *counters) snapshot() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Stats{
		Accepted:      c.accepted.Load(),
		Refused:       maps.Clone(c.refused),
		Closed:        maps.Clone(c.closed),
		AcceptErrors:  c.acceptErrors.Load(),
		Messages:      c.messages.Load(),
		Malformed:     c.malformed.Load(),
		Untrusted:     c.untrusted.Load(),
		Panics:        c.panics.Load(),
		KeepAlives:    c.keepAlives.Load(),
		Answers:       c.answers.Load(),
		Undeliverable: c.undeliverable.Load(),
		Unpackable:    c.unpackable.Load(),
	}
}

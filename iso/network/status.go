package network

import (
	"sync/atomic"
	"time"
)

// State is the state of a link.
type State uint8

const (
	// Down: there is no connection; the next attempt is scheduled.
	Down State = iota
	// Connecting: a connection is being opened.
	Connecting
	// Connected: there is a connection and the sign-on has not been answered.
	Connected
	// Ready: signed on; requests are taken.
	Ready
	// Draining: requests in flight may still be answered, new ones are refused.
	Draining
	// Disabled: an operator has taken the link out of service.
	Disabled
)

// String names the state for operators.
func (s State) String() string {
	return [...]string{"down", "connecting", "connected", "signed on", "draining", "disabled"}[min(s, Disabled)]
}

// away reports whether the link carries nothing although it should.
func (s State) away() bool { return s == Down || s == Connecting || s == Connected }

// Status describes one link to an operator.
type Status struct {
	Name    string
	State   State
	Address string    // of the present or last attempt
	Since   time.Time // when the state began; while the link is down or connecting: when it was last up, or made
	// InFlight requests wait for an answer.
	InFlight int
	// LastError is why the last connection or attempt ended; "" if none has.
	LastError string
	Totals
}

// Totals count what a link has done since it was made.
type Totals struct {
	// Connects are connections opened; Failures are attempts and connections that
	// ended otherwise than in order.
	Connects, Failures uint64
	// Sent requests were given to write; Answered ones got a trusted answer; NotSent
	// ones were refused or given up before; Unanswered ones ended without an answer.
	Sent, Answered, NotSent, Unanswered uint64
	// EchoesMissed were not answered in time.
	EchoesMissed uint64
	// KeepAlives are skipped frames of length zero.
	KeepAlives uint64
	// RoundTrips are the times of the answered requests.
	RoundTrips RoundTrips
}

// totals are the running counters behind Totals.
type totals struct {
	connects, failures, sent, answered, notSent, unanswered, echoesMissed, keepAlives atomic.Uint64
	roundTrips                                                                        roundTrips
}

// snapshot reads the counters one by one.
func (t *totals) snapshot() Totals {
	return Totals{
		Connects:     t.connects.Load(),
		Failures:     t.failures.Load(),
		Sent:         t.sent.Load(),
		Answered:     t.answered.Load(),
		NotSent:      t.notSent.Load(),
		Unanswered:   t.unanswered.Load(),
		EchoesMissed: t.echoesMissed.Load(),
		KeepAlives:   t.keepAlives.Load(),
		RoundTrips:   t.roundTrips.snapshot(),
	}
}

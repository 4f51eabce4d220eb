package server

import (
	"context"
	"log/slog"
	"time"

	"treasury-switch/internal/defaults"
	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/security/mac"
)

// Handler answers one message; nil means no answer. It runs in a goroutine of its own and must neither change the
// request nor keep it after returning. Its context ends when the server is closed by force, never because the
// connection was lost. A panic is answered 96.
type Handler func(ctx context.Context, s *Session, m *iso.Message) *iso.Message

// MalformedHandler answers a message that could be read but breaks the rules of the dialect; faults lists all its
// faults.
type MalformedHandler func(ctx context.Context, s *Session, m *iso.Message, faults iso.Faults) *iso.Message

// Observer receives every answer: the request, which it must not keep, the answer's F39, and the time from the end of
// the request's frame until the answer was queued. It is called on the message's goroutine and must not block.
type Observer func(request *iso.Message, code string, took time.Duration)

// Config configures a Server. Zero limits and times take the defaults below.
type Config struct {
	// Name identifies the listener in logs and listings.
	Name string
	// Dialect and Direction define how messages are read and which rules apply.
	Dialect   *iso.Dialect
	Direction iso.Direction
	// Framing delimits messages on the stream; Framing.Max bounds a frame in bytes.
	Framing iso.Framing
	// KeepAlive: terminals send frames of length zero to keep their connections open. They are counted, but do not
	// count as traffic: an idle connection still ends. Without it such a frame closes the connection.
	KeepAlive bool
	// MAC, if set, must be right on every message, and every answer carries one.
	MAC mac.Code

	// MaxConns and MaxPerAddress bound the open connections, in total and from one IPv4 address or IPv6 /64 network.
	// A connection over a limit is closed at once.
	MaxConns, MaxPerAddress int
	// MaxInFlight bounds the messages of one connection that have been read and whose answers have not been written.
	// At the limit reading pauses.
	MaxInFlight int
	// ReadTimeout bounds a frame from its first byte to its last.
	ReadTimeout time.Duration
	// WriteTimeout bounds one write.
	WriteTimeout time.Duration
	// IdleTimeout closes an idle connection.
	IdleTimeout time.Duration
	// LingerTimeout bounds the wait for pending answers once the peer has stopped sending. It should exceed the
	// longest time to make an answer.
	LingerTimeout time.Duration

	// Handler answers well-formed messages.
	Handler Handler
	// Malformed answers faulty ones. Nil answers the code of the faults with Refuse.
	Malformed MalformedHandler
	// Untrusted answers well-formed messages without the right MAC. Nil answers 63 with Refuse.
	Untrusted Handler
	// Broken is the code for a message whose handler panicked, or whose answer does not fit the dialect. Nil answers
	// 96, which means that nothing was done.
	Broken func(m *iso.Message) iso.Code
	// Observe, if set, receives every answer.
	Observe Observer
	// Logger, if set, receives what went wrong, at a bounded rate.
	Logger *slog.Logger
}

// Limits and times of a Config that leaves them zero.
const (
	DefaultMaxConns      = 4096
	DefaultMaxPerAddress = 64
	DefaultMaxInFlight   = 256
	DefaultReadTimeout   = 5 * time.Second
	DefaultWriteTimeout  = 5 * time.Second
	DefaultIdleTimeout   = 5 * time.Minute
	DefaultLingerTimeout = 45 * time.Second
)

// complete fills in the defaults and refuses what cannot work (fault.Invalid).
func (c Config) complete() (Config, error) {
	if c.Dialect == nil || c.Handler == nil {
		return c, fault.New(fault.Invalid, "iso server %q: a dialect and a handler are needed", c.Name)
	}
	defaults.Positive(&c.MaxConns, DefaultMaxConns)
	defaults.Positive(&c.MaxPerAddress, DefaultMaxPerAddress)
	defaults.Positive(&c.MaxInFlight, DefaultMaxInFlight)
	defaults.Positive(&c.ReadTimeout, DefaultReadTimeout)
	defaults.Positive(&c.WriteTimeout, DefaultWriteTimeout)
	defaults.Positive(&c.IdleTimeout, DefaultIdleTimeout)
	defaults.Positive(&c.LingerTimeout, DefaultLingerTimeout)
	if c.Broken == nil {
		c.Broken = func(*iso.Message) iso.Code { return iso.RC96SystemMalfunction }
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

package network

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"time"

	"treasury-switch/internal/defaults"
	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/security/mac"
)

// Config describes one link. Zero limits and times take the defaults below.
type Config struct {
	// Name identifies the link for operators; it is unique within a pool.
	Name string
	// Addresses are host:port of the network's endpoint, the preferred one first.
	Addresses []string
	// Dialect, Framing and MAC are the agreement with the network.
	Dialect *iso.Dialect
	Framing iso.Framing
	MAC     mac.Code
	// KeepAlive: the network sends frames of length zero to keep the connection open. They are counted, but do not
	// count as traffic: a connection with nothing else still ends. Without it such a frame ends the connection.
	KeepAlive bool
	// Institution is our code (F33 of our 0800), Network the network's (F100 of our 0810 if its request names none);
	// up to 11 digits.
	Institution, Network string

	// DialTimeout, ReadTimeout (of a frame from its first byte) and WriteTimeout bound
	// the calls to the socket.
	DialTimeout, ReadTimeout, WriteTimeout time.Duration
	// EchoInterval is the time between two 0800/301, EchoTimeout the wait for the
	// answer of any 0800; after EchoMisses echoes in a row without an answer the
	// connection is given up.
	EchoInterval, EchoTimeout time.Duration
	EchoMisses                int
	// AnswerTimeout bounds an exchange whose context has no earlier deadline.
	AnswerTimeout time.Duration
	// DrainTimeout bounds the wait for requests in flight before a connection is
	// closed in order. It should exceed AnswerTimeout.
	DrainTimeout time.Duration
	// BackoffFirst is the pause after the first failure to connect or sign on; it
	// doubles up to BackoffMost. Half of each pause is random.
	BackoffFirst, BackoffMost time.Duration
	// MaxInFlight bounds the requests of the link that wait for an answer.
	MaxInFlight int
}

// Limits and times of a Config that leaves them zero. The network answers within 25 s
// and the switch waits 30 s.
const (
	DefaultDialTimeout   = 5 * time.Second
	DefaultReadTimeout   = 5 * time.Second
	DefaultWriteTimeout  = 5 * time.Second
	DefaultEchoInterval  = 30 * time.Second
	DefaultEchoTimeout   = 10 * time.Second
	DefaultEchoMisses    = 3
	DefaultAnswerTimeout = 30 * time.Second
	DefaultDrainTimeout  = 35 * time.Second
	DefaultBackoffFirst  = 500 * time.Millisecond
	DefaultBackoffMost   = 30 * time.Second
	DefaultMaxInFlight   = 4096
)

// PoolConfig describes a pool of links.
type PoolConfig struct {
	Links []Config
	// Events receives what no caller of Exchange waits for, one event at a time and in the order of each link. It may
	// block, which in the end slows the network down.
	Events func(Event)
	// EventQueue bounds the events that wait for the receiver (default 4096).
	EventQueue int
	// EventGrace bounds the wait for the receiver of events when the pool ends (default 5 s).
	EventGrace time.Duration
	// Remember and RememberFor bound the ended requests that are kept to tell a late or duplicate answer from a
	// foreign one (default 131,072 and 10 minutes).
	Remember    int
	RememberFor time.Duration
	Logger      *slog.Logger
	// Now is the wall clock, for F7, F12, F13 and listings only (default time.Now).
	Now func() time.Time
	// Random returns a number in [0, n) for the jitter of reconnecting (default the
	// runtime's generator).
	Random func(n int64) int64
	// Dial opens a connection (default TCP with keepalive).
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// complete fills in the defaults and refuses what cannot work (fault.Invalid).
func (c Config) complete() (Config, error) {
	if c.Name == "" || c.Dialect == nil || len(c.Addresses) == 0 {
		return c, fault.New(fault.Invalid, "network link %q: a name, a dialect and an address are needed", c.Name)
	}
	defaults.Positive(&c.DialTimeout, DefaultDialTimeout)
	defaults.Positive(&c.ReadTimeout, DefaultReadTimeout)
	defaults.Positive(&c.WriteTimeout, DefaultWriteTimeout)
	defaults.Positive(&c.EchoInterval, DefaultEchoInterval)
	defaults.Positive(&c.EchoTimeout, DefaultEchoTimeout)
	defaults.Positive(&c.AnswerTimeout, DefaultAnswerTimeout)
	defaults.Positive(&c.DrainTimeout, DefaultDrainTimeout)
	defaults.Positive(&c.BackoffFirst, DefaultBackoffFirst)
	defaults.Positive(&c.BackoffMost, DefaultBackoffMost)
	defaults.Positive(&c.EchoMisses, DefaultEchoMisses)
	defaults.Positive(&c.MaxInFlight, DefaultMaxInFlight)
	return c, nil
}

// complete fills in the defaults of a pool.
func (c PoolConfig) complete() PoolConfig {
	if c.Events == nil {
		c.Events = func(Event) {}
	}
	defaults.Positive(&c.EventQueue, 4096)
	defaults.Positive(&c.Remember, 1<<17)
	defaults.Positive(&c.EventGrace, 5*time.Second)
	defaults.Positive(&c.RememberFor, 10*time.Minute)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Int64N
	}
	if c.Dial == nil {
		keepalive := net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}
		c.Dial = (&net.Dialer{KeepAliveConfig: keepalive}).DialContext
	}
	return c
}

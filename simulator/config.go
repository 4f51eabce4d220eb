package simulator

import (
	"cmp"
	"log/slog"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/digits"
	"treasury-switch/internal/fault"
	"treasury-switch/iso"
)

// Defaults of a Config that leaves them zero.
const (
	DefaultAddress        = "127.0.0.1:8600"
	DefaultControlAddress = "127.0.0.1:8601"
	// DefaultLate exceeds the switch's default timer of 30 s.
	DefaultLate = 35 * time.Second
	// DefaultStale is how far F7 may lie from the simulator's clock.
	DefaultStale = 60 * time.Second
	// DefaultMaxRequests takes about 250 MB when it is reached.
	DefaultMaxRequests = 1_000_000
	// DefaultInstitution is the simulator's own institution code in F33 and F100.
	DefaultInstitution = "999999"
)

// maxLate bounds every delay of an answer.
const maxLate = 10 * time.Minute

// Config is what a Simulator needs. Zero values take the defaults above.
type Config struct {
	// Address and ControlAddress are where switches and operators connect; port 0
	// takes a free one.
	Address, ControlAddress string
	// Day is the business day to begin with; none means today in Tehran.
	Day calendar.Date
	// Late is how long the card that answers late is silent, and the delay of
	// delayed answers whose fault names none.
	Late time.Duration
	// Stale bounds the distance between a purchase's F7 and the clock, in either
	// direction; a purchase outside it is declined 12 and certainly not debited.
	Stale time.Duration
	// Seed makes the choice of faults repeatable.
	Seed uint64
	// Faults hold from the start.
	Faults Faults
	// MaxRequests bounds the requests remembered. At the bound the oldest declined
	// or reversed ones are forgotten; if all are live debits, new purchases are
	// declined 91.
	MaxRequests int
	// Institution is the simulator's code in F33 and F100, 1 to 11 digits.
	Institution string
	// Now is the clock, time.Now if nil. After calls f later unless stop was called
	// first and returned true, time.AfterFunc if nil.
	Now   func() time.Time
	After func(d time.Duration, f func()) (stop func() bool)
	// Tamper, if set, is called before the answer to a purchase or a reversal is sent, so that a test can delay or falsify
	// it. True means that it deals with the answer itself, and sends what it wants by send, now or later. It must not
	// change the answer it is given.
	Tamper func(scope Scope, answer *iso.Message, send func(*iso.Message)) bool
	// Logger hears of starts, cut-overs and changed faults, never of messages.
	Logger *slog.Logger
}

// complete fills in the defaults and refuses what cannot work (fault.Invalid).
func (c Config) complete() (Config, error) {
	c.Address = cmp.Or(c.Address, DefaultAddress)
	c.ControlAddress = cmp.Or(c.ControlAddress, DefaultControlAddress)
	c.Late = cmp.Or(c.Late, DefaultLate)
	c.Stale = cmp.Or(c.Stale, DefaultStale)
	c.MaxRequests = cmp.Or(c.MaxRequests, DefaultMaxRequests)
	c.Institution = cmp.Or(c.Institution, DefaultInstitution)
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Day = cmp.Or(c.Day, calendar.DateOf(c.Now()))
	if c.After == nil {
		c.After = func(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	switch {
	case c.Late < 0 || c.Late > maxLate:
		return c, fault.New(fault.Invalid, "simulator: late answers after %s: want at most %s", c.Late, maxLate)
	case c.Stale < time.Second || c.Stale > 24*time.Hour:
		return c, fault.New(fault.Invalid, "simulator: stale after %s: want 1s to 24h", c.Stale)
	case c.MaxRequests < shardCount:
		return c, fault.New(fault.Invalid, "simulator: %d requests remembered: want at least %d", c.MaxRequests, shardCount)
	case len(c.Institution) > 11 || !digits.Only(c.Institution):
		return c, fault.New(fault.Invalid, "simulator: institution %q: want 1 to 11 digits", c.Institution)
	}
	return c, c.Faults.check()
}

package switching

import (
	"context"
	"log/slog"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
	"treasury-switch/registry"
	"treasury-switch/switch/recorder"
	"treasury-switch/tariffs"
)

// Timers is the ladder of timeouts: each step gives up before the party that waits for it. All are measured on the
// monotonic clock.
type Timers struct {
	Network    time.Duration // wait for the network's answer; 25 s
	Switch     time.Duration // deadline for the answer to the terminal; 30 s, at least Network + 2 s
	Terminal   time.Duration // how long terminals wait; 40 s, at least Switch + 5 s
	SendBefore time.Duration // after the intent; nothing is sent later than that; 3 s
	InFlight   time.Duration // how long a message may travel in the network; 25 s
	Grace      time.Duration // after the deadline, before the sweep ends a payment without an outcome; 10 s
}

// DefaultTimers are the usual timers of card acquiring.
var DefaultTimers = Timers{
	Network: 25 * time.Second, Switch: 30 * time.Second, Terminal: 40 * time.Second,
	SendBefore: 3 * time.Second, InFlight: 25 * time.Second, Grace: 10 * time.Second,
}

// Check refuses a ladder in which a party gives up before the one it waits for. A short ladder, for tests and
// demonstrations, keeps the proportions.
func (t Timers) Check() error {
	switch {
	case t.SendBefore <= 0 || t.InFlight <= 0 || t.Grace <= 0 || t.Network <= 0:
		return fault.New(fault.Invalid, "every timer must be positive")
	case t.SendBefore >= t.Network:
		return fault.New(fault.Invalid, "send-before %s must be shorter than the network timer %s", t.SendBefore, t.Network)
	case t.Switch < t.Network+t.Network*2/25:
		return fault.New(fault.Invalid, "the switch timer %s must leave the network timer %s its answer (25 s need 27 s)", t.Switch, t.Network)
	case t.Terminal < t.Switch+t.Switch/6:
		return fault.New(fault.Invalid, "the terminal timer %s must outlast the switch timer %s (30 s need 35 s)", t.Terminal, t.Switch)
	}
	return nil
}

// Limits bounds the load on the switch.
type Limits struct {
	Amount   money.Rial // largest payment; above it the answer is 61
	InFlight int        // concurrent purchases; above it the answer is 91
	Forward  int        // queued reversals; near it new debits get 91, while reversals are still accepted
	Rejects  int        // hard rejects of a reversal before it goes to a person
}

// DefaultLimits suits one machine.
var DefaultLimits = Limits{Amount: money.MaxPayment, InFlight: 20_000, Forward: 100_000, Rejects: 3}

// Config configures a switch.
type Config struct {
	Timers   Timers
	Limits   Limits
	Forward  ForwardConfig
	Sweep    SweepConfig // DefaultSweep if zero
	DayReach int         // how many days the network's business day may differ from Tehran's date; ledger.DefaultReach if zero
}

// Serials allocates the day's serial numbers to an agency's payments; [payment.Numbers] implements it.
type Serials interface {
	// Next returns an unused number; fault.Unavailable if there is none at the moment.
	Next(ctx context.Context, agency int32, day calendar.Date, now time.Time) (int32, error)
}

// Vault seals card numbers under their day's key and makes keyed hashes; [pan.Vault] implements it.
type Vault interface {
	Digest(parts ...string) [16]byte
	Token(p identity.PAN) [16]byte
	Seal(ctx context.Context, day calendar.Date, p identity.PAN, bind []byte) ([]byte, error)
	Unseal(ctx context.Context, day calendar.Date, sealed, bind []byte) (identity.PAN, error)
	Prepare(ctx context.Context, day calendar.Date) error
	Refresh(ctx context.Context) error
	Past(ctx context.Context) ([]calendar.Date, error)
	DestroyDay(ctx context.Context, day calendar.Date) error
}

// Parts are the dependencies of a switch.
type Parts struct {
	Store     Store
	Recorder  recorder.Recording
	Numbers   Serials
	Vault     Vault
	Directory func() *registry.Directory
	Tariffs   func() *tariffs.Set
	Network   Network
	Observe   Observer
	Log       *slog.Logger
	Now       func() time.Time
}

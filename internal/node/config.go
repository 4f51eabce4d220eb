package node

import (
	"cmp"
	"log/slog"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/money"
	"treasury-switch/switch/recorder"

	switching "treasury-switch/switch"
)

// Config is what a node needs. Nothing in it is secret but the address of the database, which is never logged.
type Config struct {
	// DatabaseURL is the database's address; empty means the private PostgreSQL under Folder, which only Dev makes.
	DatabaseURL string
	// Folder is what TREASURY_VAR names: private PostgreSQL, master key, timelines seen, lock.
	Folder string
	// Dev migrates, makes the master key and loads the sample data where they are missing.
	Dev bool
	// Name tells nodes apart; a restart under the same name takes its lanes back at once.
	Name string
	// Version is what the program calls itself.
	Version string
	// MasterKeyFile wraps the keys of card numbers.
	MasterKeyFile string

	Terminals Listener
	Network   Links
	// HTTP is where browsers and portals connect, Admin where metrics and health are served.
	HTTP, Admin string

	Switch switching.Config
	Lanes  int
	// Lease is how long a lane's beat may be missing before its process is taken to have ended, Beat how often a lane
	// without work beats; zero means the default.
	Lease, Beat time.Duration
	// Patience is how long a payment may wait to be recorded before new ones are refused; zero means the default.
	Patience time.Duration

	// AcceptVolatile lets tests use a database without fsync. No setting of the program reaches it.
	AcceptVolatile bool

	// CommitAsk is how long a COMMIT may take before the node checks that its server is still the primary; zero means
	// the default.
	CommitAsk time.Duration
	// ClockSkew is how far this machine's clock may differ from the database's before operators are told; zero means
	// the default.
	ClockSkew time.Duration

	Log *slog.Logger
	// Now is this machine's own clock, which is compared with the database's and used for nothing else.
	Now func() time.Time
}

// defaultClockSkew is what a machine without NTP drifts in a few days.
const defaultClockSkew = 2 * time.Second

// Listener is where terminals connect.
type Listener struct {
	Address string
	Wire    Wire
	// Acquirer is used where F32 is absent, 1 to 11 digits. Acquirers are further codes that terminals may name there.
	Acquirer  string
	Acquirers []string
	// KeepAlive is true if frames of length zero are to be passed over.
	KeepAlive                            bool
	MaxConns, MaxPerAddress, MaxInFlight int
	IdleTimeout                          time.Duration
}

// Links are the connections to the card network.
type Links struct {
	// Addresses are the network's endpoints, the preferred one first; each link tries them in this order.
	Addresses []string
	// TestAddresses are the endpoints of the network that test payments go to. Without them test payments are answered 91,
	// except under Dev, where the network is a simulator and serves both books.
	TestAddresses []string
	Count         int
	Wire          Wire
	// Institution is our code (F33 of our 0800), Receiver the network's (F100).
	Institution, Receiver string
	// City is shown to cardholders behind the agency's name (F43).
	City         string
	EchoInterval time.Duration
	// KeepAlive is true if frames of length zero are to be passed over.
	KeepAlive   bool
	MaxInFlight int
	// SignOnWait is how long the start waits for a link before terminals are served; they would be answered 91.
	SignOnWait time.Duration
}

// check refuses what cannot work before anything is started (fault.Invalid).
func (c *Config) check() error {
	c.ClockSkew = cmp.Or(c.ClockSkew, defaultClockSkew)
	if c.ClockSkew < 0 || c.CommitAsk < 0 {
		return fault.New(fault.Invalid, "TREASURY_CLOCK_SKEW and TREASURY_COMMIT_ASK must be positive")
	}
	if c.Folder == "" || c.Name == "" || c.MasterKeyFile == "" {
		return fault.New(fault.Invalid, "a node needs a folder (TREASURY_VAR), a name and a master key file")
	}
	if err := c.Switch.Timers.Check(); err != nil {
		return fault.New(fault.Invalid, "the timers (TREASURY_TIMER_...) do not form a ladder: %w", err)
	}
	if err := recorder.CheckLease(cmp.Or(c.Lease, recorder.DefaultLease), cmp.Or(c.Beat, recorder.DefaultBeat)); err != nil {
		return fault.New(fault.Invalid, "TREASURY_LANE_LEASE and TREASURY_LANE_BEAT: %w", err)
	}
	if c.Switch.Limits.Amount < 1 || c.Switch.Limits.Amount > money.MaxPayment {
		return fault.New(fault.Invalid, "the largest payment is 1 to %s rial, the most that field 4 holds", money.MaxPayment.Grouped())
	}
	if len(c.Network.Addresses) == 0 || c.Network.Count < 1 || c.Network.Count > 64 {
		return fault.New(fault.Invalid, "the network needs an address (TREASURY_NETWORK) and 1 to 64 links")
	}
	if d := c.Network.Wire.Dialect; d != nil && !d.FitsCity(c.Network.City) {
		return fault.New(fault.Invalid, "the city %q (TREASURY_CITY) is too long for field 43, which holds 13 letters of it: name it in short", c.Network.City)
	}
	if c.Switch.DayReach < 0 || c.Switch.DayReach > recorder.MaxDayReach {
		return fault.New(fault.Invalid, "the network's business day is believed 1 to %d days around Tehran's date (TREASURY_DAY_REACH), not %d",
			recorder.MaxDayReach, c.Switch.DayReach)
	}
	if c.Switch.Limits.InFlight < 1 || c.Switch.Limits.Forward < 1 || c.Switch.Limits.Rejects < 1 {
		return fault.New(fault.Invalid, "every limit must be positive")
	}
	return nil
}

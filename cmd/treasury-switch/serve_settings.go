package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/node"
	"treasury-switch/iso"
	"treasury-switch/money"
	switching "treasury-switch/switch"
)

// serveSettings are the settings of a node. Their names, flags and defaults are defined here and nowhere else; a test
// holds the table in docs/operations.md against them.
type serveSettings struct {
	Node          string        `env:"TREASURY_NODE" placeholder:"NAME" help:"Name of this node, different from all others; the machine's name and a hash of the folder without it."`
	MasterKeyFile string        `env:"TREASURY_MASTER_KEY_FILE" placeholder:"FILE" help:"File of the master key of card numbers, 64 hex digits, mode 0600; master.key in --var without it."`
	Lanes         int           `env:"TREASURY_LANES" default:"1" help:"Recorders with a connection each, 1 to 4; one for every four processors. Default ${default}."`
	LaneLease     time.Duration `env:"TREASURY_LANE_LEASE" default:"30s" help:"How long a lane's beat may be missing before other nodes take its process to have ended, 2m at most; the same on all nodes. Default ${default}."`
	LaneBeat      time.Duration `env:"TREASURY_LANE_BEAT" default:"5s" help:"How often a lane without work beats, a third of the lease at most. Default ${default}."`

	HTTP  string `name:"http" env:"TREASURY_HTTP" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where browsers and portals connect. Default ${default}."`
	Admin string `env:"TREASURY_ADMIN" default:"127.0.0.1:9464" placeholder:"HOST:PORT" help:"Where metrics, health and live state are served, to operators only. Default ${default}."`

	CommitAsk time.Duration `env:"TREASURY_COMMIT_ASK" default:"15s" help:"How long a COMMIT may take before the present primary is asked whether it is still the one that is waited for. Default ${default}."`
	ClockSkew time.Duration `env:"TREASURY_CLOCK_SKEW" default:"2s" help:"By how much this machine's clock may differ from the database's before operators are told. Default ${default}."`

	Terminals terminalSettings `embed:""`
	Network   networkSettings  `embed:""`
	Timers    timerSettings    `embed:"" prefix:"timer-"`
	Limits    limitSettings    `embed:""`
	Forward   forwardSettings  `embed:"" prefix:"forward-"`
	Sweep     sweepSettings    `embed:"" prefix:"sweep-"`
}

// terminalSettings are those of the terminals' listener.
type terminalSettings struct {
	Terminals         string        `env:"TREASURY_TERMINALS" default:"127.0.0.1:8583" placeholder:"HOST:PORT" help:"Where terminals connect. Default ${default}."`
	Acquirer          string        `env:"TREASURY_ACQUIRER" default:"581672000" help:"Institution code of the acquirer, for messages without F32. Default ${default}."`
	Acquirers         []string      `env:"TREASURY_ACQUIRERS" placeholder:"CODE,..." help:"Further institution codes that terminals may name in F32; a terminal that names any other is answered 58."`
	TerminalConns     int           `env:"TREASURY_TERMINAL_CONNS" default:"4096" help:"Most connections of terminals. Default ${default}."`
	TerminalPerHost   int           `env:"TREASURY_TERMINAL_PER_HOST" default:"64" help:"Most connections from one address. Default ${default}."`
	TerminalPipelined int           `env:"TREASURY_TERMINAL_PIPELINED" default:"256" help:"Most messages in flight of one connection. Default ${default}."`
	TerminalIdle      time.Duration `env:"TREASURY_TERMINAL_IDLE" default:"5m" help:"When an idle connection is closed. Default ${default}."`
	TerminalKeepalive bool          `env:"TREASURY_TERMINAL_KEEPALIVE" help:"Take frames of length zero as a keep-alive; without it they close the connection."`
	TerminalWire      wireSettings  `embed:"" prefix:"terminal-" envprefix:"TREASURY_TERMINAL_"`
}

// networkSettings are those of the links to the card network.
type networkSettings struct {
	Network          []string      `env:"TREASURY_NETWORK" default:"127.0.0.1:8600" placeholder:"HOST:PORT,..." help:"The card network's endpoints, the preferred one first. Default ${default}."`
	TestNetwork      []string      `env:"TREASURY_TEST_NETWORK" placeholder:"HOST:PORT,..." help:"Endpoints of the network that payments of test terminals go to; without it they are answered 91, under --dev they go to --network."`
	Links            int           `env:"TREASURY_LINKS" default:"2" help:"Connections to the network. Default ${default}."`
	Institution      string        `env:"TREASURY_INSTITUTION" default:"581672001" help:"Our institution code as forwarder (F33). Default ${default}."`
	NetworkReceiver  string        `env:"TREASURY_NETWORK_RECEIVER" default:"999999" help:"Institution code of the network (F100). Default ${default}."`
	City             string        `env:"TREASURY_CITY" default:"تهران" help:"City shown to cardholders (F43). Default ${default}."`
	NetworkEcho      time.Duration `env:"TREASURY_NETWORK_ECHO" default:"30s" help:"Time between two echoes on a link. Default ${default}."`
	NetworkKeepalive bool          `env:"TREASURY_NETWORK_KEEPALIVE" default:"true" negatable:"" help:"Take frames of length zero as a keep-alive; without it they end the connection. Default ${default}."`
	NetworkInFlight  int           `env:"TREASURY_NETWORK_IN_FLIGHT" default:"4096" help:"Most requests of one link that wait for an answer. Default ${default}."`
	SignOnWait       time.Duration `env:"TREASURY_SIGN_ON_WAIT" default:"5s" help:"How long the start waits for a link before terminals are served. Default ${default}."`
	NetworkWire      wireSettings  `embed:"" prefix:"network-" envprefix:"TREASURY_NETWORK_"`
}

// timerSettings are the ladder of waits; it is checked at start.
type timerSettings struct {
	Network    time.Duration `env:"TREASURY_TIMER_NETWORK" default:"25s" help:"Wait for the network's answer. Default ${default}."`
	Switch     time.Duration `env:"TREASURY_TIMER_SWITCH" default:"30s" help:"Answer to the terminal at the latest, network + 8 %% at least. Default ${default}."`
	Terminal   time.Duration `env:"TREASURY_TIMER_TERMINAL" default:"40s" help:"How long terminals wait, switch + a sixth at least. Default ${default}."`
	SendBefore time.Duration `env:"TREASURY_TIMER_SEND_BEFORE" default:"3s" help:"After that nothing of a payment is sent any more. Default ${default}."`
	InFlight   time.Duration `env:"TREASURY_TIMER_IN_FLIGHT" default:"25s" help:"How long a message may travel in the network. Default ${default}."`
	Grace      time.Duration `env:"TREASURY_TIMER_GRACE" default:"10s" help:"After the deadline, before a payment without outcome is swept. Default ${default}."`
}

// limitSettings bound what the switch takes on.
type limitSettings struct {
	MaxAmount   string        `env:"TREASURY_MAX_AMOUNT" default:"999999999999" placeholder:"RIAL" help:"Largest payment; above it 61. Default ${default}."`
	MaxInFlight int           `env:"TREASURY_MAX_IN_FLIGHT" default:"20000" help:"Payments at once; above it 91. Default ${default}."`
	Patience    time.Duration `env:"TREASURY_PATIENCE" default:"400ms" help:"How long a payment may wait to be recorded before new ones are answered 91. Default ${default}."`
	MaxForward  int           `env:"TREASURY_MAX_FORWARD" default:"100000" help:"Queued reversals; near it new payments are answered 91. Default ${default}."`
	MaxRejects  int           `env:"TREASURY_MAX_REJECTS" default:"3" help:"Rejects of a reversal after which it becomes a case. Default ${default}."`
}

// forwardSettings pace the sending of reversals.
type forwardSettings struct {
	Workers int           `env:"TREASURY_FORWARD_WORKERS" default:"8" help:"Reversals under way at once. Default ${default}."`
	Rate    float64       `env:"TREASURY_FORWARD_RATE" default:"50" help:"Reversals started a second. Default ${default}."`
	First   time.Duration `env:"TREASURY_FORWARD_FIRST" default:"2s" help:"Pause after the first try; it doubles. Default ${default}."`
	Most    time.Duration `env:"TREASURY_FORWARD_MOST" default:"5m" help:"The longest pause. Default ${default}."`
}

// sweepSettings pace the search for payments without an outcome.
type sweepSettings struct {
	Every time.Duration `env:"TREASURY_SWEEP_EVERY" default:"5s" help:"Time between two looks for payments without an outcome. Default ${default}."`
	Again time.Duration `env:"TREASURY_SWEEP_AGAIN" default:"1h" help:"How long after that they are looked for again, and once more 24 times as long after. Default ${default}."`
}

// config makes the node's configuration, and says everything that is wrong with the files it names.
func (s *serveSettings) config(a *app) (node.Config, error) {
	limit, err := money.Parse(s.Limits.MaxAmount)
	if err != nil {
		return node.Config{}, fault.New(fault.Invalid, "the largest payment (TREASURY_MAX_AMOUNT): %w", err)
	}
	terminals, err := s.Terminals.TerminalWire.open(iso.TerminalDialect())
	if err != nil {
		return node.Config{}, err
	}
	network, err := s.Network.NetworkWire.open(iso.ShetabDialect())
	if err != nil {
		return node.Config{}, err
	}
	t, n := s.Terminals, s.Network
	c := node.Config{
		DatabaseURL: a.globals.DatabaseURL, Folder: a.globals.Var, Name: s.Node, Version: version,
		MasterKeyFile: s.MasterKeyFile, HTTP: s.HTTP, Admin: s.Admin, Lanes: s.Lanes, Lease: s.LaneLease, Beat: s.LaneBeat, ClockSkew: s.ClockSkew, CommitAsk: s.CommitAsk, Patience: s.Limits.Patience, Now: a.now,
		Terminals: node.Listener{Address: t.Terminals, Wire: terminals, Acquirer: t.Acquirer, Acquirers: t.Acquirers, KeepAlive: t.TerminalKeepalive, MaxConns: t.TerminalConns,
			MaxPerAddress: t.TerminalPerHost, MaxInFlight: t.TerminalPipelined, IdleTimeout: t.TerminalIdle},
		Network: node.Links{Addresses: n.Network, TestAddresses: n.TestNetwork, Count: n.Links, Wire: network,
			Institution: n.Institution, Receiver: n.NetworkReceiver, City: n.City, EchoInterval: n.NetworkEcho, KeepAlive: n.NetworkKeepalive,
			MaxInFlight: n.NetworkInFlight, SignOnWait: n.SignOnWait},
		Switch: s.rules(limit),
	}
	c.Switch.DayReach = a.globals.DayReach
	if c.MasterKeyFile == "" {
		c.MasterKeyFile = filepath.Join(c.Folder, "master.key")
	}
	if c.Name == "" {
		c.Name, err = nodeName(c.Folder)
	}
	return c, err
}

// rules are the settings of package switching.
func (s *serveSettings) rules(limit money.Rial) switching.Config {
	forward := switching.DefaultForward
	forward.Workers, forward.Rate, forward.First, forward.Most = s.Forward.Workers, s.Forward.Rate, s.Forward.First, s.Forward.Most
	forward.Answer = s.Timers.Network
	return switching.Config{
		Timers: switching.Timers(s.Timers), Forward: forward, Sweep: switching.SweepConfig(s.Sweep),
		Limits: switching.Limits{Amount: limit, InFlight: s.Limits.MaxInFlight, Forward: s.Limits.MaxForward, Rejects: s.Limits.MaxRejects},
	}
}

// nodeName is the same for every start in a folder of a machine, so that a restart takes its lanes back.
func nodeName(folder string) (string, error) {
	host, err := os.Hostname()
	if err != nil {
		return "", fault.New(fault.Invalid, "the machine has no name; name the node by TREASURY_NODE: %w", err)
	}
	path, err := filepath.Abs(folder)
	if err != nil {
		return "", fault.New(fault.Invalid, "the folder %s has no path; name the node by TREASURY_NODE: %w", folder, err)
	}
	sum := sha256.Sum256([]byte(path))
	return host + "-" + hex.EncodeToString(sum[:3]), nil
}

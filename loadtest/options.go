package main

import (
	"encoding/json"
	"strings"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/loadtest/traffic"
	"treasury-switch/simulator"
)

// options are the flags. docs/loadtest.md explains them.
type options struct {
	Rate        float64       `default:"500" help:"Payments a second. Default ${default}."`
	Duration    time.Duration `default:"30s" help:"Steady window; of --overload, each of its phases. Default ${default}."`
	RampUp      time.Duration `default:"5s" help:"Time in which the rate rises from zero. Default ${default}."`
	RampDown    time.Duration `default:"2s" help:"Time in which it falls to zero. Default ${default}."`
	Count       int64         `placeholder:"N" help:"End after so many payments, ramps included, if that comes first."`
	Poisson     bool          `help:"Payments arrive independently of each other instead of evenly spaced."`
	Seed        uint64        `default:"1" help:"Seed of everything that is drawn. Default ${default}."`
	Terminals   int           `default:"500" help:"Terminals, over all agencies that sell something. Default ${default}."`
	Connections int           `default:"64" help:"TCP connections that they share. Default ${default}."`
	Turn        time.Duration `default:"1ms" help:"How often the generator looks what is due; longer is cheaper, and adds to latencies. Default ${default}."`
	Scatter     bool          `help:"Choose the connection of every message anew, instead of one for all that are due in the same turn."`
	MaxInFlight int           `default:"50000" help:"Messages that may wait for answers; what is due beyond it counts as an error. Default ${default}."`

	Mix       string   `enum:"standard,plain,life" default:"standard" help:"What terminals do: ${enum}; the shares below change a part. Default ${default}."`
	Inquiries *float64 `placeholder:"PERCENT" help:"Tariff inquiries on top of the payments."`
	Repeats   *float64 `placeholder:"PERCENT" help:"Answered purchases that are sent again (0201)."`
	Reversals *float64 `placeholder:"PERCENT" help:"Approved purchases that are reversed (0400)."`
	Echoes    *float64 `placeholder:"PERCENT" help:"Echoes (0800) on top of the payments."`
	Declines  *float64 `placeholder:"PERCENT" help:"Cards that are declined."`
	Silent    *float64 `placeholder:"PERCENT" help:"Cards that the network does not answer, or too late."`
	Faults    string   `placeholder:"JSON" help:"Faults of the simulator during the load, as its control port takes them (docs/sandbox.md)."`
	Timers    string   `enum:"field,short" default:"field" help:"Waits of terminals and of a staged switch: ${enum}. Default ${default}."`

	FindMax      bool          `help:"Search the highest rate with p99 below --p99, no error and nothing shed."`
	P99          time.Duration `name:"p99" default:"100ms" help:"Limit of --find-max. Default ${default}."`
	StepDuration time.Duration `default:"10s" help:"Steady window of a step of --find-max. Default ${default}."`
	FindFrom     float64       `default:"200" help:"Rate of the first step. Default ${default}."`
	Overload     bool          `help:"Three phases: --rate, --factor times as much, --rate again."`
	Factor       float64       `default:"2" help:"Load of the second phase. Default ${default}."`
	Soak         bool          `help:"Kill the switch at intervals (SIGKILL) and start it again."`
	KillEvery    time.Duration `default:"20s" help:"Interval of the kills. Default ${default}."`

	To               string `placeholder:"HOST:PORT" help:"Drive a switch that runs, instead of starting everything. It needs the next three."`
	SimulatorControl string `placeholder:"URL" help:"The simulator's control port."`
	Admin            string `placeholder:"URL" help:"The switch's admin port."`
	DatabaseURL      string `name:"database-url" env:"DATABASE_URL" placeholder:"URL" help:"The switch's database; what is started uses it instead of a private PostgreSQL."`
	SwitchPID        int    `name:"switch-pid" placeholder:"PID" help:"With --to: the switch, to see its memory and CPU in /proc."`
	SimulatorPID     int    `name:"simulator-pid" placeholder:"PID" help:"With --to: the simulator."`
	Var              string `placeholder:"FOLDER" help:"Folder of what is started; a temporary one, removed afterwards, without it. With --to: that of a switch with a private PostgreSQL."`
	Keep             bool   `help:"Do not remove the temporary folder."`
	SwitchFlags      string `placeholder:"FLAGS" help:"More flags of the switch that is started, with spaces between."`
	SimulatorFlags   string `placeholder:"FLAGS" help:"More flags of the simulator that is started."`
	NoCheck          bool   `help:"Leave out the invariants and the comparison of the records."`

	CPUProfile string `name:"cpu-profile" placeholder:"FILE" help:"Write a CPU profile of the generator (go tool pprof)."`

	JSON string `name:"json" placeholder:"FILE" help:"Write the result as JSON; - is standard output, with everything else on standard error."`
	HTML string `name:"html" default:"out/loadtest.html" placeholder:"FILE" help:"Write the result as a page; empty for none. Default ${default}."`
}

// mix is the named mix with the parts that flags change.
func (o *options) mix() traffic.Mix {
	m := traffic.Mixes[o.Mix]
	for _, part := range []struct {
		flag *float64
		into *float64
	}{{o.Inquiries, &m.Inquiries}, {o.Repeats, &m.Repeats}, {o.Reversals, &m.Reversals}, {o.Echoes, &m.Echoes},
		{o.Declines, &m.Declines}, {o.Silent, &m.Silent}} {
		if part.flag != nil {
			*part.into = *part.flag
		}
	}
	return m
}

// faults are those of the simulator while the load runs.
func (o *options) faults() (simulator.Faults, error) {
	var f simulator.Faults
	if o.Faults == "" {
		return f, nil
	}
	decoder := json.NewDecoder(strings.NewReader(o.Faults))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return f, fault.New(fault.Invalid, "--faults: %w", err)
	}
	return f, nil
}

// mode is the name of what is done.
func (o *options) mode() string {
	switch {
	case o.FindMax:
		return "find-max"
	case o.Overload:
		return "overload"
	case o.Soak:
		return "soak"
	}
	return "load"
}

// check refuses flags that make no sense (fault.Invalid).
func (o *options) check() error {
	modes := 0
	for _, on := range []bool{o.FindMax, o.Overload, o.Soak} {
		if on {
			modes++
		}
	}
	for _, c := range []struct {
		holds bool
		says  string
	}{
		{modes <= 1, "only one of --find-max, --overload and --soak is possible"},
		{o.Rate > 0 && o.Rate <= 100_000, "--rate is above 0, at most 100000"},
		{o.Duration >= time.Second && o.StepDuration >= time.Second, "--duration and --step-duration are at least 1s"},
		{o.RampUp >= 0 && o.RampDown >= 0, "ramps are not negative"},
		{o.Terminals >= 1 && o.Terminals <= maxTerminals, "--terminals is 1 to 50000"},
		{o.Connections >= 1 && o.Connections <= 4096, "--connections is 1 to 4096"},
		{o.Turn >= 100*time.Microsecond && o.Turn <= 100*time.Millisecond, "--turn is 100us to 100ms"},
		{o.MaxInFlight >= 1, "--max-in-flight is at least 1"},
		{o.Factor > 1 && o.Factor <= 100, "--factor is above 1, at most 100"},
		{o.FindFrom > 0 && o.P99 > 0, "--find-from and --p99 are above 0"},
		{o.KillEvery >= time.Second, "--kill-every is at least 1s"},
		{!o.Soak || o.To == "", "--soak needs a switch that it may kill, so it does not go with --to"},
		{o.To == "" || o.SimulatorControl != "" && o.Admin != "" && (o.DatabaseURL != "" || o.Var != ""),
			"--to needs --simulator-control, --admin, and --database-url or the --var of a switch with a private PostgreSQL"},
	} {
		if !c.holds {
			return fault.New(fault.Invalid, "%s", c.says)
		}
	}
	if _, err := o.faults(); err != nil {
		return err
	}
	return o.mix().Check()
}

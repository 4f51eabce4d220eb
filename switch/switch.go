package switching

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// Switch takes requests of the channels and messages of the network, decides, and records. It is safe for concurrent
// use.
type Switch struct {
	cfg Config
	Parts

	flights    flights
	seen       seen
	unended    unended
	found      atomic.Int64 // payments without an outcome, since the last report
	searched   searching
	offers     atomic.Pointer[offers]
	days       *recorder.Days
	applier    *recorder.Applier
	queued     atomic.Int64 // reversals in the store-and-forward queue
	wake       chan struct{}
	looking    chan struct{} // slots for look-ups by field 90
	lookingFor sync.Map      // terminals with a look-up running, one each
	strays     chan struct{} // slots for answers that wait to be recorded as evidence after their payment's outcome
	inFlight   chan struct{}
	work       inHand
}

// New makes a switch. It checks the timer ladder, so that a wrong one stops the program at its start.
func New(cfg Config, parts Parts) (*Switch, error) {
	if err := cfg.Timers.Check(); err != nil {
		return nil, err
	}
	if cfg.Limits.InFlight < 1 || cfg.Limits.Forward < 1 || cfg.Limits.Rejects < 1 || cfg.Limits.Amount < 1 {
		return nil, fault.New(fault.Invalid, "every limit must be positive")
	}
	if cfg.Sweep == (SweepConfig{}) {
		cfg.Sweep = DefaultSweep
	}
	if cfg.Sweep.Every <= 0 || cfg.Sweep.Again <= 0 {
		return nil, fault.New(fault.Invalid, "the periods of sweeping must be positive")
	}
	if cfg.DayReach == 0 {
		cfg.DayReach = ledger.DefaultReach
	}
	if cfg.DayReach < 1 || cfg.DayReach > recorder.MaxDayReach {
		return nil, fault.New(fault.Invalid, "the network's business day is believed 1 to %d days around Tehran's date", recorder.MaxDayReach)
	}
	s := &Switch{cfg: cfg, Parts: parts, wake: make(chan struct{}, 1), looking: make(chan struct{}, lookUps), strays: make(chan struct{}, strayLimit), inFlight: make(chan struct{}, cfg.Limits.InFlight)}
	s.flights.all = map[payment.Key]*flight{}
	s.days = &recorder.Days{Tables: s.Store, Reach: cfg.DayReach, Alarm: s.Observe.Alarm, Log: s.Log, Now: s.Now}
	s.applier = &recorder.Applier{Recorder: s.Recorder, Reads: s.Store, Days: s.days, InFlight: cfg.Timers.InFlight, Now: s.Now, Written: s.written}
	return s, nil
}

// Drain waits until nothing is in flight or ctx ends, and hands over the payments that then have no outcome. The
// caller must have stopped new requests; messages of the network are still taken.
func (s *Switch) Drain(ctx context.Context) error {
	select {
	case <-s.work.nothing():
		return s.handOver()
	case <-ctx.Done():
		return errors.Join(fault.New(fault.Unknown, "payments were still in flight: %w", ctx.Err()), s.handOver())
	}
}

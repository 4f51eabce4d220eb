package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"treasury-switch/internal/stage"
)

// The short ladder of timers of the demonstration. The late card is silent for longer than the switch waits.
var timers = []string{"--timer-network=3s", "--timer-switch=4s", "--timer-terminal=6s", "--timer-send-before=1500ms",
	"--timer-in-flight=2s", "--timer-grace=1s"}

const (
	terminalTimer = 6 * time.Second
	late          = 5 * time.Second
)

// scene is what the demonstration has started, and by which settings.
type scene struct {
	options
	*stage.Stage
}

// start brings everything up. The scene is to be stopped in any case.
func start(ctx context.Context, o options) (*scene, error) {
	s := &scene{options: o, Stage: &stage.Stage{}}
	if err := s.portsAreFree(ctx); err != nil {
		return s, err
	}
	programs, err := stage.Beside()
	if err != nil {
		return s, err
	}
	s.Stage, err = stage.Start(ctx, stage.Settings{
		Programs: programs, Var: o.Var, DatabaseURL: o.DatabaseURL, Logs: "demo", Terminals: o.Terminals, HTTP: o.HTTP, Admin: o.Admin,
		Network: o.Network, Faults: o.Faults, SwitchFlags: timers, SimulatorFlags: []string{"--late=" + late.String()}, Say: say,
	})
	return s, err
}

// control is the address of the simulator's control port.
func (s *scene) control() string { return "http://" + s.options.Faults }

// portsAreFree returns an error that names the taken address and the setting for another.
func (s *scene) portsAreFree(ctx context.Context) error {
	var config net.ListenConfig
	for _, one := range []struct{ what, address, setting string }{
		{"terminals", s.options.Terminals, "TREASURY_TERMINALS"}, {"the simulator", s.options.Network, "TREASURY_NETWORK"},
		{"the simulator's faults", s.options.Faults, "TREASURY_FAULTS"}, {"HTTP", s.options.HTTP, "TREASURY_HTTP"},
		{"metrics and health", s.options.Admin, "TREASURY_ADMIN"},
	} {
		listener, err := config.Listen(ctx, "tcp", one.address)
		if err == nil {
			err = listener.Close()
		}
		if errors.Is(err, syscall.EADDRINUSE) {
			return fmt.Errorf("%s, wanted for %s, is taken: stop what uses it, or choose another address: make demo %s=127.0.0.1:PORT",
				one.address, one.what, one.setting)
		}
		if err != nil {
			return fmt.Errorf("listening for %s on %s is not possible (%s chooses another address): %w", one.what, one.address, one.setting, err)
		}
	}
	return nil
}

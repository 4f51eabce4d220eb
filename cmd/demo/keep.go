package main

import (
	"context"
	"strings"
)

// keep stays up until a signal comes. Its last line announces that everything is up, for programs that wait for it.
func (s *scene) keep(ctx context.Context) {
	bin := s.Programs.Path("treasury-switch")
	say("\nThings to try from another shell:")
	say("  1. Pay for a passport, and look at what was recorded (the answer's F48 has the tracking code, TRK):")
	say("     %s send%s --terminal 10100001 --service PASSPORT --pan 6037990000000014", bin, s.unless("--to", s.options.Terminals, "127.0.0.1:8583"))
	say("     %s payment show%s TRACKING", bin, s.where())
	say("  2. Let the network lose every answer, pay again, and see the reversal go through; then make it well again:")
	say("     curl -d '{\"drop\":100,\"on\":\"purchases\"}' http://%s/faults", s.options.Faults)
	say("     curl -d '{}' http://%s/faults", s.options.Faults)
	say("  3. Look at the books, and hold the invariants over them:")
	say("     %s ledger statement%s R-101-140101-01", bin, s.where())
	say("     %s check%s", bin, s.where())
	say("INT or TERM stops everything, PostgreSQL included.")
	say("ready: terminals %s simulator %s faults %s http %s metrics %s", s.options.Terminals, s.options.Network, s.options.Faults, s.options.HTTP, s.options.Admin)
	select {
	case <-ctx.Done():
	case <-s.Switch.Ended():
		say("The switch has ended by itself; see %s.", s.SwitchLog())
	}
}

// unless is the flag that a command needs where a setting is not the default.
func (s *scene) unless(flag, value, usual string) string {
	if value == usual {
		return ""
	}
	return " " + flag + " " + value
}

// where is the flag by which an operator's command finds the database.
func (s *scene) where() string {
	if s.options.DatabaseURL != "" {
		return "" // It is in the environment, or was given with a password that is not to be shown.
	}
	return s.unless("--var", strings.TrimSuffix(s.options.Var, "/"), "./var")
}

package main

import (
	"github.com/alecthomas/kong"

	"treasury-switch/ledger"
	"treasury-switch/registry"
)

// commands is the grammar of the command line.
type commands struct {
	Globals globals          `embed:""`
	Version kong.VersionFlag `help:"Print the version and end."`

	Serve     serveCmd     `cmd:"" help:"Run the switch."`
	Migrate   migrateCmd   `cmd:"" help:"Bring the database's schema up to this program."`
	Check     checkCmd     `cmd:"" help:"Hold the invariants over every payment and journal."`
	Links     linksCmd     `cmd:"" help:"What is connected to a running switch: network links and terminals."`
	Top       topCmd       `cmd:"" help:"What a running switch does, drawn anew every second."`
	Payment   paymentCmd   `cmd:"" help:"Look up a payment."`
	Cases     casesCmd     `cmd:"" help:"Payments that need a person; two of them decide."`
	Ledger    ledgerCmd    `cmd:"" help:"Trial balance and statements."`
	Day       dayCmd       `cmd:"" help:"Business days."`
	Agencies  agenciesCmd  `cmd:"" help:"Agencies that sell services."`
	Services  servicesCmd  `cmd:"" help:"Services that are paid for."`
	Terminals terminalsCmd `cmd:"" help:"Terminals that ask for payments."`
	Accounts  accountsCmd  `cmd:"" help:"Accounts of the ledger; changes need a second person."`
	Tariffs   tariffsCmd   `cmd:"" help:"Tariffs: from files to prices, by two persons."`
	Send      sendCmd      `cmd:"" help:"Send a message as a terminal would, and print the answer."`
}

// stateOf is the state that a command of this name gives an entry.
var stateOf = map[string]ledger.State{"freeze": ledger.Frozen, "reopen": ledger.Open, "close": ledger.Closed}

// actOf is the act that a command of this name asks a second person for.
var actOf = map[string]registry.Act{"reopen": registry.ReopenAccount, "close": registry.CloseAccount}

// bind gives the chosen command what its name means.
func bind(chosen *kong.Context) {
	name := chosen.Selected().Name
	chosen.Bind(stateOf[name], actOf[name])
}

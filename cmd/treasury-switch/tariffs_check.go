package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/registry"
	"treasury-switch/tariffs"
)

// tariffCheckCmd reads files and keeps nothing.
type tariffCheckCmd struct {
	Files []string `arg:"" name:"file" help:"YAML files, one service a document."`
}

// Help is the example of the command.
func (tariffCheckCmd) Help() string {
	return `Every fault of every file is a line "file:line: what is wrong" on standard error, as editors read it; then the exit code is 65.
It also tells where tariffs of the files could not come into force beside each other: where they overlap, and where requests would
be left without a price because decided_by changes. Whether accounts and services exist is seen by import.

Example:
  treasury-switch tariffs check examples/tariffs/1405/*.yaml`
}

// checkedTariffs is what check prints for programs.
type checkedTariffs struct {
	Tariffs int           `json:"tariffs"`
	Faults  []tariffFault `json:"faults"`
	// Gaps are the days between the tariffs of a service that have none.
	Gaps []tariffs.Gap `json:"gaps"`
}

type tariffFault struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Text string `json:"text"`
}

// Run reads the files and tells their faults.
func (c *tariffCheckCmd) Run(_ context.Context, a *app) error {
	versions, err := tariffs.CheckFiles(c.Files...)
	var faults tariffs.FileFaults
	if err != nil && !errors.As(err, &faults) {
		return err
	}
	result := checkedTariffs{Tariffs: len(versions), Faults: []tariffFault{}, Gaps: []tariffs.Gap{}}
	for _, f := range faults {
		result.Faults = append(result.Faults, tariffFault(f))
	}
	if len(faults) == 0 {
		if result.Gaps, err = gapsBetween(versions); err != nil {
			return err
		}
	}
	return a.printChecked(result, len(c.Files))
}

// gapsBetween finds the days between the tariffs of a service that have none: nothing is wrong with them, and nobody can pay
// on them.
func gapsBetween(versions []tariffs.Version) ([]tariffs.Gap, error) {
	set, err := tariffs.NewSet(versions)
	if err != nil {
		return nil, err
	}
	gaps := []tariffs.Gap{}
	for _, service := range set.Services() {
		for _, g := range set.Gaps(service) {
			if !g.Until.IsZero() {
				gaps = append(gaps, g)
			}
		}
	}
	return gaps, nil
}

func (a *app) printChecked(result checkedTariffs, files int) error {
	if a.globals.JSON {
		if err := a.printJSON(result); err != nil {
			return err
		}
	}
	for _, f := range result.Faults {
		if !a.globals.JSON {
			fmt.Fprintln(a.err, tariffs.FileFault(f).Error())
		}
	}
	switch {
	case len(result.Faults) > 0:
		return outcome(exitOfKind[fault.Invalid])
	case !a.globals.JSON:
		a.say("Nothing is wrong with %d tariffs in %d files.", result.Tariffs, files)
		a.printGaps(result.Gaps)
	}
	return nil
}

// registered refuses tariffs of services, for agencies or with accounts that do not exist: a mistyped account is told when
// it is entered, not when money should reach it. All that is missing is told together.
func registered(ctx context.Context, db registry.DB, versions []tariffs.Version) error {
	lists, err := registry.Load(ctx, db)
	if err != nil {
		return err
	}
	var missing []string
	miss := func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !slices.Contains(missing, text) {
			missing = append(missing, text)
		}
	}
	for i := range versions {
		v := &versions[i]
		switch s, found := lists.Service(v.Service); {
		case !found:
			miss("%s: there is no such service; see treasury-switch services add", v.Service)
		case s.Agency != v.Agency:
			miss("%s: agency %d sells this service, not %d", v.Service, s.Agency, v.Agency)
		}
		for _, code := range beneficiaries(v) {
			switch account, found := lists.Account(ledger.Live, code); {
			case !found:
				miss("%s: there is no account %s; see treasury-switch accounts add", v.Service, code)
			case account.State == ledger.Closed:
				miss("%s: account %s is closed", v.Service, code)
			}
		}
	}
	if len(missing) > 0 {
		return fault.New(fault.Invalid, "%s", strings.Join(missing, "\n"))
	}
	return nil
}

// beneficiaries lists the accounts that a tariff names.
func beneficiaries(v *tariffs.Version) []string {
	var codes []string
	for i := range v.Components {
		for _, p := range v.Components[i].Shares {
			codes = append(codes, p.Account)
		}
	}
	for _, s := range v.Sharing {
		for _, p := range s.Shares {
			codes = append(codes, p.Account)
		}
	}
	return codes
}

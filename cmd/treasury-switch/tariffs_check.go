package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
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
It also tells where tariffs of the files overlap. Whether accounts and services exist is seen by import.

Example:
  treasury-switch tariffs check examples/tariffs/1405/*.yaml`
}

// checkedTariffs is what check prints for programs.
type checkedTariffs struct {
	Tariffs int           `json:"tariffs"`
	Faults  []tariffFault `json:"faults"`
}

type tariffFault struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Text string `json:"text"`
}

// Run reads the files and tells their faults.
func (c *tariffCheckCmd) Run(_ context.Context, a *app) error {
	result := checkedTariffs{Faults: []tariffFault{}}
	var all []placed
	for _, file := range c.Files {
		text, err := readBounded(file)
		if err != nil {
			return err
		}
		versions, err := tariffs.Parse(file, text)
		var faults tariffs.FileFaults
		if errors.As(err, &faults) {
			for _, f := range faults {
				result.Faults = append(result.Faults, tariffFault(f))
			}
		}
		all = append(all, place(file, text, versions)...)
	}
	result.Tariffs = len(all)
	result.Faults = append(result.Faults, clashes(all)...)
	return a.printChecked(result, len(c.Files))
}

// placed is a version with the place in a file that it came from.
type placed struct {
	tariffs.Version
	file string
	line int
}

// serviceKey begins the line by which a version is found in its file: each document has it once.
var serviceKey = regexp.MustCompile(`(?m)^["']?service["']?\s*:`)

// place finds the lines of a file's versions.
func place(file string, text []byte, versions []tariffs.Version) []placed {
	keys := serviceKey.FindAllIndex(text, -1)
	all := make([]placed, len(versions))
	for i, v := range versions {
		all[i] = placed{v, file, 1}
		if len(keys) == len(versions) {
			all[i].line += bytes.Count(text[:keys[i][0]], []byte("\n"))
		}
	}
	return all
}

// clashes tells where tariffs of the files could not come into force beside each other. An open one ends where the next of
// its service begins.
func clashes(all []placed) []tariffFault {
	var found []tariffFault
	slices.SortStableFunc(all, func(a, b placed) int {
		return cmp.Or(strings.Compare(a.Service, b.Service), cmp.Compare(a.From, b.From))
	})
	for i, reach := 1, 0; i < len(all); i++ {
		before, after := &all[reach], &all[i]
		same := before.Service == after.Service
		switch {
		case same && before.Agency != after.Agency:
			found = append(found, after.fault("agency %d sells it here, and %d in %s", after.Agency, before.Agency, before.file))
		case same && (before.From == after.From || before.Until > after.From):
			found = append(found, after.fault("overlaps the tariff from %s in %s", before.From.JalaliString(), before.file))
		}
		if !same || before.Until.IsZero() || after.Until.IsZero() || after.Until > before.Until {
			reach = i
		}
	}
	return found
}

func (p *placed) fault(format string, args ...any) tariffFault {
	return tariffFault{p.file, p.line, fmt.Sprintf("%s from %s: ", p.Service, p.From.JalaliString()) + fmt.Sprintf(format, args...)}
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
	}
	return nil
}

// mostOfFile bounds what is read of a file: one byte more than a tariff file may have, so that a longer one is told.
const mostOfFile = 16<<20 + 1

func readBounded(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fault.New(fault.NotFound, "read tariffs: %w", err)
	}
	defer f.Close() // It was only read.
	text, err := io.ReadAll(io.LimitReader(f, mostOfFile))
	if err != nil {
		return nil, fault.New(fault.NotFound, "read tariffs: %w", err)
	}
	return text, nil
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

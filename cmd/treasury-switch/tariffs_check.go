package main

import (
	"context"
	"errors"
	"fmt"

	"treasury-switch/internal/fault"
	"treasury-switch/tariffs"
)

// tariffCheckCmd reads files and keeps nothing.
type tariffCheckCmd struct {
	Files []string `arg:"" name:"file" help:"YAML files, one service a document."`
}

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
		set, err := tariffs.NewSet(versions)
		if err != nil {
			return err
		}
		result.Gaps = set.GapsBetween()
	}
	return a.printChecked(result, len(c.Files))
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

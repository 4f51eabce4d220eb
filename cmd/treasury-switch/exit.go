package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"treasury-switch/internal/fault"
)

// Exit codes beside those of faults.
const (
	exitDone     = 0
	exitViolated = 1  // check: an invariant does not hold
	exitDeclined = 2  // send: the answer's F39 is not 00
	exitNoAnswer = 3  // send: no answer came in time
	exitMisused  = 64 // the command line makes no sense (EX_USAGE of sysexits.h)
)

// exitOfKind says with which code the program ends on a fault. The numbers are those of sysexits.h where it has one of that
// meaning, so that scripts can tell "ask again" from "asking again does not help".
var exitOfKind = map[fault.Kind]int{
	fault.Invalid:     65, // EX_DATAERR
	fault.NotFound:    66, // EX_NOINPUT
	fault.Unavailable: 69, // EX_UNAVAILABLE: certainly not done, try again
	fault.Bug:         70, // EX_SOFTWARE
	fault.Conflict:    73, // EX_CANTCREAT: what is there already is different
	fault.Unknown:     75, // EX_TEMPFAIL: may have been done, look before trying again
	fault.Denied:      77, // EX_NOPERM
}

// outcome is an end that is no fault: a decline, a violated invariant. What there is to say has been printed.
type outcome int

func (o outcome) Error() string { return fmt.Sprintf("exit code %d", int(o)) }

// fail prints an error in one sentence and returns its exit code.
func fail(w io.Writer, err error) int {
	var o outcome
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &o):
		return int(o)
	}
	fmt.Fprintf(w, "treasury-switch: %s\n", strings.TrimSpace(err.Error()))
	return exitCode(err)
}

// exitCode is the code of an error by its kind. The table is total: a test ranges over all kinds.
func exitCode(err error) int {
	if code, ok := exitOfKind[fault.KindOf(err)]; ok {
		return code
	}
	return exitOfKind[fault.Bug]
}

// misused prints what is wrong with the command line.
func misused(w io.Writer, err error) int {
	fmt.Fprintf(w, "treasury-switch: %v\nSee `treasury-switch --help`.\n", err)
	return exitMisused
}

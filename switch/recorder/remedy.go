package recorder

import (
	"errors"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/internal/rowcopy"
)

var (
	errClosing = fault.New(fault.Unavailable, "the switch is stopping")
	errDown    = fault.New(fault.Unavailable, "the database is down")
	// errFenced: another node has taken the lane over.
	errFenced = errors.New("another node has taken this lane over")
	// errStale: something was closed since the lane last looked, or the lane was taken over.
	errStale = errors.New("an account or a day was closed meanwhile, or the lane taken over")
)

// lost marks an error after which the connection is useless.
type lost struct{ error }

func (l lost) Unwrap() error { return l.error }

// orLost wraps an error outside a group's own statements: the connection is given up, unless another one would fail
// in the same way.
func orLost(err error) error {
	if postgres.Wrong(err) {
		return err
	}
	return lost{err}
}

// remedy is what to do about a failed group.
type remedy uint8

const (
	reconnect      remedy = iota // the connection is gone or its outcome unknown
	repeatable                   // the same group again: serialization, deadlock, lock timeout
	overtaken                    // a member's row exists already: look up whose it is, then again
	spoiled                      // one member broke a rule: split
	fencedOff                    // the lane belongs to another node now
	wrongStatement               // the statement itself is wrong: repeating it or reconnecting does not help
)

// classify maps the errors of a group by SQLSTATE class (PostgreSQL, appendix A). An unknown class is treated like a
// lost connection: the next connection reads what was written.
func classify(err error) remedy {
	switch {
	case errors.Is(err, errFenced):
		return fencedOff
	case errors.Is(err, errStale):
		return repeatable
	case errors.Is(err, errNoTrace):
		return spoiled
	}
	var gone lost
	if errors.As(err, &gone) {
		return reconnect
	}
	switch state := postgres.State(err); {
	case postgres.Wrong(err):
		return wrongStatement
	case state == postgres.UniqueViolation, state == "XX000": // some distributed databases report the second for the first
		return overtaken
	case state == postgres.SerialFailure, state == postgres.Deadlock, state == postgres.LockNotAvailable:
		return repeatable
	case postgres.Refused(err):
		return spoiled
	}
	return reconnect
}

// lockedOut reports whether a statement has reached the lock timeout.
func lockedOut(err error) bool { return postgres.State(err) == postgres.LockNotAvailable }

// lockedByOthers reports whether a row of a group is locked, other than that of its lane, which every group writes.
func lockedByOthers(err error) bool {
	var refused *rowcopy.Refusal
	return lockedOut(err) && !(errors.As(err, &refused) && refused.Statement == "fence")
}

func unavailable(err error) error {
	return fault.New(fault.Unavailable, "record in the database: %w", err)
}

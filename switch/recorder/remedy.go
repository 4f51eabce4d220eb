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
	// errFenced says that another node has taken the lane over.
	errFenced = errors.New("another node has taken this lane over")
	// errStale says that something was closed since the lane last looked, or that the lane was taken over.
	errStale = errors.New("an account or a day was closed meanwhile, or the lane taken over")
)

// lost marks an error after which the connection is of no use.
type lost struct{ error }

func (l lost) Unwrap() error { return l.error }

// orLost is an error outside a group's own statements: the connection is given up for it,
// unless another one would bring the same.
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
	overtaken                    // somebody was first with a row of a member: look who, then again
	spoiled                      // one member broke a rule: split
	fencedOff                    // the lane belongs to somebody else now
	wrongStatement               // the statement itself is wrong, which no repetition and no other connection cures
)

// classify sorts the errors of a group by SQLSTATE class (PostgreSQL, appendix
// A). An error of no known class is treated like a lost connection: a new one
// finds out what is there.
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
	case state == postgres.UniqueViolation, state == "XX000": // the second is what a distributed database says for the first
		return overtaken
	case state == postgres.SerialFailure, state == postgres.Deadlock, state == postgres.LockNotAvailable:
		return repeatable
	case postgres.Refused(err):
		return spoiled
	}
	return reconnect
}

// lockedOut says that a statement has waited for a lock as long as it may.
func lockedOut(err error) bool { return postgres.State(err) == postgres.LockNotAvailable }

// lockedByOthers says that a row of a group is locked; not that of its lane, which all of them write.
func lockedByOthers(err error) bool {
	var refused *rowcopy.Refusal
	return lockedOut(err) && !(errors.As(err, &refused) && refused.Statement == "fence")
}

func unavailable(err error) error {
	return fault.New(fault.Unavailable, "record in the database: %w", err)
}

package switching

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"treasury-switch/internal/fault"
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
	var pg *pgconn.PgError
	if errors.As(err, &pg) && bug(pg.Code) {
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
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return reconnect
	}
	switch {
	case bug(pg.Code):
		return wrongStatement
	case pg.Code == "23505", pg.Code == "XX000": // the second is what a distributed database says for the first
		return overtaken
	case pg.Code == "40001", pg.Code == "40P01", pg.Code == lockNotAvailable:
		return repeatable
	case strings.HasPrefix(pg.Code, "22"), strings.HasPrefix(pg.Code, "23"):
		return spoiled
	}
	return reconnect
}

// bug says that the server does not know how to do what it is asked, does not know what is
// named, or does not permit it: feature_not_supported, and class 42.
func bug(state string) bool { return state == "0A000" || strings.HasPrefix(state, "42") }

// SQLSTATEs that are told from others of their class.
const (
	divisionByZero   = "22012"
	queryCanceled    = "57014" // a statement was ended from outside
	lockNotAvailable = "55P03"
	checkViolation   = "23514"
)

// lockedOut says that a statement has waited for a lock as long as it may.
func lockedOut(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == lockNotAvailable
}

// lockedByOthers says that a row of a group is locked; not that of its lane, which all of them write.
func lockedByOthers(err error) bool {
	var refused *rowcopy.Refusal
	return lockedOut(err) && !(errors.As(err, &refused) && refused.Statement == "fence")
}

// tooLong says that a statement was ended by its limit in time.
func tooLong(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == queryCanceled
}

func unavailable(err error) error {
	return fault.New(fault.Unavailable, "record in the database: %w", err)
}

package postgres

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"treasury-switch/internal/fault"
)

// SQLSTATEs that are told from others of their class (PostgreSQL, appendix A).
const (
	DivisionByZero   = "22012"
	UniqueViolation  = "23505"
	Overlap          = "23P01" // exclusion_violation
	CheckViolation   = "23514"
	SerialFailure    = "40001"
	Deadlock         = "40P01"
	LockNotAvailable = "55P03"
	QueryCanceled    = "57014" // a statement was ended from outside
)

// State is the SQLSTATE of what the server said; "" if an error is not of its saying.
func State(err error) string {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return ""
	}
	return pg.Code
}

// Refused reports whether a row was refused for its content: a value that cannot be (class 22), or a rule of its table (class 23).
func Refused(err error) bool {
	state := State(err)
	return strings.HasPrefix(state, "22") || strings.HasPrefix(state, "23")
}

// Wrong reports whether the server does not know how to do what it was asked, does not know what is named, or does not permit it:
// feature_not_supported, and class 42. No repetition and no other connection cures it.
func Wrong(err error) bool {
	state := State(err)
	return state == "0A000" || strings.HasPrefix(state, "42")
}

// Failed wraps an error of a statement before COMMIT with what was being done, and gives it its kind. A broken rule of the schema is told as
// what it is; everything else is certainly not done, and may be asked again.
func Failed(doing string, err error) error {
	switch state := State(err); {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return fault.New(fault.NotFound, "%s: not found", doing)
	case state == UniqueViolation:
		return fault.New(fault.Conflict, "%s: it is there already: %w", doing, err)
	case state == Overlap:
		return fault.New(fault.Conflict, "%s: it overlaps with what is there: %w", doing, err)
	case strings.HasPrefix(state, "23"):
		return fault.New(fault.Invalid, "%s: %w", doing, err)
	}
	return fault.New(fault.Unavailable, "%s: %w", doing, err)
}
